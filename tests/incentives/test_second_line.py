"""Ties that were cut just before the decision, and what the database refuses whatever code writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from enterprises.models import DeclaredInterest
from enterprises.permissions import COOLING_OFF
from incentives import services
from incentives.choices import Outcome, Stage, StepKind
from incentives.models import Application, ApplicationDocument, ApplicationStep, Programme, Review
from incentives.permissions import explain_no_decision
from parks.choices import Role
from tenancy.scopes import Author, enterprise_scope, park_scope
from tests.factories.filing import attach
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, fill

pytestmark = pytest.mark.django_db


def why_not(side, application) -> str:
    with acting_as(side.staff[Role.APPROVER]) as actor:
        return explain_no_decision(actor, application, Stage.DECISION)


def test_who_signed_for_the_enterprise_does_not_decide_after_leaving_it(scene):
    side, firm = scene.ours, scene.ours.firm
    approver = side.staff[Role.APPROVER]
    second = person(Role.CERTIFIER, side.park, firm.enterprise.pk, user=approver.user)
    application = fill(firm)
    with acting_as(second) as actor:
        services.submit_application(
            actor, application, expected_revision=application.revision, statement_accepted=True, now=NOW
        )
    # As if the membership had ended long before the application was started, and only the signature were left.
    second.is_active, second.ended_at = False, timezone.now() - timedelta(days=900)
    second.save(update_fields=["is_active", "ended_at"])
    assert "You belong to this enterprise" in why_not(side, application)


def test_who_left_the_enterprise_during_the_case_does_not_decide(scene):
    side, firm = scene.ours, scene.ours.firm
    assert why_not(side, firm.application) == ""
    second = person(Role.CERTIFIER, side.park, firm.enterprise.pk, user=side.staff[Role.APPROVER].user)
    second.is_active, second.ended_at = False, timezone.now() + timedelta(minutes=1)
    second.save(update_fields=["is_active", "ended_at"])
    assert "You belong to this enterprise" in why_not(side, firm.application)


def test_interest_that_ended_during_the_case_still_bars(scene):
    side, firm = scene.ours, scene.ours.firm
    with park_scope(side.park.pk):
        interest = DeclaredInterest.objects.create(
            park=side.park, enterprise=firm.enterprise, user=side.staff[Role.APPROVER].user, reason="Shares"
        )
        DeclaredInterest.objects.filter(pk=interest.pk).update(ended_at=timezone.now() + timedelta(minutes=1))
    assert "declared an interest" in why_not(side, firm.application)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.filter(pk=interest.pk).update(ended_at=timezone.now() - timedelta(days=900))
    assert why_not(side, firm.application) == ""


def test_interest_that_ended_bars_for_thirty_days_from_what_is_started_later(scene):
    side, firm = scene.ours, scene.ours.firm
    lately = timezone.now() - COOLING_OFF + timedelta(minutes=5)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park,
            enterprise=firm.enterprise,
            user=side.staff[Role.APPROVER].user,
            reason="Shares",
            ended_at=lately,
        )
    assert firm.application.started_at > lately
    assert "declared an interest" in why_not(side, firm.application)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.filter(ended_at=lately).update(ended_at=lately - timedelta(minutes=10))
    assert why_not(side, firm.application) == ""


def test_filed_application_cannot_be_changed_by_the_enterprise(scene):
    firm = scene.ours.firm
    mine = Application.objects.filter(pk=firm.application.pk)
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        for change in ({"saving_tce": 1}, {"requested_cny": 2}, {"project_title": "Other"}, {"number": "EMC-1"}):
            with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
                mine.update(**change)
        assert mine.update(state="withdrawn", **WAITS_NOWHERE) == 1


def test_documents_of_a_filed_application_stay(scene):
    firm = scene.ours.firm
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        with pytest.raises(IntegrityError, match="stay"), transaction.atomic():
            attach(firm.application)
        with pytest.raises(IntegrityError, match="stay"), transaction.atomic():
            ApplicationDocument.objects.filter(pk=firm.document.pk).update(removed_at=NOW)


def test_document_of_another_folder_is_refused(scene):
    firm = scene.ours.firm
    with (
        enterprise_scope(scene.ours.park.pk, firm.enterprise.pk),
        pytest.raises(IntegrityError, match="lies with"),
        transaction.atomic(),
    ):
        ApplicationDocument.objects.create(
            park=scene.ours.park,
            enterprise=firm.enterprise,
            application=firm.draft,
            kind="contract",
            file=scene.others.firm.document.file.name,
            name="theirs.pdf",
            content_type="application/pdf",
            size_bytes=1,
            sha256="0" * 64,
            uploaded_by=firm.people[Role.APPLICANT].user,
        )


def test_enterprise_cannot_write_the_officials_side_of_the_timeline(scene):
    firm = scene.ours.firm
    forged = {"at": NOW, "by_name": "Zhao Ming", "park": scene.ours.park, "enterprise": firm.enterprise}
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        for kind, by_official in ((StepKind.APPROVED, True), (StepKind.APPROVED, False), (StepKind.SUBMITTED, True)):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                ApplicationStep.objects.create(
                    application=firm.application, kind=kind, is_by_official=by_official, **forged
                )


def test_enterprise_starts_with_a_draft_of_nothing(scene):
    firm = scene.ours.firm
    with (
        enterprise_scope(scene.ours.park.pk, firm.enterprise.pk),
        pytest.raises(IntegrityError, match="starts with a draft"),
        transaction.atomic(),
    ):
        Application.objects.create(
            park=scene.ours.park,
            enterprise=firm.enterprise,
            programme_version=scene.ours.version,
            started_by=firm.people[Role.APPLICANT].user,
            number="EMC-1",
        )


# What an official writes by SQL alone. Each act is refused at once; what must balance, at the end of the transaction.


def review_of(application, person, outcome, **fields):
    return {
        "park": application.park,
        "application": application,
        "stage": Stage.DECISION if outcome == Outcome.APPROVED else Stage.COMPLETENESS,
        "outcome": outcome,
        "round": application.round,
        "decided_by": person,
        "decided_by_name": person.name,
        "decided_at": NOW,
        **fields,
    }


WAITS_NOWHERE = {"stage": "", "stage_role": ""}
WAITS_FOR_A_DECISION = {"stage": Stage.DECISION, "stage_role": Role.APPROVER}
AS_IF_DECIDED = {
    "returned": {},
    "accepted": WAITS_FOR_A_DECISION,
    "declined": WAITS_NOWHERE,
    "withdrawn": WAITS_NOWHERE,
    "approved": WAITS_NOWHERE,
}


def settled():
    """What the end of the transaction would ask."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def as_staff(side, role):
    user = side.staff[role].user
    return park_scope(side.park.pk, Author(user.pk, user.name))


