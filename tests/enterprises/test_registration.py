"""What a person at the door of a park may do with the draft of a registration, also twice and at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from enterprises.calculations import normalised_code
from enterprises.choices import RegistrationState
from enterprises.models import Registration
from enterprises.services import registration as services
from enterprises.services import registration_papers
from enterprises.services.registration_check import doubts_code
from enterprises.services.registration_ground import Invalid, NotAllowed, StateChanged
from lib.refusals import Refusal
from parks.services.files import UnacceptableFile
from tenancy.scopes import park_scope
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    EARLY_CODE,
    NOW,
    PDF,
    SITE,
    acting_as,
    attach,
    begin,
    complete,
    missing_of,
    save,
    steps_of,
    stored,
    submit,
    withdraw,
)
from tests.factories.people import ParkFactory, UserFactory

pytestmark = pytest.mark.django_db
RACING = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区")


def test_beginning_again_leads_to_the_same_draft(park, lin):
    draft = begin(park, lin)

    assert begin(park, lin).pk == draft.pk
    assert (draft.state, draft.registrant_name, draft.revision) == (RegistrationState.DRAFT, "Lin Yue", 0)


def test_draft_is_ones_own_in_each_park(park, lin):
    other_park, other_person = ParkFactory(), UserFactory()

    drafts = {begin(park, lin).pk, begin(other_park, lin).pk, begin(park, other_person).pk}

    assert len(drafts) == 3


def test_sixth_open_registration_is_refused(park, lin):
    for _number in range(services.MOST_OPEN):
        submit(park, lin, complete(park, lin))

    with pytest.raises(services.TooMany) as refused:
        begin(park, lin)

    assert refused.value.code == "too_many_registrations"


def test_decided_registrations_do_not_count(park, lin):
    for _number in range(services.MOST_OPEN):
        withdraw(park, lin, begin(park, lin))

    assert begin(park, lin).state == RegistrationState.DRAFT


def test_drafts_are_not_begun_and_withdrawn_without_end(park, lin, monkeypatch):
    monkeypatch.setattr(services, "MOST_A_DAY", 2)
    for _number in range(2):
        withdraw(park, lin, begin(park, lin))

    with pytest.raises(services.TooMany):
        begin(park, lin)
    with acting_as(park, lin) as registrant:
        tomorrow = services.begin_registration(registrant, now=NOW + timedelta(days=1))
    assert tomorrow.state == RegistrationState.DRAFT


@pytest.mark.parametrize(("limit", "removed"), [("MOST_PAPERS", False), ("MOST_UPLOADS", True)])
def test_files_are_not_sent_without_end(park, lin, monkeypatch, limit, removed):
    monkeypatch.setattr(registration_papers, limit, 2)
    draft = begin(park, lin)
    for number in range(2):
        paper = attach(park, lin, draft, body=PDF + str(number).encode())
        if removed:
            with acting_as(park, lin) as registrant:
                registration_papers.remove_registration_paper(registrant, paper, now=NOW)

    with pytest.raises(UnacceptableFile):
        attach(park, lin, draft, body=PDF + b"last")


def test_person_attaches_so_many_bytes_a_day_over_all_drafts_and_parks(park, lin, monkeypatch):
    monkeypatch.setattr(registration_papers, "MOST_BYTES_A_DAY", 2 * len(PDF) + 20)
    draft, elsewhere = begin(park, lin), ParkFactory()
    attach(park, lin, draft, body=PDF)
    other = begin(elsewhere, lin)
    attach(elsewhere, lin, other, body=PDF + b"2")

    with pytest.raises(UnacceptableFile, match="which is the limit") as refused:
        attach(park, lin, begin(park, lin), body=PDF + b"3")
    assert refused.value.field == "upload"
    someone = UserFactory()
    assert attach(park, someone, begin(park, someone), body=PDF + b"3").name


def test_officials_see_no_draft(park, lin):
    draft = complete(park, lin)

    with park_scope(park.pk):
        assert not Registration.objects.filter(pk=draft.pk).exists()


def test_saving_keeps_answers_and_counts(park, lin):
    draft = begin(park, lin)
    later = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)

    save(park, lin, draft, now=later, name_zh="新港", sites=[SITE])

    kept = stored(park, lin, draft)
    assert (kept.name_zh, kept.sites, kept.revision, kept.saved_at) == ("新港", [SITE], 1, later)


def test_saving_the_same_again_changes_nothing(park, lin):
    draft = begin(park, lin, name_zh="新港")

    again = save(park, lin, draft, revision=0, name_zh="新港")

    assert again.revision == 1


def test_second_window_does_not_overwrite_unseen(park, lin):
    draft = begin(park, lin, name_zh="新港")

    with pytest.raises(services.ChangedMeanwhile) as refused:
        save(park, lin, draft, revision=0, name_zh="新港机械")

    assert refused.value.current.name_zh == "新港"
    assert stored(park, lin, draft).name_zh == "新港"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"website": "not an address"}, "website"),
        ({"contact_email": "lin"}, "contact_email"),
        ({"registered_capital": -1}, "registered_capital"),
        ({"name_zh": "厦" * 201}, "name_zh"),
        ({"kind": "bakery"}, "kind"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_value_that_cannot_be_kept_is_refused(park, lin, answers, field):
    with pytest.raises(Invalid) as refused:
        begin(park, lin, **answers)

    assert refused.value.field == field


def test_unknown_answer_is_a_bug(park, lin):
    with pytest.raises(TypeError, match="state"):
        begin(park, lin, state="approved")


def test_nobody_else_saves_it(park, lin):
    draft, other = begin(park, lin), UserFactory()

    with pytest.raises(Registration.DoesNotExist):
        save(park, other, draft, name_zh="夺取")


def test_registrant_of_another_name_is_refused_even_in_the_right_scope(park, lin):
    draft = begin(park, lin)

    with acting_as(park, lin) as registrant, pytest.raises(NotAllowed):
        other = type(registrant)(registrant.user_id + 1, "Somebody", park.pk)
        services.save_registration(other, draft, answers={"name_zh": "夺取"}, expected_revision=0, now=NOW)


SPACES = st.sampled_from(["", " ", "-", "  ", "\u3000", "·", "\u2013", "\t"])


@given(gaps=st.lists(SPACES, min_size=18, max_size=18), lower=st.booleans(), wide=st.booleans())
def test_code_is_the_same_however_it_is_typed(gaps, lower, wide):
    typed = "".join(gap + letter for gap, letter in zip(gaps, CODE, strict=True))
    typed = typed.lower() if lower else typed
    wider = {ord(letter): ord(letter) + 0xFEE0 for letter in typed if "!" <= letter <= "~"}

    assert normalised_code(typed.translate(wider) if wide else typed) == CODE


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
def test_code_is_asked_about_once_at_most_and_never_refused_for_its_check_character(code):
    region = code[:2] + "350200" + code[8:]
    draft = Registration(**{**ANSWERS, "credit_code": region})
    draft.kept = []

    asked = [field for field in missing_of(draft) if field in {"credit_code", "is_code_confirmed"}]
    draft.is_code_confirmed = True
    left = [field for field in missing_of(draft) if field in {"credit_code", "is_code_confirmed"}]

    assert asked == (["is_code_confirmed"] if doubts_code(draft) else [])
    assert left == []


@pytest.mark.parametrize("code", [EARLY_CODE, "91350211M0000XUF46", "91350203M0001FUE2P"])
def test_early_code_is_confirmed_by_hand_and_filed(park, lin, code):
    draft = complete(park, lin, credit_code=code)
    assert missing_of(draft) == ["is_code_confirmed"]

    confirmed = save(park, lin, draft, is_code_confirmed=True)

    assert submit(park, lin, confirmed).state == RegistrationState.SUBMITTED


def test_confirmation_is_for_the_code_that_was_compared(park, lin):
    draft = begin(park, lin, credit_code=EARLY_CODE, is_code_confirmed=True)

    changed = save(park, lin, draft, credit_code="91350211M0000XUF46", is_code_confirmed=True)

    assert (changed.credit_code, changed.is_code_confirmed) == ("91350211M0000XUF46", False)


@pytest.mark.parametrize(
    ("code", "asked"),
    [("", ["credit_code"]), ("9135", ["credit_code"]), ("91350200MA2YJ1XR9O", ["credit_code"]), (CODE, [])],
)
def test_half_a_code_is_kept_and_asked_about(park, lin, code, asked):
    draft = stored(park, lin, begin(park, lin, **{**ANSWERS, "credit_code": code}))

    assert draft.credit_code == code
    assert [field for field in missing_of(draft) if field == "credit_code"] == asked


def test_filed_registration_is_not_changed(park, lin):
    filed = submit(park, lin, complete(park, lin))

    with pytest.raises(StateChanged):
        save(park, lin, filed, name_zh="别的")
    with pytest.raises(StateChanged):
        attach(park, lin, filed, body=b"%PDF-1.4\nother")


def test_draft_is_withdrawn_without_a_trace_for_the_park(park, lin):
    draft = begin(park, lin, name_zh="新港")

    assert withdraw(park, lin, draft).state == RegistrationState.WITHDRAWN
    assert withdraw(park, lin, draft).state == RegistrationState.WITHDRAWN
    assert steps_of(park, lin, draft) == []


def test_filed_registration_is_withdrawn_with_its_reason(park, lin):
    filed = submit(park, lin, complete(park, lin))

    gone = withdraw(park, lin, filed, reason="Filed twice.")

    assert (gone.state, gone.due_at) == (RegistrationState.WITHDRAWN, None)
    assert steps_of(park, lin, filed)[-1] == ("withdrawn", "Lin Yue", "Filed twice.")


def test_decided_registration_is_not_withdrawn(park, lin):
    filed = submit(park, lin, complete(park, lin))
    with park_scope(park.pk):
        found = Registration.objects.get(pk=filed.pk)
        found.state, found.decided_at = "rejected", NOW
        found.save(update_fields=["state", "decided_at"])

    with pytest.raises(StateChanged):
        withdraw(park, lin, filed)


def at_once(*acts):
    """Run the acts together, each with a connection of its own; answer what each returned or was refused with."""
    start = Barrier(len(acts))

    def run(act):
        start.wait(timeout=20)
        try:
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@RACING
def test_two_clicks_begin_one_draft(park, lin):
    answers = at_once(*[lambda: begin(park, lin).pk] * 4)

    assert len(set(answers)) == 1


@RACING
def test_two_clicks_file_once(park, lin):
    draft = complete(park, lin)

    answers = at_once(*[lambda: submit(park, lin, draft, expected_revision=draft.revision).number] * 4)

    assert len(set(answers)) == 1
    assert len(steps_of(park, lin, draft)) == 1


@RACING
def test_two_windows_save_one_after_the_other(park, lin):
    draft = begin(park, lin)

    answers = at_once(
        lambda: save(park, lin, draft, name_zh="第一").name_zh, lambda: save(park, lin, draft, name_zh="第二").name_zh
    )

    assert "changed_meanwhile" in answers
    assert stored(park, lin, draft).name_zh in answers
