from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from enterprises.models import Enterprise
from parks.choices import ENTERPRISE_ROLES, Role
from parks.models import Invitation, Membership
from tenancy.scopes import park_scope
from tests.factories.people import person

pytestmark = pytest.mark.django_db
OWNERS_PAGES = ["contact_edit", "people_invite"]


def page(name, *args):
    return reverse(f"enterprises:{name}", args=args)


@pytest.fixture
def owner(scene, client_of):
    return client_of(scene.ours.firm.people[Role.OWNER])


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_everybody_sees_their_own_enterprise_and_colleagues(scene, client_of, role):
    client = client_of(scene.ours.firm.people[role])

    profile, people = client.get(page("profile")), client.get(page("people_list"))

    assertContains(profile, scene.ours.firm.enterprise.credit_code)
    for colleague in scene.ours.firm.people.values():
        assertContains(people, colleague.user.email)
    for response in (profile, people):
        assertNotContains(response, "OURS second firm")
        assertNotContains(response, scene.ours.neighbour.people[Role.OWNER].user.email)


@pytest.mark.parametrize("name", OWNERS_PAGES)
@pytest.mark.parametrize("role", [Role.CERTIFIER, Role.APPLICANT, Role.ENERGY_MANAGER])
def test_only_the_owner_changes_anything(scene, client_of, role, name):
    client = client_of(scene.ours.firm.people[role])
    assert client.get(page(name)).status_code == HTTPStatus.FORBIDDEN
    assertNotContains(client.get(page("people_list")), page("people_invite"))


@pytest.mark.parametrize("name", ["profile", "people_list", *OWNERS_PAGES])
def test_officials_have_no_company(scene, client_of, name):
    assert client_of(scene.ours.staff[Role.REVIEWER]).get(page(name)).status_code == HTTPStatus.FORBIDDEN


def test_owner_edits_the_contact(scene, owner):
    sent = {
        "contact_name": "Wu Hao",
        "contact_phone": "0592 5550",
        "contact_email": "wu@example.com",
        "name_en": "Forged",
    }

    assertRedirects(owner.post(page("contact_edit"), sent), page("profile"))

    with park_scope(scene.ours.park.pk):
        changed = Enterprise.objects.get(pk=scene.ours.firm.enterprise.pk)
    assert (changed.contact_name, changed.contact_email, changed.name_en) == (
        "Wu Hao",
        "wu@example.com",
        scene.ours.firm.enterprise.name_en,
    )


def test_owner_invites_and_revokes(scene, owner):
    sent = {"email": "new@example.com", "roles": ["applicant", "certifier"]}
    assertRedirects(owner.post(page("people_invite"), sent), page("people_list"))

    offer = Invitation.objects.get(email="new@example.com")
    assert (offer.enterprise_id, offer.park_id, sorted(offer.roles), offer.enterprise_name_en) == (
        scene.ours.firm.enterprise.pk,
        scene.ours.park.pk,
        ["applicant", "certifier"],
        scene.ours.firm.enterprise.name_en,
    )
    assertContains(owner.get(page("people_list")), "new@example.com")
    owner.get(page("invitation_revoke", offer.pk))
    offer.refresh_from_db()
    assert offer.revoked_at is None
    owner.post(page("invitation_revoke", offer.pk))
    offer.refresh_from_db()
    assert offer.revoked_at is not None


@pytest.mark.parametrize("roles", [[], ["reviewer"], ["operator"]])
def test_owner_gives_no_other_roles(owner, roles):
    response = owner.post(page("people_invite"), {"email": "new@example.com", "roles": roles})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Invitation.objects.filter(email="new@example.com").exists()


def test_owner_changes_the_roles_of_a_colleague(scene, owner):
    colleague = scene.ours.firm.people[Role.APPLICANT]

    assertRedirects(
        owner.post(page("people_edit", colleague.pk), {"roles": ["applicant", "energy_manager"]}), page("people_list")
    )

    colleague.refresh_from_db()
    assert colleague.roles == ["applicant", "energy_manager"]


def test_owner_ends_the_access_of_a_colleague(scene, owner, client_of):
    colleague = scene.ours.firm.people[Role.APPLICANT]
    theirs = client_of(colleague)
    assert theirs.get(page("profile")).status_code == HTTPStatus.OK

    owner.get(page("people_end", colleague.pk))
    assert Membership.objects.get(pk=colleague.pk).is_active
    owner.post(page("people_end", colleague.pk))

    assert not Membership.objects.get(pk=colleague.pk).is_active
    assert theirs.get(page("profile")).status_code == HTTPStatus.FOUND


def test_last_owner_stays(scene, owner):
    me = scene.ours.firm.people[Role.OWNER]

    answers = [
        owner.post(page("people_end", me.pk)).status_code,
        owner.post(page("people_edit", me.pk), {"roles": ["applicant"]}).status_code,
    ]

    assert answers == [HTTPStatus.UNPROCESSABLE_ENTITY] * 2
    me.refresh_from_db()
    assert (me.is_active, me.roles) == (True, ["owner"])


def test_owner_makes_way_for_another(scene, client_of):
    first, firm = scene.ours.firm.people[Role.OWNER], scene.ours.firm.enterprise
    second = person(Role.OWNER, scene.ours.park, firm.pk)

    client_of(second).post(page("people_end", first.pk))

    assert not Membership.objects.get(pk=first.pk).is_active


@pytest.mark.parametrize("name", ["people_edit", "people_end"])
def test_people_of_a_neighbour_do_not_exist(scene, owner, name):
    there = scene.ours.neighbour.people[Role.APPLICANT].pk
    official = scene.ours.staff[Role.REVIEWER].pk
    answers = [owner.get(page(name, pk)).status_code for pk in (there, official, 10**9)]
    assert answers == [HTTPStatus.NOT_FOUND] * 3


def test_invitation_of_the_park_cannot_be_revoked_by_an_owner(scene, owner):
    Invitation.objects.filter(pk=scene.ours.invitation.pk).update(expires_at=timezone.now() + timedelta(days=1))
    assert owner.post(page("invitation_revoke", scene.ours.invitation.pk)).status_code == HTTPStatus.NOT_FOUND
    scene.ours.invitation.refresh_from_db()
    assert scene.ours.invitation.revoked_at is None