@pytest.mark.parametrize("state", ["returned", "accepted", "declined"])
def test_no_state_of_a_decision_without_a_review(scene, state):
    rows = Application.objects.filter(pk=scene.ours.firm.application.pk)
    with (
        as_staff(scene.ours, Role.REVIEWER),
        pytest.raises(IntegrityError, match=r"writes a review of this round first|stage that is not done"),
        transaction.atomic(),
    ):
        rows.update(state=state, **AS_IF_DECIDED[state])


def test_no_grant_without_a_review_of_the_amount(scene):
    side = scene.ours
    accepted = accept(side, side.firm.application)
    approver = side.staff[Role.APPROVER].user
    rows = Application.objects.filter(pk=accepted.pk)
    with as_staff(side, Role.APPROVER):
        for amount in (None, "999.99"):
            with pytest.raises(IntegrityError), transaction.atomic():
                if amount:
                    Review.objects.create(**review_of(accepted, approver, Outcome.APPROVED, amount_cny=amount))
                rows.update(state="approved", approved_cny="1000.00", **WAITS_NOWHERE)
        with pytest.raises(IntegrityError, match="application_approved_with_an_amount"), transaction.atomic():
            rows.update(approved_cny="1000.00")


def test_review_of_somebody_else_is_not_written_and_decides_nothing(scene):
    side, application = scene.ours, scene.ours.firm.application
    given = review_of(application, side.staff[Role.REVIEWER].user, Outcome.ACCEPTED)
    with pytest.raises(ProgrammingError, match="row-level security"), as_staff(side, Role.AUDITOR):
        Review.objects.create(**given)
    with as_staff(side, Role.REVIEWER):
        Review.objects.create(**given)
    with as_staff(side, Role.AUDITOR), pytest.raises(IntegrityError, match="review of this round"):
        Application.objects.filter(pk=application.pk).update(state="accepted", **WAITS_FOR_A_DECISION)


