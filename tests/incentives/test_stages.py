"""Stages as a programme defines them: who acts in which order, how many of them, and what a return makes void."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from incentives import services
from incentives.choices import ApplicationState, FinancialCheck, Outcome, Stage, StepKind
from incentives.models import Application, ApplicationStep, Programme, ProgrammeVersion, Review
from incentives.services.stages import explain_stages
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.filing import published
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, compare, file, submit
from tests.incentives.test_second_line import as_staff, review_of
from tests.scene import build_firm

pytestmark = pytest.mark.django_db


def ask(stage, role, approvals=1, working_days=10, above_cny=None):
    return {
        "stage": stage.value,
        "role": role.value,
        "approvals": approvals,
        "working_days": working_days,
        "above_cny": above_cny,
    }


FIVE = [
    ask(Stage.COMPLETENESS, Role.REVIEWER, working_days=5),
    ask(Stage.SUBSTANTIVE, Role.REVIEWER, working_days=15),
    ask(Stage.FINANCIAL, Role.FINANCE_OFFICER, working_days=3, above_cny="1000000.00"),
    ask(Stage.DECISION, Role.APPROVER, approvals=2),
]
VISIT = {"visited_on": date(2026, 11, 10), "visited_by": "Chen Wei, Liu Yan", "visit_findings": "Both chillers run."}
PROOF = {"proven_cny": Decimal("9640000.00"), "checks": [FinancialCheck.INVOICES]}


def with_stages(side, stages):
    """A new version of the side's programme that asks for these; a firm files under it."""
    with park_scope(side.park.pk):
        ProgrammeVersion.objects.filter(pk=side.version.pk).update(closed_at=NOW)
        Programme.objects.filter(pk=side.programme.pk).update(stages=stages)
        version = published(Programme.objects.get(pk=side.programme.pk), number=2)
    return build_firm(side.park, version, "Third firm")


def passing(membership, application, stage, **findings):
    with acting_as(membership) as actor:
        return services.accept_application(
            actor, application, expected_round=application.round, stage=stage, note="", now=NOW, findings=findings
        )


def returning(membership, application, stage, void=()):
    with acting_as(membership) as actor:
        return services.return_application(
            actor,
            application,
            expected_round=application.round,
            comments={"saving_tce": "Use the verified figure."},
            message="",
            note="",
            now=NOW,
            stage=stage,
            void_stages=void,
        )


@pytest.fixture
def firm(scene):
    return with_stages(scene.ours, FIVE)


@pytest.fixture
def second(scene):
    return person(Role.REVIEWER, scene.ours.park)


def where(application):
    with park_scope(application.park_id):
        current = Application.objects.get(pk=application.pk)
    return current.state, current.stage, current.stage_role


def test_application_walks_the_stages_of_its_programme(scene, firm, second):
    side = scene.ours
    filed = file(firm)
    assert where(filed) == ("submitted", "completeness", "reviewer")
    assert filed.due_at == datetime(2026, 11, 11, 15, 59, 59, 999999, tzinfo=UTC)
    accepted = accept(side, filed)
    assert where(accepted) == ("accepted", "substantive", "reviewer")
    assert accepted.due_at == datetime(2026, 11, 25, 15, 59, 59, 999999, tzinfo=UTC)
    assert accepted.get_state_display() == "Substantive review"
    passed = passing(second, accepted, Stage.SUBSTANTIVE, **VISIT)
    assert where(passed) == ("accepted", "financial", "finance_officer")
    assert passed.due_at == datetime(2026, 11, 9, 15, 59, 59, 999999, tzinfo=UTC)
    checked = passing(side.staff[Role.FINANCE_OFFICER], passed, Stage.FINANCIAL, **PROOF)
    assert where(checked) == ("accepted", "decision", "approver")
    half = approve(side, checked)
    assert where(half) == ("accepted", "decision", "approver"), "the programme asks for two"
    with acting_as(person(Role.APPROVER, side.park)) as actor:
        done = services.approve_application(
            actor, half, expected_round=1, amount_cny=Decimal("1000.00"), message="", note="", now=NOW
        )
    assert (where(done), done.approved_cny) == (("approved", "", ""), Decimal("1000.00"))
    with park_scope(side.park.pk):
        rows = ApplicationStep.objects.filter(application=done).order_by("id")
        steps = list(rows.values_list("kind", "stage", "comment"))
        visit = Review.objects.get(application=done, stage=Stage.SUBSTANTIVE)
        proof = Review.objects.get(application=done, stage=Stage.FINANCIAL)
    assert steps[-4:] == [
        (StepKind.ACCEPTED, Stage.COMPLETENESS, ""),
        (StepKind.PASSED, Stage.SUBSTANTIVE, ""),
        (StepKind.PASSED, Stage.FINANCIAL, ""),
        (StepKind.APPROVED, Stage.DECISION, "Granted."),
    ], "the words of the first approver reach the enterprise"
    assert {name: getattr(visit, name) for name in VISIT} == VISIT
    assert {name: getattr(proof, name) for name in PROOF} == PROOF


