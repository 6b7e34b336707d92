"""Places and invitations: what the database refuses whatever code writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from parks.choices import Role
from parks.models import Invitation, Membership
from tenancy.scopes import Author, login_scope, park_scope, platform_scope
from tests.incentives.cases import acting_as

pytestmark = pytest.mark.django_db
REFUSED = r"permission denied|row-level security"


@pytest.fixture
def firm(scene):
    return scene.ours.firm


@pytest.fixture
def owner(firm):
    return firm.people[Role.OWNER]


def offer(firm, inviter, **fields):
    return Invitation(
        **{
            "park_id": firm.enterprise.park_id,
            "enterprise_id": firm.enterprise.pk,
            "email": "new@example.com",
            "roles": [Role.APPLICANT],
            "token_digest": "7" * 64,
            "invited_by_id": inviter.user_id,
            "invited_by_name": "Wu Hao",
            "expires_at": timezone.now() + timedelta(days=7),
            **fields,
        }
    )


def refused(act, error=IntegrityError, match=None):
    with pytest.raises(error, match=match), transaction.atomic():
        act()


def test_enterprise_makes_no_place_and_moves_none(firm, owner):
    colleague = Membership.objects.filter(pk=firm.people[Role.APPLICANT].pk)
    with acting_as(owner):
        refused(
            lambda: Membership.objects.create(
                user_id=owner.user_id,
                park_id=owner.park_id,
                enterprise_id=owner.enterprise_id,
                roles=[Role.CERTIFIER],
            ),
            ProgrammingError,
            REFUSED,
        )
        for change in ({"user_id": owner.user_id}, {"enterprise_id": None}, {"created_at": timezone.now()}):
            refused(lambda change=change: colleague.update(**change), ProgrammingError, REFUSED)
        refused(lambda: colleague.update(roles=[Role.REVIEWER]), match="membership_roles_fit_place")
        assert colleague.update(roles=[Role.CERTIFIER]) == 1


def test_nobody_gives_themselves_roles(scene, owner):
    own = Membership.objects.filter(pk=owner.pk)
    with acting_as(owner):
        refused(lambda: own.update(roles=[Role.OWNER, Role.APPLICANT]), match="gives themselves roles")
    administrator = scene.ours.staff[Role.PARK_ADMINISTRATOR]
    with acting_as(administrator):
        places = Membership.objects.filter(pk=administrator.pk)
        refused(lambda: places.update(roles=[Role.APPROVER]), match="gives themselves roles")


def test_owner_can_hand_over(firm, owner):
    certifier = firm.people[Role.CERTIFIER]
    with acting_as(owner):
        assert Membership.objects.filter(pk=certifier.pk).update(roles=[Role.OWNER, Role.CERTIFIER]) == 1
        assert Membership.objects.filter(pk=owner.pk).update(is_active=False, ended_at=timezone.now()) == 1


def test_ended_place_stays_as_it_ended_until_an_invitation_is_accepted(firm, owner):
    colleague = Membership.objects.filter(pk=firm.people[Role.APPLICANT].pk)
    with acting_as(owner):
        assert colleague.update(is_active=False, ended_at=timezone.now()) == 1
        for change in ({"is_active": True}, {"ended_at": None}, {"roles": [Role.OWNER]}):
            refused(lambda change=change: colleague.update(**change), match="none that has ended")
    with login_scope(Author(owner.user_id)):
        assert colleague.update(is_active=True, ended_at=None) == 1


@pytest.mark.parametrize("role", [Role.CERTIFIER, Role.APPLICANT, Role.ENERGY_MANAGER])
def test_only_an_owner_changes_places_and_invites(firm, owner, role):
    colleague = firm.people[role]
    other = firm.people[Role.APPLICANT if role != Role.APPLICANT else Role.CERTIFIER]
    with acting_as(colleague):
        refused(lambda: Membership.objects.filter(pk=other.pk).update(roles=[Role.OWNER]), match="its owner")
        refused(offer(firm, colleague).save, match="its owner invites")
    with acting_as(owner):
        offer(firm, owner).save()


def test_invitation_is_to_the_own_enterprise_in_the_own_name_and_to_its_roles(scene, firm, owner):
    elsewhere = scene.ours.neighbour.enterprise.pk
    cases = [
        ({"enterprise_id": elsewhere}, ProgrammingError),
        ({"enterprise_id": None}, ProgrammingError),
        ({"invited_by_id": firm.people[Role.CERTIFIER].user_id}, ProgrammingError),
        ({"roles": [Role.APPROVER]}, IntegrityError),
    ]
    with acting_as(owner):
        for fields, error in cases:
            refused(offer(firm, owner, **fields).save, error)
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]):
        refused(offer(firm, owner, enterprise_id=None, roles=[Role.REVIEWER]).save, ProgrammingError)


def test_invitation_keeps_its_address_and_its_answer(scene, firm, owner):
    with acting_as(owner):
        written = offer(firm, owner)
        written.save()
        rows = Invitation.objects.filter(pk=written.pk)
        refused(lambda: rows.update(email="other@example.com"), ProgrammingError, REFUSED)
        refused(lambda: rows.update(accepted_at=timezone.now()), match="accepted by its link alone")
        assert rows.update(revoked_at=timezone.now()) == 1
        refused(lambda: rows.update(revoked_at=None), match="its answer stays")
        refused(rows.delete, DatabaseError, REFUSED)


@pytest.mark.parametrize("scope", ["park", "platform"])
def test_answer_stays_for_whoever_else_invites(scene, scope):
    rows = Invitation.objects.filter(pk=scene.ours.invitation.pk)
    rows.update(accepted_at=timezone.now())
    with park_scope(scene.ours.park.pk) if scope == "park" else platform_scope():
        refused(lambda: rows.update(accepted_at=None), match="its answer stays")
        refused(lambda: rows.update(roles=[Role.APPROVER]), match="its answer stays")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_only_an_administrator_changes_places_of_the_staff_and_invites(scene, firm, role):
    staff = scene.ours.staff
    expert = Membership.objects.filter(pk=staff[Role.EXPERT].pk)
    changes = ({"roles": [Role.PARK_ADMINISTRATOR]}, {"is_active": False}, {"user_id": firm.people[Role.OWNER].user_id})
    with acting_as(staff[role]):
        for change in changes:
            refused(lambda change=change: expert.update(**change), match="its administrator changes")
        for place in ({"enterprise_id": None, "roles": [Role.APPROVER]}, {"roles": [Role.OWNER]}):
            refused(offer(firm, staff[role], **place).save, match="its administrator invites")
        firm_places = Membership.objects.filter(pk=firm.people[Role.APPLICANT].pk)
        assert firm_places.update(roles=[Role.CERTIFIER]) == 1
    with acting_as(staff[Role.PARK_ADMINISTRATOR]):
        refused(lambda: expert.update(user_id=firm.people[Role.OWNER].user_id), match="its administrator changes")
        assert expert.update(roles=[Role.APPROVER]) == 1
        assert expert.update(is_active=False, ended_at=timezone.now()) == 1
        refused(lambda: expert.update(is_active=True), match="none that has ended")


def test_dismissed_administrator_gives_no_power_by_any_code(scene, firm):
    administrator = scene.ours.staff[Role.PARK_ADMINISTRATOR]
    expert = Membership.objects.filter(pk=scene.ours.staff[Role.EXPERT].pk)
    own = Membership.objects.filter(pk=administrator.pk)
    own.update(is_active=False, ended_at=timezone.now())
    with acting_as(administrator):
        refused(lambda: expert.update(roles=[Role.PARK_ADMINISTRATOR]), match="its administrator changes")
        refused(lambda: own.update(is_active=True), match="its administrator changes")
        refused(offer(firm, administrator, enterprise_id=None, roles=[Role.APPROVER]).save, match="invites")
