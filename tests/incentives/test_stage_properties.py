"""Whatever people do in whatever order: no state outside the programme's definition, no decision lost, nobody twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives import services
from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, ApplicationStep, PanelSeat, Programme, Review
from lib.refusals import Refusal
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, acting_as, compare, file
from tests.incentives.test_panels import CRITERIA
from tests.incentives.test_stages import PROOF, ask, with_stages

STAGES = [
    ask(Stage.COMPLETENESS, Role.REVIEWER),
    ask(Stage.SUBSTANTIVE, Role.REVIEWER, approvals=2),
    ask(Stage.PANEL, Role.EXPERT, approvals=3),
    ask(Stage.FINANCIAL, Role.FINANCE_OFFICER, above_cny="1000000.00"),
    ask(Stage.DECISION, Role.APPROVER, approvals=2),
]
OFFICIALS = st.integers(0, 6)
STAGE = st.sampled_from([*Stage])
ACTS = st.one_of(
    # What goes on is drawn more often than what ends it, or no sequence would come far.
    st.tuples(st.just("go on")),
    st.tuples(st.just("go on")),
    st.tuples(st.just("go on")),
    st.tuples(st.just("accept"), OFFICIALS, STAGE),
    st.tuples(st.just("approve"), OFFICIALS, st.sampled_from(["1000.00", "999.00"])),
    st.tuples(st.just("return"), OFFICIALS, STAGE, st.lists(STAGE, max_size=2)),
    st.tuples(st.just("decline"), OFFICIALS, STAGE),
    st.tuples(st.just("submit"), st.sampled_from([Decimal(1500), Decimal(2500)])),
    st.tuples(st.just("score"), st.integers(0, 3)),
    st.tuples(st.just("leave"), st.integers(0, 3)),
    st.tuples(st.just("withdraw")),
)


class People:
    """Several of each role, one who holds all, and an expert more than the panel takes."""

    def __init__(self, side):
        one = [Role.REVIEWER, Role.REVIEWER, Role.REVIEWER, Role.FINANCE_OFFICER, Role.APPROVER, Role.APPROVER]
        every = [Role.REVIEWER, Role.FINANCE_OFFICER, Role.APPROVER]
        self.officials = [*(person(role, side.park) for role in one), person(every, side.park)]
        self.experts = [person(Role.EXPERT, side.park) for _ in range(4)]


def stored(application):
    with park_scope(application.park_id):
        return Application.objects.get(pk=application.pk)


def carry_out(firm, people, application, act):
    name, *values = act
    current = stored(application)
    if name == "go on":
        return go_on(firm, people, current)
    if name in {"accept", "approve", "return", "decline"}:
        with acting_as(people.officials[values[0]]) as actor:
            seen = {"expected_round": current.round, "note": "", "now": NOW}
            if name == "accept":
                found = PROOF if values[1] is Stage.FINANCIAL else {}
                services.accept_application(actor, current, stage=values[1], findings=found, **seen)
            elif name == "approve":
                services.approve_application(actor, current, amount_cny=Decimal(values[1]), message="x", **seen)
            elif name == "return":
                told = {"comments": {"saving_tce": "?"}, "message": ""}
                services.return_application(actor, current, stage=values[1], void_stages=values[2], **told, **seen)
            else:
                services.decline_application(actor, current, stage=values[1], reason="x", **seen)
    elif name in {"score", "leave"}:
        with acting_as(people.experts[values[0]]) as actor:
            for seat in PanelSeat.objects.filter(expert_id=actor.user_id).order_by("-round")[:1]:
                if name == "score":
                    services.send_scores(actor, seat, scores=[Decimal(5), Decimal(5)], comment="", now=NOW)
                else:
                    services.declare_conflict(actor, seat, reason="x", now=NOW)
    else:
        by_enterprise(firm, current, name, values)
    return None


def go_on(firm, people, current):
    """What the next person in turn would do."""
    if current.state == ApplicationState.RETURNED:
        return by_enterprise(firm, current, "submit", [current.saving_tce])
    if current.stage == Stage.PANEL:
        with park_scope(current.park_id):
            services.seat_experts(current.pk, now=NOW)
        for place in range(len(people.experts)):
            attempt(carry_out, firm, people, current, ("score", place))
        return None
    for place in range(len(people.officials)):
        stage = Stage(current.stage or Stage.COMPLETENESS)
        act = ("approve", place, "1000.00") if stage is Stage.DECISION else ("accept", place, stage)
        if attempt(carry_out, firm, people, current, act):
            return None
    return None


def by_enterprise(firm, current, name, values):
    with acting_as(firm.people[Role.OWNER]) as actor:
        if name == "withdraw":
            services.withdraw_application(actor, current, reason="x", now=NOW)
            return
        changed = services.save_application(
            actor, current, answers={"saving_tce": values[0]}, expected_revision=current.revision, now=NOW
        )
        services.submit_application(
            actor, changed, expected_revision=changed.revision, statement_accepted=True, now=NOW
        )
    compare(changed)


def attempt(act, *arguments):
    try:
        with transaction.atomic():
            act(*arguments)
    except Refusal:
        return False
    return True


def assert_sound(application, before):
    """What must hold after every act, told by the rows alone and not by the code that wrote them."""
    current = stored(application)
    with park_scope(application.park_id):
        reviews = list(Review.objects.filter(application=application).order_by("decided_at", "id"))
        steps = ApplicationStep.objects.filter(application=application).count()
    assert {row.pk for row in before} <= {row.pk for row in reviews}, "a review is lost"
    for row in before:
        (now_there,) = (other for other in reviews if other.pk == row.pk)
        assert (now_there.stage, now_there.outcome, now_there.round) == (row.stage, row.outcome, row.round)
    acts = [(row.decided_by_id, row.stage, row.round) for row in reviews]
    assert len(acts) == len(set(acts)), "somebody acted twice"
    stages_of = {}
    for row in reviews:
        stages_of.setdefault(row.decided_by_id, set()).add(row.stage)
    assert all(len(stages) == 1 for stages in stages_of.values()), "somebody acted in two stages"
    undone = first_undone(current, reviews)
    if current.state in {ApplicationState.SUBMITTED, ApplicationState.ACCEPTED, ApplicationState.RETURNED}:
        assert current.stage == undone
    elif current.state == ApplicationState.APPROVED:
        assert undone is None
        assert {row.amount_cny for row in valid(reviews) if row.outcome == Outcome.APPROVED} == {current.approved_cny}
    elif current.state == ApplicationState.DECLINED:
        assert any(row.outcome == Outcome.DECLINED and row.round == current.round for row in reviews)
    else:
        assert current.state == ApplicationState.WITHDRAWN
    assert steps >= len({row.round for row in reviews})
    return reviews


def valid(reviews):
    returns = [row for row in reviews if row.outcome == Outcome.RETURNED]
    return [
        row
        for row in reviews
        if not any(back.round >= row.round and row.stage in {back.stage, *back.void_stages} for back in returns)
    ]


def first_undone(application, reviews):
    """The rule of the definition, written a second time and in another way."""
    for wanted in STAGES:
        if wanted["above_cny"] and application.requested_cny <= Decimal(wanted["above_cny"]):
            continue
        passed = {
            row.decided_by_id
            for row in valid(reviews)
            if row.stage == wanted["stage"] and row.outcome in {Outcome.ACCEPTED, Outcome.APPROVED}
        }
        if len(passed) < wanted["approvals"]:
            return wanted["stage"]
    return None


@pytest.fixture
def case(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        Programme.objects.filter(pk=side.programme.pk).update(criteria=CRITERIA)
    side.staff[Role.EXPERT].is_active = False
    side.staff[Role.EXPERT].save(update_fields=["is_active"])
    firm = with_stages(side, STAGES)
    filed = file(firm, saving_tce=Decimal(2500))
    compare(filed)
    return firm, People(side), filed


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=6, max_size=16))
def test_no_sequence_of_acts_leaves_the_definition(case, acts):
    firm, people, application = case
    reviews = []
    with transaction.atomic():
        for act in acts:
            attempt(carry_out, firm, people, application, act)
            reviews = assert_sound(application, reviews)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_walk_itself_comes_to_its_end(case):
    """Or the property would hold of sequences that never get anywhere."""
    firm, people, application = case
    seen = []
    for _ in range(12):
        carry_out(firm, people, application, ("go on",))
        seen.append(stored(application).stage)
    assert seen[:6] == ["substantive", "substantive", "panel", "financial", "decision", "decision"]
    assert stored(application).state == ApplicationState.APPROVED


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    state=st.sampled_from([*ApplicationState]),
    stage=st.sampled_from(["", *Stage]),
    role=st.sampled_from(["", *Role]),
)
def test_no_statement_leaves_the_definition(case, state, stage, role):
    """What the services would never write, the database refuses or it changes nothing."""
    _firm, people, application = case
    for membership in (people.officials[-1], people.officials[0]):
        with acting_as(membership), transaction.atomic():
            try:
                with transaction.atomic():
                    Application.objects.filter(pk=application.pk).update(state=state, stage=stage, stage_role=role)
            except DatabaseError:
                continue
            now_there = Application.objects.get(pk=application.pk)
            assert (now_there.state, now_there.stage, now_there.stage_role) == (
                ApplicationState.SUBMITTED,
                Stage.COMPLETENESS,
                Role.REVIEWER,
            )