def test_nobody_reviews_on_a_support_visit(scene):
    side, operator = scene.ours, scene.operator.user
    visiting = Author(operator.pk, operator.name, support_session_id=side.support_session.pk)
    with park_scope(side.park.pk, visiting), pytest.raises(ProgrammingError, match="row-level security"):
        Review.objects.create(**review_of(side.firm.application, operator, Outcome.ACCEPTED))


def test_nobody_writes_reviews_in_two_stages(scene):
    side = scene.ours
    accepted = accept(side, side.firm.application)
    reviewer = side.staff[Role.REVIEWER].user
    with as_staff(side, Role.REVIEWER), pytest.raises(IntegrityError, match="two stages"):
        Review.objects.create(**review_of(accepted, reviewer, Outcome.APPROVED, amount_cny="1.00"))


@pytest.mark.parametrize(
    "fields",
    [
        {"stage": Stage.COMPLETENESS, "outcome": Outcome.APPROVED, "amount_cny": "1.00"},
        {"stage": Stage.DECISION, "outcome": Outcome.ACCEPTED},
        {"stage": Stage.DECISION, "outcome": Outcome.APPROVED},
    ],
)
def test_outcome_of_a_review_fits_its_stage(scene, fields):
    reviewer = scene.ours.staff[Role.REVIEWER].user
    given = review_of(scene.ours.firm.application, reviewer, Outcome.ACCEPTED)
    with as_staff(scene.ours, Role.REVIEWER), pytest.raises(IntegrityError, match="review_outcome_fits_stage"):
        Review.objects.create(**{**given, **fields})


def test_officials_withdraw_nothing_for_an_enterprise(scene):
    with as_staff(scene.ours, Role.REVIEWER), pytest.raises(IntegrityError, match="review of this round"):
        Application.objects.filter(pk=scene.ours.firm.application.pk).update(state="withdrawn", **WAITS_NOWHERE)


def test_programme_commits_what_was_granted_and_nothing_else(scene):
    side = scene.ours
    rows = Programme.objects.filter(pk=side.programme.pk)
    approve(side, accept(side, side.firm.application), "1000.00")
    settled()
    for amount in ("0", "999.99", "1000.01"):
        with pytest.raises(IntegrityError, match="what its budget years say"), transaction.atomic():
            with as_staff(side, Role.PARK_ADMINISTRATOR):
                rows.update(committed_cny=amount)
            settled()


def test_grant_that_no_programme_commits_is_refused(scene):
    side = scene.ours
    accepted = accept(side, side.firm.application)
    approver = side.staff[Role.APPROVER].user
    with (
        pytest.raises(IntegrityError, match="what is approved has its award"),
        transaction.atomic(),
    ):
        with as_staff(side, Role.APPROVER):
            Review.objects.create(**review_of(accepted, approver, Outcome.APPROVED, amount_cny="7.00"))
            Application.objects.filter(pk=accepted.pk).update(state="approved", approved_cny="7.00", **WAITS_NOWHERE)
        settled()


def test_granted_amount_stays(scene):
    side = scene.ours
    approved = approve(side, accept(side, side.firm.application), "1000.00")
    with as_staff(side, Role.APPROVER), pytest.raises(IntegrityError, match="with the amount"):
        Application.objects.filter(pk=approved.pk).update(approved_cny="2000.00")