def test_stage_above_a_threshold_is_left_out_below_it(scene, firm, second):
    exactly = file(firm, saving_tce=Decimal(2000))
    assert exactly.requested_cny == Decimal("1000000.00")
    passed = passing(second, accept(scene.ours, exactly), Stage.SUBSTANTIVE)
    assert where(passed) == ("accepted", "decision", "approver")


def test_all_approvals_are_of_one_amount(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm, saving_tce=Decimal(2000))), Stage.SUBSTANTIVE)
    approve(side, passed, "1000.00")
    other = person(Role.APPROVER, side.park)
    with acting_as(other) as actor, pytest.raises(services.Invalid, match="must be of the same amount"):
        services.approve_application(
            actor, passed, expected_round=1, amount_cny=Decimal("999.00"), message="Less.", note="", now=NOW
        )
    given = review_of(passed, other.user, Outcome.APPROVED, amount_cny="999.00")
    with acting_as(other), pytest.raises(IntegrityError, match="same amount"), transaction.atomic():
        Review.objects.create(**given)


def test_nobody_approves_twice(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm, saving_tce=Decimal(2000))), Stage.SUBSTANTIVE)
    approve(side, passed)
    with pytest.raises(services.NotAllowed, match="decided in this stage already"):
        approve(side, passed)
    given = review_of(passed, side.staff[Role.APPROVER].user, Outcome.APPROVED, amount_cny="1000.00")
    with as_staff(side, Role.APPROVER), pytest.raises(IntegrityError, match="once_a_round"), transaction.atomic():
        Review.objects.create(**given)
    assert where(passed) == ("accepted", "decision", "approver")


def test_return_voids_its_own_stage_and_those_it_names(scene, firm, second):
    side, finance = scene.ours, scene.ours.staff[Role.FINANCE_OFFICER]
    passed = passing(second, accept(side, file(firm)), Stage.SUBSTANTIVE)
    returned = returning(finance, passed, Stage.FINANCIAL)
    assert where(returned) == ("returned", "financial", "finance_officer")
    again = submit(firm, returned)
    assert where(again) == ("accepted", "financial", "finance_officer"), "the substantive review stands"
    checked = passing(finance, again, Stage.FINANCIAL, **PROOF)
    back = returning(side.staff[Role.APPROVER], checked, Stage.DECISION, [Stage.SUBSTANTIVE])
    assert where(back) == ("returned", "substantive", "reviewer")
    refiled = submit(firm, back)
    assert where(refiled) == ("accepted", "substantive", "reviewer")
    assert where(passing(second, refiled, Stage.SUBSTANTIVE)) == ("accepted", "decision", "approver"), (
        "the financial check stands"
    )


def test_return_takes_back_the_approval_of_a_colleague(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm, saving_tce=Decimal(2000))), Stage.SUBSTANTIVE)
    approve(side, passed)
    other = person(Role.APPROVER, side.park)
    again = submit(firm, returning(other, passed, Stage.DECISION))
    assert where(approve(side, again)) == ("accepted", "decision", "approver"), "the approval of round 1 is void"


