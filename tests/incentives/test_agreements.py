"""The signed agreement of an award: sent by either side, asked for before anything is due."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction

from incentives import services
from incentives.choices import StepKind
from incentives.models import Agreement, ApplicationStep, Award, Instalment
from lib.identifiers import uuid7
from parks.choices import Role
from parks.services.files import UnacceptableFile
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, acting_as, pdf
from tests.incentives.pages import address, problems_of
from tests.incentives.test_awards import approved, notify, steps_of
from tests.incentives.test_payments import TODAY, confirm, instalments
from tests.incentives.test_permissions import has_an_interest, works_there
from tests.incentives.test_reminders import texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def side(scene):
    """A park whose programme asks for an agreement, without a notice."""
    notify(scene.ours, days=0, is_agreement_asked=True)
    return scene.ours


@pytest.fixture
def award(side):
    return approved(side)


def agree(side, award, member=None, **changes):
    given = {"upload": pdf("agreement"), "signed_on": TODAY, **changes}
    with acting_as(member or side.staff[Role.FINANCE_OFFICER]) as actor:
        found = Award.objects.select_related("application").get(pk=award.pk)
        return services.attach_agreement(actor, found, **given, now=NOW)


def vouch(member, agreement):
    with acting_as(member) as actor:
        found = Agreement.objects.select_related("award__application").get(pk=agreement.pk)
        return services.confirm_agreement(actor, found, now=NOW)


def step_letters(award):
    """What the worker writes of the last step."""
    with park_scope(award.park_id):
        step = ApplicationStep.objects.filter(application=award.application_id).order_by("at", "id").last()
        services.write_step_mails(step.pk)


def test_nothing_is_due_before_the_agreement(side, award):
    (first,) = instalments(award)
    with pytest.raises(services.AgreementMissing):
        confirm(side, first)
    agreement = agree(side, award)
    assert (agreement.signed_on, agreement.is_by_official, agreement.content_type) == (TODAY, True, "application/pdf")
    assert confirm(side, first).state == "due"
    assert steps_of(award)[-1] == StepKind.AGREED


def make_due_by_hand_is_refused(side, award):
    officer = side.staff[Role.FINANCE_OFFICER]
    with acting_as(officer), pytest.raises(IntegrityError, match="before the agreement"), transaction.atomic():
        Instalment.objects.filter(award=award).update(
            state="due", confirmed_by=officer.user, confirmed_by_name="x", confirmed_at=NOW, evidence="x"
        )


def test_database_lets_nothing_be_due_without_it(side, award):
    make_due_by_hand_is_refused(side, award)


@pytest.mark.parametrize("role", [Role.OWNER, Role.CERTIFIER])
def test_what_the_enterprise_sends_opens_nothing_before_the_park_confirms_it(side, award, role):
    (first,) = instalments(award)
    kept = agree(side, award, side.firm.people[role])
    assert (kept.is_by_official, kept.confirmed_at) == (False, None)
    with pytest.raises(services.AgreementMissing):
        confirm(side, first)
    make_due_by_hand_is_refused(side, award)
    officer = side.staff[Role.REVIEWER]
    confirmed = vouch(officer, kept)
    assert (confirmed.confirmed_by_id, confirmed.confirmed_at) == (officer.user_id, NOW)
    assert confirm(side, first).state == "due"


@pytest.mark.parametrize("tie", [has_an_interest, works_there])
def test_official_with_a_tie_vouches_for_no_agreement(side, award, tie, client_of):
    """Whether decided on the application or not: money is paid on what is vouched for."""
    kept = agree(side, award, side.firm.people[Role.OWNER])
    words = "You belong to this enterprise or have declared an interest in it, so a colleague must do this."
    for role in (Role.FINANCE_OFFICER, Role.REVIEWER):
        officer = side.staff[role]
        tie(side, officer.user)
        with pytest.raises(services.NotAllowed, match=words):
            vouch(officer, kept)
        with pytest.raises(services.NotAllowed, match=words):
            agree(side, award, officer, upload=pdf(f"by {role}"))
        shown = client_of(officer).get(address("award_detail", award_id=award.pk)).content.decode()
        assert words in shown
        assert "Confirm the agreement" not in shown
        assert address("agreement_attach", award_id=award.pk) not in shown
    with park_scope(side.park.pk):
        assert list(Agreement.objects.values_list("confirmed_at", "is_by_official")) == [(None, False)]
    assert vouch(side.staff[Role.PARK_ADMINISTRATOR], kept).confirmed_at == NOW


def test_enterprise_is_told_what_its_agreement_waits_for_and_that_it_counts(side, award):
    def told(kind):
        return {text.split("\n")[0] for text in texts(kind)}, len(texts(kind))

    kept = agree(side, award, side.firm.people[Role.OWNER])
    step_letters(award)
    (text,), many = told("agreement_sent")
    assert (text.endswith("It counts when an official has confirmed it; you will be told."), many) == (True, 3)
    assert told("agreed") == (set(), 0)
    vouch(side.staff[Role.FINANCE_OFFICER], kept)
    assert steps_of(award)[-2:] == [StepKind.AGREED, StepKind.AGREEMENT_CONFIRMED]
    step_letters(award)
    (text,), many = told("agreement_confirmed")
    assert (text.startswith("The park has confirmed the signed agreement on the award for"), many) == (True, 3)
    agree(side, award, upload=pdf("ours"))
    step_letters(award)
    (text,), many = told("agreed")
    assert (text.endswith("is kept with the award."), many) == (True, 3)


def test_agreement_is_confirmed_once_and_never_that_of_an_official(side, award):
    officer = side.staff[Role.FINANCE_OFFICER]
    kept = agree(side, award, side.firm.people[Role.OWNER])
    vouch(officer, kept)
    for row in (kept, agree(side, award, upload=pdf("ours"))):
        with pytest.raises(services.StateChanged):
            vouch(officer, row)


def test_only_officials_who_deal_with_awards_confirm(side, award):
    kept = agree(side, award, side.firm.people[Role.OWNER])
    for member in (side.firm.people[Role.OWNER], side.staff[Role.AUDITOR], side.staff[Role.EXPERT]):
        with pytest.raises(services.NotAllowed):
            vouch(member, kept)


def test_database_confirms_in_the_name_of_an_official_only(side, award):
    """Neither when it is added, nor in the name of somebody else, nor once more."""
    kept = agree(side, award, side.firm.people[Role.OWNER])
    officer, other = side.staff[Role.FINANCE_OFFICER], side.staff[Role.REVIEWER]
    named = {"confirmed_by": other.user, "confirmed_by_name": "x", "confirmed_at": NOW}
    with acting_as(officer), pytest.raises(IntegrityError, match="in their own name"), transaction.atomic():
        Agreement.objects.filter(pk=kept.pk).update(**named)
    with acting_as(side.firm.people[Role.OWNER]), transaction.atomic():
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Agreement.objects.filter(pk=kept.pk).update(**named)
        for name, value in {"pk": uuid7(), **named}.items():
            setattr(kept, name, value)
        with pytest.raises(IntegrityError, match="in their own name"), transaction.atomic():
            kept.save(force_insert=True)
    with park_scope(side.park.pk):
        kept = Agreement.objects.get()
    vouch(other, kept)
    with acting_as(other), pytest.raises(IntegrityError, match="confirmed once"), transaction.atomic():
        Agreement.objects.filter(pk=kept.pk).update(confirmed_at=NOW + timedelta(days=1))


def test_each_side_has_room_of_its_own(side, award, monkeypatch):
    monkeypatch.setattr("incentives.services.agreements.MOST_AGREEMENTS", 2)
    owner = side.firm.people[Role.OWNER]
    for text in ("one", "two"):
        agree(side, award, owner, upload=pdf(text))
    with pytest.raises(UnacceptableFile, match="at most 2"):
        agree(side, award, owner, upload=pdf("three"))
    assert agree(side, award, upload=pdf("the park's")).is_by_official is True


def test_others_send_none(side, award):
    for member in (side.firm.people[Role.APPLICANT], side.staff[Role.AUDITOR], side.staff[Role.EXPERT]):
        with pytest.raises(services.NotAllowed):
            agree(side, award, member)
    with pytest.raises(Award.DoesNotExist):
        agree(side, award, side.neighbour.people[Role.OWNER])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"signed_on": TODAY + timedelta(days=1)}, services.Invalid),
        ({"signed_on": TODAY - timedelta(days=1)}, services.Invalid),
        ({"signed_on": date(1, 1, 1)}, services.Invalid),
        ({"upload": SimpleUploadedFile("agreement.pdf", b"MZ not a document")}, UnacceptableFile),
    ],
)
def test_agreement_is_a_paper_of_the_past(side, award, changes, refusal):
    with pytest.raises(refusal):
        agree(side, award, **changes)


def test_same_file_is_kept_once_and_a_later_one_beside_it(side, award):
    agree(side, award)
    with pytest.raises(UnacceptableFile):
        agree(side, award)
    agree(side, award, upload=pdf("second"))
    with park_scope(side.park.pk):
        assert Agreement.objects.count() == 2


def test_agreement_is_of_an_award_that_stands(scene):
    notify(scene.ours)
    award = approved(scene.ours)
    with pytest.raises(services.StateChanged):
        agree(scene.ours, award)


def test_agreement_stays_as_it_is_in_the_name_of_who_sent_it(side, award):
    kept = agree(side, award)
    for member in (side.staff[Role.FINANCE_OFFICER], side.firm.people[Role.OWNER]):
        with acting_as(member), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Agreement.objects.update(signed_on=TODAY)
    other = person(Role.FINANCE_OFFICER, side.park)
    with acting_as(other), pytest.raises(IntegrityError, match="in the name of"), transaction.atomic():
        kept.pk = uuid7()
        kept.save(force_insert=True)


def test_both_sides_attach_and_read_it_on_their_pages(side, award, client_of):
    owner, officer = client_of(side.firm.people[Role.OWNER]), client_of(side.staff[Role.FINANCE_OFFICER])
    own = address("application_detail", application_id=award.application_id)
    assert "Asked for before the first payment" in owner.get(own).content.decode()
    page = address("agreement_attach", award_id=award.pk)
    assert problems_of(owner.post(page, {"signed_on": "2026-11-04"}).context["form"])["upload"]
    assert owner.post(page, {"upload": pdf("a"), "signed_on": "2026-11-04"}).url == own
    with park_scope(side.park.pk):
        kept = Agreement.objects.get()
    shown = officer.get(address("award_detail", award_id=award.pk)).content.decode()
    assert kept.name in shown
    assert "Confirm the agreement" in shown
    assert "Confirm the agreement" not in owner.get(own).content.decode()
    assert officer.post(address("agreement_confirm", agreement_id=kept.pk)).status_code == 302
    confirmed = officer.get(address("award_detail", award_id=award.pk)).content.decode()
    assert re.search(rf"confirmed [^·]{{6,90}} by {side.staff[Role.FINANCE_OFFICER].user.name}", confirmed)
    content = officer.get(address("agreement_download", agreement_id=kept.pk))
    assert hashlib.sha256(b"".join(content.streaming_content)).hexdigest() == kept.sha256
    neighbour = client_of(side.neighbour.people[Role.OWNER])
    assert neighbour.get(address("agreement_download", agreement_id=kept.pk)).status_code == 404
