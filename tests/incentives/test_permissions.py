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
from incentives.permissions import Act, Bar, bar_of
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
    ],
)
def test_state_is_named_in_words(scene, act, sentence):
    application = approve(scene.ours, accept(scene.ours, file(scene.ours.firm)))
    assert permissions.explain_wrong_state(application, act) == sentence


def test_stage_that_an_application_does_not_wait_for_is_named(scene):
    accepted = accept(scene.ours, file(scene.ours.firm))
    assert permissions.explain_wrong_stage(accepted, Stage.DECISION) == ""
    assert permissions.explain_wrong_stage(accepted, Stage.COMPLETENESS) == (
        "The application does not wait for this stage: Completeness check. Its state is: Awaiting decision."
    )
    approved = approve(scene.ours, accepted)
    assert permissions.explain_wrong_stage(approved, Stage.DECISION) == (
        "The application does not wait for this stage: Decision. Its state is: Approved."
    )


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
    "decided here": "You have decided in this stage already; a colleague must decide as well.",
    "interested": "You belong to this enterprise or have declared an interest in it, so a colleague must decide.",
    "reviewer": "",
}


@pytest.mark.parametrize("who", DECIDING)
def test_deciding_is_explained(scene, who):
    side = scene.ours
    role = Role.AUDITOR if who == "auditor" else Role.REVIEWER
    membership = side.staff[role]
    stage = Stage.COMPLETENESS
    changes = {"support": {"support_session_id": 1}, "suspended park": {"is_read_only": True}}
    if who == "decided":
        membership = person([Role.REVIEWER, Role.APPROVER], side.park)
        decided(side, side.firm.application, membership.user)
        stage = Stage.DECISION
    if who == "decided here":
        decided(side, side.firm.application, membership.user)
    if who == "interested":
        has_an_interest(side, membership.user)
    with acting_as(membership, **changes.get(who, {})) as actor:
        told = permissions.explain_no_decision(actor, side.firm.application, stage)
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


def decided(side, application, user, stage=Stage.COMPLETENESS):
    """A review in the stage in which the application waits, one of the many that it may ask for."""
    approved = {"outcome": Outcome.APPROVED, "amount_cny": "1.00"}
    with park_scope(side.park.pk, Author(user.pk, user.name)):
        Review.objects.create(
            park=side.park,
            application=application,
            stage=stage,
            **(approved if stage is Stage.DECISION else {"outcome": Outcome.ACCEPTED}),
            round=1,
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


WAITING = {ApplicationState.SUBMITTED, ApplicationState.ACCEPTED}
BEFORE = (Stage.COMPLETENESS, Stage.DECISION)


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize("state", [*ApplicationState])
def test_what_is_mine_is_what_nothing_keeps_me_from(scene, state, stake):
    """Every combination of roles, who decided before and where, and read-only parks, in each state with each stake."""
    side, application = scene.ours, scene.ours.firm.application
    people = []
    for roles, before in product(ROLES, [None, *BEFORE]):
        membership = person(roles, side.park)
        stake(side, membership.user)
        people.append((membership, before))
    for membership, before in people:
        if before is Stage.COMPLETENESS:
            decided(side, application, membership.user)
    bring_to(side, application, state)
    for membership, before in people:
        if before is Stage.DECISION and state == ApplicationState.ACCEPTED:
            decided(side, application, membership.user, Stage.DECISION)
    with park_scope(side.park.pk):
        application = Application.objects.select_related("programme_version").get(pk=application.pk)
    compared = {}
    for number, (membership, before) in enumerate(people):
        for read_only in (False, True):
            with acting_as(membership, is_read_only=read_only) as actor:
                is_mine = queries.mine(actor).filter(pk=application.pk).exists()
                compared[(number, *membership.roles, before, read_only)] = (
                    is_mine,
                    nothing_against(actor, application),
                )
    assert {case: pair for case, pair in compared.items() if pair[0] != pair[1]} == {}
    if state in WAITING and stake is has_no_stake:
        assert {pair[0] for pair in compared.values()} == {True, False}
    if stake in BARRING:
        assert {pair[0] for pair in compared.values()} == {False}


@pytest.mark.parametrize(("stake", "bar"), [(has_an_interest, Bar.INTEREST), (works_there, Bar.MEMBER)])
def test_tie_to_the_enterprise_that_goes_on_bars_from_the_case_of_what_was_merged(scene, stake, bar):
    side, merged = scene.ours, scene.ours.neighbour
    application = file(merged)
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=merged.enterprise.pk).update(
            status=EnterpriseStatus.MERGED, merged_into=side.firm.enterprise
        )
    free, tied = side.staff[Role.REVIEWER], person(Role.REVIEWER, side.park)
    stake(side, tied.user)
    seen = {}
    for membership in (free, tied):
        with acting_as(membership) as actor:
            is_mine = queries.mine(actor).filter(pk=application.pk).exists()
            seen[membership] = (is_mine, bar_of(queries.queue(actor).get(pk=application.pk)))
    assert seen == {free: (True, None), tied: (False, bar)}


def nothing_against(actor, application):
    return any(
        not permissions.explain_wrong_stage(application, stage)
        and not permissions.explain_no_decision(actor, application, stage)
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