def test_corrected_amount_above_a_threshold_meets_its_stage(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm, saving_tce=Decimal(2000))), Stage.SUBSTANTIVE)
    returned = returning(side.staff[Role.APPROVER], passed, Stage.DECISION)
    with acting_as(firm.people[Role.OWNER]) as actor:
        more = services.save_application(
            actor, returned, answers={"saving_tce": Decimal(2001)}, expected_revision=returned.revision, now=NOW
        )
    assert where(submit(firm, more)) == ("accepted", "financial", "finance_officer")


@pytest.mark.parametrize("void", [[Stage.DECISION], [Stage.PANEL], [Stage.FINANCIAL]])
def test_only_earlier_stages_can_be_made_void(scene, firm, second, void):
    with pytest.raises(services.Invalid, match="Only earlier stages"):
        returning(second, accept(scene.ours, file(firm)), Stage.SUBSTANTIVE, void)


def test_four_eyes_hold_in_every_pair_of_stages(scene, firm):
    side = scene.ours
    with pytest.raises(services.NotAllowed, match="Four eyes"):
        passing(side.staff[Role.REVIEWER], accept(side, file(firm)), Stage.SUBSTANTIVE)


def test_each_stage_asks_its_own_role(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm)), Stage.SUBSTANTIVE)
    for role in (Role.APPROVER, Role.REVIEWER, Role.AUDITOR, Role.PARK_ADMINISTRATOR, Role.EXPERT):
        with pytest.raises(services.NotAllowed):
            passing(person(role, side.park), passed, Stage.FINANCIAL, **PROOF)
    with pytest.raises(services.Invalid, match="investment that invoices"):
        passing(side.staff[Role.FINANCE_OFFICER], passed, Stage.FINANCIAL)


@pytest.mark.parametrize("part", [*VISIT])
def test_visit_is_recorded_whole_or_not_at_all(scene, firm, second, part):
    accepted = accept(scene.ours, file(firm))
    with pytest.raises(services.Invalid):
        passing(second, accepted, Stage.SUBSTANTIVE, **{**VISIT, part: None})


# What the database refuses, whatever code writes it.


def test_nobody_reviews_ahead_of_the_stage(scene, firm):
    side = scene.ours
    filed = file(firm)
    compare(filed)
    given = review_of(filed, side.staff[Role.APPROVER].user, Outcome.APPROVED, amount_cny="1.00")
    with as_staff(side, Role.APPROVER), pytest.raises(IntegrityError, match="in which the application waits"):
        Review.objects.create(**given)


@pytest.mark.parametrize(
    ("stage", "role"), [(Stage.FINANCIAL, "finance_officer"), (Stage.DECISION, "approver"), (Stage.SUBSTANTIVE, "")]
)
def test_no_stage_is_skipped(scene, firm, stage, role):
    side = scene.ours
    filed = file(firm)
    reviewer = side.staff[Role.REVIEWER].user
    with as_staff(side, Role.REVIEWER), pytest.raises(IntegrityError, match="first stage that is not done"):
        Review.objects.create(**review_of(filed, reviewer, Outcome.ACCEPTED))
        Application.objects.filter(pk=filed.pk).update(state="accepted", stage=stage, stage_role=role)


def test_one_approval_of_two_does_not_approve(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm, saving_tce=Decimal(2000))), Stage.SUBSTANTIVE)
    approver = side.staff[Role.APPROVER].user
    with as_staff(side, Role.APPROVER), pytest.raises(IntegrityError, match="first stage that is not done"):
        Review.objects.create(**review_of(passed, approver, Outcome.APPROVED, amount_cny="7.00"))
        Application.objects.filter(pk=passed.pk).update(state="approved", approved_cny="7.00", stage="", stage_role="")


def test_enterprise_does_not_choose_where_it_goes_on(scene, firm, second):
    side = scene.ours
    passed = passing(second, accept(side, file(firm)), Stage.SUBSTANTIVE)
    returned = returning(side.staff[Role.FINANCE_OFFICER], passed, Stage.FINANCIAL, [Stage.SUBSTANTIVE])
    with acting_as(firm.people[Role.OWNER]), pytest.raises(IntegrityError, match="first stage that is not done"):
        Application.objects.filter(pk=returned.pk).update(state="accepted", stage="decision", stage_role="approver")


