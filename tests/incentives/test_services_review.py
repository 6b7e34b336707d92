"""What officials decide, and who of them may."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from enterprises.models import DeclaredInterest
from enterprises.permissions import COOLING_OFF
from incentives import permissions, services
from incentives.choices import ApplicationState, Outcome, Stage, StepKind
from incentives.models import Application, ApplicationStep, FieldComment, Programme, Review
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import MembershipFactory, person
from tests.incentives.cases import NOW, accept, acting_as, approve, file, fill, give_back, give_budget, unlike

pytestmark = pytest.mark.django_db
DECIDING = [Role.REVIEWER, Role.APPROVER]


def decline(side, application, stage, membership=None):
    role = Role.REVIEWER if stage == Stage.COMPLETENESS else Role.APPROVER
    with acting_as(membership or side.staff[role]) as actor:
        return services.decline_application(
            actor,
            application,
            expected_round=application.round,
            reason="Not eligible",
            note="Solar is excluded",
            now=NOW,
            stage=stage,
        )


def reviews_of(application):
    with park_scope(application.park_id):
        return list(
            Review.objects.filter(application=application)
            .order_by("pk")
            .values_list("stage", "outcome", "round", "note", "amount_cny", "decided_by_id")
        )


def last_step(application):
    with park_scope(application.park_id):
        step = ApplicationStep.objects.filter(application=application).last()
        return step.kind, step.by_name, step.is_by_official, step.comment


def test_accept_passes_the_application_on(scene):
    side = scene.ours
    accepted = accept(side, file(side.firm))
    assert (accepted.state, accepted.due_at) == (
        ApplicationState.ACCEPTED,
        datetime(2026, 11, 18, 15, 59, 59, 999999, tzinfo=UTC),
    )
    reviewer = side.staff[Role.REVIEWER].user
    assert reviews_of(accepted) == [(Stage.COMPLETENESS, Outcome.ACCEPTED, 1, "complete", None, reviewer.pk)]
    assert last_step(accepted) == (StepKind.ACCEPTED, reviewer.name, True, "")


def test_return_writes_every_comment_at_once(scene):
    side = scene.ours
    returned = give_back(side, file(side.firm))
    with park_scope(side.park.pk):
        comments = FieldComment.objects.filter(application=returned).values_list("field", "comment", "round")
        assert list(comments) == [("saving_tce", "Use the verified figure.", 1)]
    assert returned.state == ApplicationState.RETURNED
    assert last_step(returned)[3] == "One figure differs."


@pytest.mark.parametrize("comments", [{}, {"saving_tce": " "}, {"secret": "?"}, {"saving_tce": "x" * 1001}])
def test_return_needs_comments_on_fields_that_exist(scene, comments):
    application = file(scene.ours.firm)
    with acting_as(scene.ours.staff[Role.REVIEWER]) as actor, pytest.raises(services.Invalid):
        services.return_application(
            actor, application, expected_round=1, comments=comments, message="", note="", now=NOW
        )


def test_approve_commits_the_amount(scene):
    side = scene.ours
    approved = approve(side, accept(side, file(side.firm)), "1499999.99")
    assert (approved.state, approved.approved_cny, approved.decided_at, approved.due_at) == (
        ApplicationState.APPROVED,
        Decimal("1499999.99"),
        NOW,
        None,
    )
    with park_scope(side.park.pk):
        assert Programme.objects.get(pk=side.programme.pk).committed_cny == Decimal("1499999.99")
    assert reviews_of(approved)[-1][:2] == (Stage.DECISION, Outcome.APPROVED)
    assert last_step(approved) == (StepKind.APPROVED, side.staff[Role.APPROVER].user.name, True, "Granted.")


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1500000.01", "NaN", "Infinity"])
def test_approve_refuses_an_amount_that_cannot_be_granted(scene, amount):
    side = scene.ours
    accepted = accept(side, file(side.firm))
    with pytest.raises(services.Invalid) as refused:
        approve(side, accepted, amount)
    assert refused.value.field == "amount_cny"


def test_approve_refuses_more_than_is_left_of_the_budget(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        give_budget(side.programme, "1000.00")
    accepted = accept(side, file(side.firm))
    with pytest.raises(services.BudgetExceeded, match=r"¥1,000\.00"):
        approve(side, accepted, "1000.01")
    assert approve(side, accepted, "1000.00").state == ApplicationState.APPROVED


def test_approve_refuses_more_than_the_cap_over_several_applications(scene):
    side, firm = scene.ours, scene.ours.firm
    first = file(firm)
    with acting_as(firm.people[Role.OWNER]) as actor:
        firm.draft = services.start_application(actor, side.version, now=NOW)
    answers = {
        "project_title": "Second",
        "project_summary": "More",
        "completed_on": NOW.date(),
        "investment_cny": Decimal(1),
        "saving_tce": Decimal(3000),
    }
    second = accept(side, file(firm, **answers))
    approve(side, accept(side, first), "1000000.00")
    with pytest.raises(services.CapExceeded, match=r"¥500,000\.00 more"):
        approve(side, second, "500000.01")
    assert approve(side, second, "500000.00").state == ApplicationState.APPROVED
    elsewhere = accept(side, file(scene.ours.neighbour, project_title=unlike()))
    assert approve(side, elsewhere, "1500000.00").state == ApplicationState.APPROVED


@pytest.mark.parametrize("stage", [Stage.COMPLETENESS, Stage.DECISION])
def test_decline_ends_the_application_with_a_reason(scene, stage):
    side = scene.ours
    application = file(side.firm)
    if stage == Stage.DECISION:
        application = accept(side, application)
    declined = decline(side, application, stage)
    assert (declined.state, declined.decided_at, declined.due_at) == (ApplicationState.DECLINED, NOW, None)
    assert last_step(declined)[3] == "Not eligible"
    with acting_as(side.staff[Role.REVIEWER]) as actor, pytest.raises(services.StateChanged):
        services.decline_application(
            actor, declined, expected_round=1, reason="x", note="", now=NOW, stage=Stage.COMPLETENESS
        )


@pytest.mark.parametrize("blank", [" ", "\u200b\u200b"])
def test_decline_without_a_reason_is_refused(scene, blank):
    application = file(scene.ours.firm)
    with acting_as(scene.ours.staff[Role.REVIEWER]) as actor, pytest.raises(services.Invalid):
        services.decline_application(
            actor,
            application,
            expected_round=application.round,
            reason=blank,
            note="x",
            now=NOW,
            stage=Stage.COMPLETENESS,
        )


def test_nobody_decides_in_two_stages(scene):
    side = scene.ours
    both = person(DECIDING, side.park)
    application = file(side.firm)
    with acting_as(both) as actor:
        accepted = services.accept_application(actor, application, expected_round=1, note="", now=NOW)
        assert "Four eyes" in permissions.explain_no_decision(actor, accepted, Stage.DECISION)
        with pytest.raises(services.NotAllowed, match="Four eyes"):
            services.approve_application(
                actor, accepted, expected_round=1, amount_cny=Decimal(1), message="", note="", now=NOW
            )
        with pytest.raises(services.NotAllowed, match="Four eyes"):
            services.decline_application(
                actor, accepted, expected_round=1, reason="x", note="", now=NOW, stage=Stage.DECISION
            )
    assert approve(side, accepted).state == ApplicationState.APPROVED


def test_the_same_reviewer_checks_every_round(scene):
    side, firm = scene.ours, scene.ours.firm
    returned = give_back(side, file(firm))
    with acting_as(firm.people[Role.OWNER]) as actor:
        again = services.submit_application(
            actor, returned, expected_revision=returned.revision, statement_accepted=True, now=NOW
        )
    accept(side, again)
    assert [(outcome, number) for _, outcome, number, *_ in reviews_of(again)] == [
        (Outcome.RETURNED, 1),
        (Outcome.ACCEPTED, 2),
    ]


def test_nobody_decides_on_their_own_enterprise(scene):
    side = scene.ours
    reviewer = side.staff[Role.REVIEWER]
    mine = MembershipFactory(
        user=reviewer.user, park=side.park, enterprise_id=side.firm.enterprise.pk, roles=[Role.ENERGY_MANAGER]
    )
    application = file(side.firm)
    with acting_as(reviewer) as actor:
        assert permissions.explain_no_decision(actor, application, Stage.COMPLETENESS)
        with pytest.raises(services.NotAllowed, match="belong to this enterprise"):
            services.accept_application(actor, application, expected_round=1, note="", now=NOW)
    # Ended before the application was started, and more than thirty days ago, the tie no longer bars.
    mine.is_active, mine.ended_at = False, application.started_at - COOLING_OFF
    mine.save(update_fields=["is_active", "ended_at"])
    assert accept(side, application).state == ApplicationState.ACCEPTED


def test_who_filled_in_the_application_does_not_decide_on_it_after_leaving(scene):
    side = scene.ours
    applicant = side.firm.people[Role.APPLICANT]
    application = file(side.firm)
    applicant.is_active = False
    applicant.save(update_fields=["is_active"])
    turncoat = MembershipFactory(user=applicant.user, park=side.park, roles=[Role.REVIEWER])
    with acting_as(turncoat) as actor, pytest.raises(services.NotAllowed):
        services.accept_application(actor, application, expected_round=1, note="", now=NOW)


def test_nobody_decides_where_they_declared_an_interest(scene):
    side = scene.ours
    application = file(side.firm)
    with park_scope(side.park.pk):
        interest = DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=side.staff[Role.REVIEWER].user, reason="Shares"
        )
    with pytest.raises(services.NotAllowed, match="interest"):
        accept(side, application)
    with park_scope(side.park.pk):
        interest.ended_at = NOW - COOLING_OFF
        interest.save(update_fields=["ended_at"])
    assert accept(side, application).state == ApplicationState.ACCEPTED


@pytest.mark.parametrize("role", sorted({*Role} - {Role.REVIEWER}))
def test_only_a_reviewer_checks_completeness(scene, role):
    side = scene.ours
    application = file(side.firm)
    places = {**side.staff, **side.firm.people, Role.OPERATOR: scene.operator, Role.OBSERVER: scene.observer}
    with acting_as(places[role]) as actor:
        assert permissions.explain_no_decision(actor, application, Stage.COMPLETENESS)
        with pytest.raises((services.NotAllowed, Application.DoesNotExist, DatabaseError)), transaction.atomic():
            services.accept_application(actor, application, expected_round=1, note="", now=NOW)


@pytest.mark.parametrize("role", sorted({*Role} - {Role.APPROVER}))
def test_only_an_approver_approves(scene, role):
    side = scene.ours
    accepted = accept(side, file(side.firm))
    places = {**side.staff, **side.firm.people, Role.OPERATOR: scene.operator, Role.OBSERVER: scene.observer}
    with acting_as(places[role]) as actor:
        assert permissions.explain_no_decision(actor, accepted, Stage.DECISION)
        with pytest.raises((services.NotAllowed, Application.DoesNotExist, DatabaseError)), transaction.atomic():
            services.approve_application(
                actor, accepted, expected_round=1, amount_cny=Decimal(1), message="", note="", now=NOW
            )


def test_nobody_decides_in_a_support_session(scene):
    side = scene.ours
    application = file(side.firm)
    for roles in (frozenset(DECIDING), frozenset({Role.PARK_ADMINISTRATOR, Role.AUDITOR})):
        with acting_as(side.staff[Role.REVIEWER], support_session_id=side.support_session.pk, roles=roles) as actor:
            assert not permissions.can_configure_programmes(actor)
            with pytest.raises(services.NotAllowed, match="support session"):
                services.accept_application(actor, application, expected_round=1, note="", now=NOW)


def test_officials_of_another_park_find_nothing(scene):
    application = file(scene.ours.firm)
    with pytest.raises(Application.DoesNotExist):
        accept(scene.others, application)


@pytest.mark.parametrize("stage", [Stage.COMPLETENESS, Stage.DECISION])
def test_decision_on_a_draft_is_refused(scene, stage):
    with pytest.raises(services.StateChanged):
        decline(scene.ours, fill(scene.ours.firm), stage)


def test_decision_taken_meanwhile_is_refused_with_the_state(scene):
    side = scene.ours
    application = file(side.firm)
    decline(side, application, Stage.COMPLETENESS)
    with pytest.raises(services.StateChanged, match="Declined"):
        accept(side, application)


def test_database_refuses_an_official_who_edits_the_application(scene):
    application = file(scene.ours.firm)
    with acting_as(scene.ours.staff[Role.APPROVER]):
        for statement in (
            "UPDATE incentives_application SET requested_cny = 9 WHERE id = %s",
            "UPDATE incentives_application SET state = 'approved' WHERE id = %s",
            "DELETE FROM incentives_application WHERE id = %s",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [application.pk])
