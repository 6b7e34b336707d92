"""Every sentence that says why not, and one rule for who decides, in SQL and in words."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from enterprises.choices import EnterpriseStatus
from enterprises.models import DeclaredInterest, Enterprise
from enterprises.permissions import COOLING_OFF
from incentives import permissions, queries, services
from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, Review
from incentives.permissions import STATE_OF_STAGE, Act
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import Author, park_scope
from tests.factories.people import MembershipFactory, person
from tests.incentives.cases import NOW, accept, acting_as, approve, file, fill, give_back

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (Act.PREPARE, "The application can no longer be changed; its state is: Approved."),
        (Act.CERTIFY, "The application can no longer be changed; its state is: Approved."),
        (Act.WITHDRAW, "The application has ended; its state is: Approved."),
        (Act.REVIEW, "The application does not wait for the completeness check; its state is: Approved."),
        (Act.APPROVE, "The application does not wait for a decision; its state is: Approved."),
    ],
)
def test_state_is_named_in_words(scene, act, sentence):
    application = approve(scene.ours, accept(scene.ours, file(scene.ours.firm)))
    assert permissions.explain_wrong_state(application, act) == sentence


FILING = {
    "official": "Only people of the enterprise that applies can do this.",
    "neighbour": "Only people of the enterprise that applies can do this.",
    "suspended park": "The park is suspended: nothing can be changed.",
    "applicant": "Only an owner or a certifier of the enterprise can sign this.",
    "owner": "",
}


@pytest.mark.parametrize("who", FILING)
def test_filing_is_explained(scene, who):
    side = scene.ours
    people = {
        "official": side.staff[Role.REVIEWER],
        "neighbour": side.neighbour.people[Role.OWNER],
        "suspended park": side.firm.people[Role.OWNER],
        "applicant": side.firm.people[Role.APPLICANT],
        "owner": side.firm.people[Role.OWNER],
    }
    with acting_as(people[who], is_read_only=who == "suspended park") as actor:
        assert permissions.explain_no_filing(actor, side.firm.draft, Act.CERTIFY) == FILING[who]


def test_preparing_needs_its_role(scene):
    with acting_as(scene.ours.firm.people[Role.ENERGY_MANAGER]) as actor:
        assert permissions.explain_no_filing(actor, scene.ours.firm.draft, Act.PREPARE) == (
            "Your roles in the enterprise do not include preparing applications."
        )


DECIDING = {
    "support": "Nobody decides during a support session.",
    "auditor": "Only an official with the role “Reviewer” can do this.",
    "suspended park": "The park is suspended: nothing can be changed.",
    "decided": "Four eyes: you decided in another stage of this application, so a colleague must decide here.",
    "interested": "You belong to this enterprise or have declared an interest in it, so a colleague must decide.",
    "reviewer": "",
}


@pytest.mark.parametrize("who", DECIDING)
def test_deciding_is_explained(scene, who):
    side = scene.ours
    role = Role.AUDITOR if who == "auditor" else Role.REVIEWER
    membership = side.staff[role]
    changes = {"support": {"support_session_id": 1}, "suspended park": {"is_read_only": True}}
    if who == "decided":
        decided(side, side.firm.application, membership.user, Stage.DECISION)
    if who == "interested":
        has_an_interest(side, membership.user)
    with acting_as(membership, **changes.get(who, {})) as actor:
        told = permissions.explain_no_decision(actor, side.firm.application, Stage.COMPLETENESS)
    assert told == DECIDING[who]


@pytest.mark.parametrize("status", [EnterpriseStatus.SUSPENDED, EnterpriseStatus.DEREGISTERED])
def test_enterprise_that_is_not_active_neither_files_nor_is_granted_anything(scene, status):
    side, firm = scene.ours, scene.ours.firm
    draft, waiting = fill(firm), accept(side, firm.application)
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status=status)
    sentence = "The registration of the enterprise is not active, so it cannot apply."
    with acting_as(firm.people[Role.OWNER]) as actor:
        draft = Application.objects.select_related("enterprise").get(pk=draft.pk)
        assert permissions.explain_why_not(actor, draft, Act.CERTIFY) == sentence
        with pytest.raises(services.NotAllowed, match=sentence):
            services.submit_application(
                actor, draft, expected_revision=draft.revision, statement_accepted=True, now=NOW
            )
        with pytest.raises(services.NotAllowed, match=sentence):
            services.start_application(actor, side.version, now=NOW)
    with pytest.raises(services.NotAllowed, match="so nothing can be granted to it"):
        approve(side, waiting)


def test_returned_application_of_a_suspended_enterprise_is_not_filed_again(scene):
    side, firm = scene.ours, scene.ours.firm
    returned = give_back(side, file(firm))
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(status=EnterpriseStatus.SUSPENDED)
    with acting_as(firm.people[Role.OWNER]) as actor, pytest.raises(services.NotAllowed, match="cannot apply"):
        services.submit_application(
            actor, returned, expected_revision=returned.revision, statement_accepted=True, now=NOW
        )


def decided(side, application, user, stage, number=9):
    outcome = Outcome.ACCEPTED if stage == Stage.COMPLETENESS else Outcome.DECLINED
    with park_scope(side.park.pk, Author(user.pk, user.name)):
        Review.objects.create(
            park=side.park,
            application=application,
            stage=stage,
            outcome=outcome,
            round=number,
            decided_by=user,
            decided_by_name=user.name,
            decided_at=NOW,
        )


def interested(side, user, **fields):
    DeclaredInterest.objects.create(
        park=side.park, enterprise=side.firm.enterprise, user=user, reason="Shares", **fields
    )


def has_no_stake(side, user):
    pass


def has_an_ended_interest(side, user):
    with park_scope(side.park.pk):
        interested(side, user, ended_at=NOW - COOLING_OFF)


def has_just_ended_an_interest(side, user):
    with park_scope(side.park.pk):
        interested(side, user, ended_at=timezone.now() - COOLING_OFF + timedelta(minutes=5))


def has_an_interest(side, user):
    with park_scope(side.park.pk):
        interested(side, user)


def works_there(side, user):
    MembershipFactory(user=user, park=side.park, enterprise_id=side.firm.enterprise.pk, roles=[Role.ENERGY_MANAGER])


def worked_there(side, user):
    MembershipFactory(
        user=user, park=side.park, enterprise_id=side.firm.enterprise.pk, roles=[Role.ENERGY_MANAGER], is_active=False
    )


def just_worked_there(side, user):
    MembershipFactory(
        user=user,
        park=side.park,
        enterprise_id=side.firm.enterprise.pk,
        roles=[Role.ENERGY_MANAGER],
        is_active=False,
        ended_at=timezone.now() - COOLING_OFF + timedelta(minutes=5),
    )


STAKES = [
    has_no_stake,
    has_an_ended_interest,
    has_just_ended_an_interest,
    has_an_interest,
    works_there,
    worked_there,
    just_worked_there,
]
BARRING = (has_just_ended_an_interest, has_an_interest, works_there, just_worked_there)
ROLES = [[role] for role in sorted(PARK_ROLES)] + [[Role.REVIEWER, Role.APPROVER]]


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize("state", [*ApplicationState])
def test_what_is_mine_is_what_nothing_keeps_me_from(scene, state, stake):
    """Every combination of roles, who decided before, and read-only parks, in each state and with each stake."""
    side, application = scene.ours, scene.ours.firm.application
    bring_to(side, application, state)
    compared = {}
    for number, (roles, before) in enumerate(product(ROLES, [None, *Stage]), 2):
        membership = person(roles, side.park)
        stake(side, membership.user)
        if before:
            decided(side, application, membership.user, before, number)
        for read_only in (False, True):
            with acting_as(membership, is_read_only=read_only) as actor:
                is_mine = queries.mine(actor).filter(pk=application.pk).exists()
                compared[(*roles, before, read_only)] = (is_mine, nothing_against(actor, application))
    assert {case: pair for case, pair in compared.items() if pair[0] != pair[1]} == {}
    if state in STATE_OF_STAGE.values() and stake is has_no_stake:
        assert {pair[0] for pair in compared.values()} == {True, False}
    if stake in BARRING:
        assert {pair[0] for pair in compared.values()} == {False}


def nothing_against(actor, application):
    return any(
        application.state == STATE_OF_STAGE[stage] and not permissions.explain_no_decision(actor, application, stage)
        for stage in Stage
    )


def bring_to(side, application, state):
    """By the acts of others."""
    acts = {
        ApplicationState.SUBMITTED: [],
        ApplicationState.APPROVED: [accept, approve],
        ApplicationState.ACCEPTED: [accept],
        ApplicationState.DECLINED: [decline],
        ApplicationState.RETURNED: [give_back],
        ApplicationState.WITHDRAWN: [withdraw],
    }
    if state == ApplicationState.DRAFT:
        application.pk = side.firm.draft.pk
        application.state = state
        return
    for act in acts[state]:
        act(side, application)
    application.state = state


def decline(side, application):
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        services.decline_application(
            actor, application, expected_round=1, reason="No", note="", now=NOW, stage=Stage.COMPLETENESS
        )


def withdraw(side, application):
    with acting_as(side.firm.people[Role.CERTIFIER]) as actor:
        services.withdraw_application(actor, application, reason="Sold", now=NOW)