def test_enterprise_does_not_accept_its_own_application(scene, firm):
    filed = file(firm)
    with acting_as(firm.people[Role.OWNER]), pytest.raises(IntegrityError):
        Application.objects.filter(pk=filed.pk).update(state="accepted", stage="substantive", stage_role="reviewer")


# The terms.


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        (FIVE, ""),
        ([], "A programme begins with the completeness check and ends with the decision."),
        (FIVE[1:], "A programme begins with the completeness check and ends with the decision."),
        (FIVE[:-1], "A programme begins with the completeness check and ends with the decision."),
        ([FIVE[0], FIVE[2], FIVE[1], FIVE[3]], "Each stage stands once, in the order in which the portal lists them."),
        ([FIVE[0], FIVE[1], FIVE[1], FIVE[3]], "Each stage stands once, in the order in which the portal lists them."),
        ([{**FIVE[0], "stage": "lunch"}, FIVE[3]], "There is no such stage."),
        ([FIVE[0], {**FIVE[3], "role": "owner"}], "Decision: choose the role that acts there."),
        ([FIVE[0], {**FIVE[3], "approvals": 0}], "Decision: from 1 to 9 people."),
        ([FIVE[0], {**FIVE[3], "approvals": True}], "Decision: from 1 to 9 people."),
        ([FIVE[0], {**FIVE[3], "working_days": 0}], "Decision: from 1 to 250 working days."),
        (
            [FIVE[0], {**FIVE[3], "above_cny": "5.00"}],
            "The completeness check and the decision apply to every amount.",
        ),
        (
            [FIVE[0], {**FIVE[2], "above_cny": "5.001"}, FIVE[3]],
            "Financial check: the amount above which it applies is not an amount.",
        ),
        (
            [FIVE[0], ask(Stage.PANEL, Role.EXPERT, approvals=2), FIVE[3]],
            "Expert panel: at least 3 experts.",
        ),
        (
            [FIVE[0], ask(Stage.PANEL, Role.REVIEWER, approvals=3), FIVE[3]],
            "Expert panel: choose the role that acts there.",
        ),
        ("completeness", "The stages are not a list."),
    ],
)
def test_stages_are_explained(stages, sentence):
    assert explain_stages(stages) == sentence


def test_programme_with_bad_stages_is_refused_and_a_version_keeps_its_own(scene, firm):
    side, filed = scene.ours, file(firm)
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        programme = Programme.objects.get(pk=side.programme.pk)
        with pytest.raises(services.Invalid, match="begins with the completeness check"):
            services.update_programme(actor, programme, terms={"stages": FIVE[1:]}, now=NOW)
        services.update_programme(actor, programme, terms={"stages": [FIVE[0], FIVE[3]]}, now=NOW)
        version = services.publish_programme(actor, Programme.objects.get(pk=programme.pk), now=NOW)
    assert version.stages == [FIVE[0], FIVE[3]]
    assert where(accept(side, filed)) == ("accepted", "substantive", "reviewer"), "its version had it"


def test_database_keeps_stages_sound(scene):
    with as_staff(scene.ours, Role.PARK_ADMINISTRATOR):
        for stages in (
            [FIVE[0]],
            FIVE[1:],
            [FIVE[0], FIVE[1], FIVE[1], FIVE[3]],
            [FIVE[0], {**FIVE[3], "approvals": 0}],
        ):
            with pytest.raises(IntegrityError, match="stages begin"), transaction.atomic():
                Programme.objects.filter(pk=scene.ours.programme.pk).update(stages=stages)


def test_state_of_an_ended_application_says_no_stage(scene, firm):
    filed = file(firm)
    with acting_as(firm.people[Role.OWNER]) as actor:
        services.withdraw_application(actor, filed, reason="Sold", now=NOW)
    assert where(filed) == (ApplicationState.WITHDRAWN, "", "")
