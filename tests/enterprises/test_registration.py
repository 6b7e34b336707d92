"""What a person at the door of a park may do with their registration, and what they learn by it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import OutgoingMail
from enterprises.calculations import normalised_code
from enterprises.choices import RegistrationState
from enterprises.models import Registration, RegistrationStep
from enterprises.queries.registrations import begun_registrations
from enterprises.services import registration as services
from enterprises.services import registration_papers
from enterprises.services.registration_check import check_registration, doubts_code
from enterprises.services.registration_ground import FIELDS, Invalid, NotAllowed, StateChanged, shown_value
from enterprises.services.registration_mail import write_registration_mails, write_resume_mail
from lib.refusals import Refusal
from parks.choices import Role
from parks.services.files import UnacceptableFile
from tenancy.scopes import Author, login_scope, park_scope
from tests.clients import run_outbox
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    EARLY_CODE,
    NOW,
    PDF,
    SITE,
    TODAY,
    acting_as,
    attach,
    begin,
    complete,
    give_back,
    stored,
    submit,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db
RACING = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区")


@pytest.fixture
def lin():
    return UserFactory(name="Lin Yue", email="lin@example.com")


def missing_of(registration, today=TODAY):
    return [entry.field for entry in check_registration(registration, today)]


def save(park, user, draft, revision=None, now=NOW, **answers):
    with acting_as(park, user) as registrant:
        expected = draft.revision if revision is None else revision
        return services.save_registration(registrant, draft, answers=answers, expected_revision=expected, now=now)


def withdraw(park, user, registration, reason=""):
    with acting_as(park, user) as registrant:
        return services.withdraw_registration(registrant, registration, reason=reason, now=NOW)


def steps_of(park, user, registration):
    with acting_as(park, user):
        rows = RegistrationStep.objects.filter(registration=registration)
        return [(step.kind, step.by_name, step.comment) for step in rows]


# begin


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


def test_officials_see_no_draft(park, lin):
    draft = complete(park, lin)

    with park_scope(park.pk):
        assert not Registration.objects.filter(pk=draft.pk).exists()


# save


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


# the code


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


# what is missing


def test_empty_draft_lacks_what_every_enterprise_has(park, lin):
    assert missing_of(stored(park, lin, begin(park, lin))) == [
        "credit_code",
        "name_zh",
        "legal_representative",
        "address",
        "industry_code",
        "industry_zh",
        "sites",
        "contact_name",
        "contact_phone",
        "contact_email",
        "paper_business_licence",
        "paper_authorisation",
    ]


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, []),
        ({"is_legal_representative": False}, ["paper_authorisation"]),
        ({"established_on": date(2026, 11, 21)}, ["established_on"]),
        ({"established_on": TODAY}, []),
        ({"industry_zh": "", "industry_en": "Machines"}, []),
        ({"sites": [SITE, {**SITE, "name": "", "address": ""}]}, ["sites", "sites"]),
    ],
)
def test_what_stands_in_the_way_of_filing(park, lin, changes, asked):
    assert missing_of(complete(park, lin, **changes)) == asked


def test_incomplete_draft_is_not_filed(park, lin):
    draft = begin(park, lin, name_zh="新港")

    with pytest.raises(services.Incomplete) as refused:
        submit(park, lin, draft)

    assert len(refused.value.missing) == 11
    assert stored(park, lin, draft).state == RegistrationState.DRAFT


# file


def test_filing_gives_a_receipt_and_a_day(park, lin):
    filed = submit(park, lin, complete(park, lin))

    assert filed.state == RegistrationState.SUBMITTED
    assert re.fullmatch(r"R-[0-9A-Z]{4}-[0-9A-Z]{4}", filed.number)
    assert filed.due_at.isoformat() == "2026-11-27T23:59:59.999999+08:00"
    assert (filed.round, filed.submitted_at) == (1, NOW)
    assert steps_of(park, lin, filed) == [("submitted", "Lin Yue", "")]


def test_due_day_is_counted_on_the_park_s_calendar(lin):
    """Friday 17:00 UTC is Saturday in China and still Friday in London."""
    evening = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    due = {}
    for zone in ("Asia/Shanghai", "Europe/London"):
        park = ParkFactory(time_zone=zone)
        due[zone] = submit(park, lin, complete(park, lin), now=evening).due_at.isoformat()

    assert due == {
        "Asia/Shanghai": "2026-11-27T23:59:59.999999+08:00",
        "Europe/London": "2026-11-27T23:59:59.999999+00:00",
    }


def test_filing_twice_answers_the_same_receipt(park, lin):
    draft = complete(park, lin)
    first = submit(park, lin, draft, expected_revision=draft.revision)

    second = submit(park, lin, draft, expected_revision=draft.revision)

    assert (second.number, second.round) == (first.number, 1)
    assert len(steps_of(park, lin, draft)) == 1


def test_what_was_not_read_is_not_filed(park, lin):
    draft = complete(park, lin)

    with pytest.raises(services.ChangedMeanwhile):
        submit(park, lin, draft, expected_revision=draft.revision - 1)


def test_code_that_is_registered_already_is_filed_like_any_other(park, lin):
    """Who registers learns nothing of it: the same receipt, the same words."""
    with park_scope(park.pk):
        EnterpriseFactory(park=park, credit_code=CODE)
    other = UserFactory()
    submit(park, other, complete(park, other))

    filed = submit(park, lin, complete(park, lin))

    assert filed.state == RegistrationState.SUBMITTED


def test_returned_registration_is_filed_again_under_its_number(park, lin):
    filed = submit(park, lin, complete(park, lin))
    returned = give_back(park, filed)
    corrected = save(park, lin, returned, address="厦门市湖里区 2 号")

    again = submit(park, lin, corrected)

    assert (again.number, again.round, again.submitted_at) == (filed.number, 2, filed.submitted_at)
    assert [kind for kind, _by, _comment in steps_of(park, lin, filed)] == ["submitted", "returned", "resubmitted"]


def test_late_second_click_does_not_file_what_was_returned(park, lin):
    draft = complete(park, lin)
    filed = submit(park, lin, draft, expected_revision=draft.revision)
    give_back(park, filed)

    with pytest.raises(services.ChangedMeanwhile):
        submit(park, lin, draft, expected_revision=draft.revision)


def test_filed_registration_is_not_changed(park, lin):
    filed = submit(park, lin, complete(park, lin))

    with pytest.raises(StateChanged):
        save(park, lin, filed, name_zh="别的")
    with pytest.raises(StateChanged):
        attach(park, lin, filed, body=b"%PDF-1.4\nother")


# withdraw


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


# two at once


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


# what is told


def mails(**wanted):
    return sorted(
        (mail.address, mail.subject, mail.url)
        for mail in OutgoingMail.objects.filter(key__startswith="enterprises.registration", **wanted)
    )


def test_first_save_mails_the_way_back_once(park, lin):
    draft = begin(park, lin, name_zh="新港")
    save(park, lin, draft, name_zh="新港机械")
    run_outbox()
    with login_scope(Author()):
        write_resume_mail(park_id=park.pk, registration_id=draft.pk, registrant_id=lin.pk)

    assert mails() == [("lin@example.com", "Your registration is kept", f"/parks/{park.slug}/register/{draft.pk}/")]


def test_begun_and_left_is_not_mailed_about(park, lin):
    begin(park, lin)
    run_outbox()

    assert mails() == []


def test_filing_is_told_to_both_sides_once(park, lin):
    registrars = [person(Role.REVIEWER, park), person(Role.PARK_ADMINISTRATOR, park)]
    person(Role.APPROVER, park)
    filed = submit(park, lin, complete(park, lin))
    run_outbox()
    with park_scope(park.pk):
        write_registration_mails(RegistrationStep.objects.get(registration=filed).pk)

    waits = f"Registration {filed.number} waits for its check"
    assert [mail for mail in mails() if mail[1] != "Your registration is kept"] == sorted(
        [
            (
                "lin@example.com",
                f"Registration {filed.number} was received",
                f"/parks/{park.slug}/register/{filed.pk}/",
            ),
            *[(found.user.email, waits, f"/registrations/{filed.pk}/") for found in registrars],
        ]
    )


def test_official_who_registers_is_not_asked_to_check_it(park):
    official = person(Role.REVIEWER, park)
    filed = submit(park, official.user, complete(park, official.user))
    run_outbox()

    assert [subject for _to, subject, _url in mails() if "waits" in subject] == []
    assert filed.registrant_id == official.user_id


def test_withdrawal_is_told_to_the_registrars(park, lin):
    reviewer = person(Role.REVIEWER, park)
    filed = submit(park, lin, complete(park, lin))
    withdraw(park, lin, filed, reason="Filed twice.")
    run_outbox()

    assert (reviewer.user.email, f"Registration {filed.number} was withdrawn", f"/registrations/{filed.pk}/") in mails()
    assert [subject for _to, subject, _url in mails() if "waits" in subject] == [], "nothing waits any more"


def test_letters_speak_the_language_of_their_reader(park):
    reader = UserFactory(language="zh-hans")
    begin(park, reader, name_zh="新港")
    run_outbox()

    assert [mail.recipient_id for mail in OutgoingMail.objects.filter(key__contains="registration_begun")] == [
        reader.pk
    ]


# before a park is chosen


def test_begun_registrations_are_found_without_a_place(park, lin):
    draft, other = begin(park, lin, name_zh="新港", name_en="Newport"), ParkFactory()
    begin(other, lin)
    begin(park, UserFactory(), name_zh="别人")

    found = {(row.park.pk, row.id, row.state, row.name) for row in begun_registrations(lin.pk)}

    assert {row[:2] for row in found} == {(park.pk, draft.pk), (other.pk, begin(other, lin).pk)}
    assert (park.pk, draft.pk, RegistrationState.DRAFT, "Newport") in found


# shown to officials


def test_every_field_is_shown_as_one_reads_it(park, lin):
    draft = complete(park, lin, registered_capital=12_000_000, employees=2300, established_on=date(2019, 4, 2))

    shown = {field: shown_value(draft, field) for field in FIELDS}

    assert {name: value for name, value in shown.items() if name not in ANSWERS} == {
        "name_en": "",
        "kind": "Manufacturer",
        "established_on": "2019-04-02",
        "registered_capital": "¥12,000,000.00",
        "capital_currency": "Chinese yuan (CNY)",
        "industry_en": "",
        "employees": "2,300",
        "website": "",
        "energy_contact_name": "",
        "energy_contact_phone": "",
        "energy_contact_email": "",
        "paper_business_licence": "licence.pdf",
        "paper_authorisation": "",
        "paper_certificate": "",
        "paper_other": "",
    }
    assert shown["sites"] == "Works 1 · Torch Road 1 · 1,200 m² · Production"
