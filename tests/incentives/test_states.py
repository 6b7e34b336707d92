"""The ways of an application: the guard of the database and the rules of the acts allow the same."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from incentives.choices import EDITABLE, ENDED, WAITING_FOR_OFFICIALS, ApplicationState, Outcome, Stage
from incentives.models import Application, Review
from incentives.permissions import Act, explain_wrong_stage, explain_wrong_state
from incentives.services.stages import next_stage
from parks.choices import Role
from tests.incentives.cases import NOW, acting_as
from tests.incentives.test_permissions import bring_to

pytestmark = pytest.mark.django_db
S = ApplicationState
LEADS_TO = {
    Act.CERTIFY: {S.SUBMITTED},
    Act.WITHDRAW: {S.WITHDRAWN},
}
STAGE_LEADS_TO = {
    Stage.COMPLETENESS: {S.ACCEPTED, S.RETURNED, S.DECLINED},
    Stage.DECISION: {S.APPROVED, S.RETURNED, S.DECLINED},
}
WAITS_IN = {S.SUBMITTED: Stage.COMPLETENESS, S.ACCEPTED: Stage.DECISION, S.RETURNED: Stage.COMPLETENESS}
BY_ENTERPRISE = {S.SUBMITTED, S.WITHDRAWN}


def by_the_rules(state):
    application = Application(state=state, stage=WAITS_IN.get(state, ""))
    acts = [LEADS_TO[act] for act in LEADS_TO if not explain_wrong_state(application, act)]
    stages = [STAGE_LEADS_TO[stage] for stage in STAGE_LEADS_TO if not explain_wrong_stage(application, stage)]
    return set().union(*acts, *stages)


def can_follow(membership, application, state):
    """Whether the database lets this person bring the state about, with the review that it asks; nothing is kept."""
    with acting_as(membership) as actor, suppress(DatabaseError), transaction.atomic():
        amount = Decimal("1.00") if state == S.APPROVED else None
        if actor.is_official and state in Outcome.values:
            Review.objects.create(
                park_id=actor.park_id,
                application_id=application.pk,
                stage=Stage.DECISION if application.state == S.ACCEPTED else Stage.COMPLETENESS,
                outcome=state,
                round=1,
                amount_cny=amount,
                decided_by_id=actor.user_id,
                decided_by_name=actor.name,
                decided_at=NOW,
            )
        decided = {} if amount is None else {"approved_cny": amount}
        following = next_stage(application) if state in WAITS_IN else None
        decided |= {
            "stage": following.stage if following else "",
            "stage_role": following.role if following else "",
        }
        changed = Application.objects.filter(pk=application.pk).update(state=state, **decided)
        transaction.set_rollback(True)
        return changed == 1
    return False


@pytest.mark.parametrize("state", [*S])
def test_guard_and_rules_allow_the_same_ways(scene, state):
    side, application = scene.ours, scene.ours.firm.application
    bring_to(side, application, state)
    others = [other for other in S if other != state]
    owner = side.firm.people[Role.OWNER]
    official = side.staff[Role.APPROVER if state == S.ACCEPTED else Role.REVIEWER]
    by_enterprise = {other for other in others if can_follow(owner, application, other)}
    by_anybody = by_enterprise | {other for other in others if can_follow(official, application, other)}
    if state == S.DRAFT:
        # An unfiled draft has no amount to be filed with; that check is not the guard's.
        by_anybody |= {S.SUBMITTED}
        by_enterprise |= {S.SUBMITTED}
    assert by_anybody == by_the_rules(state)
    assert by_enterprise == by_the_rules(state) & BY_ENTERPRISE


def test_every_state_is_somebodys_turn_or_the_end():
    assert sorted([*EDITABLE, *WAITING_FOR_OFFICIALS, *ENDED]) == sorted(S)
