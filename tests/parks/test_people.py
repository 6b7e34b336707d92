"""Who works in a park, what they may do there, and who may change it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from accounts.models import OutgoingMail
from parks import services
from parks.choices import PARK_ROLES, Role
from parks.models import Invitation, Membership
from parks.services.people import LastOfTheirKind, OwnRoles, RolesDoNotFit
from tenancy.scopes import open_scope
from tests.clients import actor, signed_in_client
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
READERS = {Role.PARK_ADMINISTRATOR, Role.AUDITOR}


def acting(holder, act, **options):
    """A service called by the holder of a membership, in their scope."""
    who = actor(holder)
    with open_scope(who.scope):
        return act(actor=who, now=NOW, **options)


@pytest.fixture
def administrator(scene):
    return scene.ours.staff[Role.PARK_ADMINISTRATOR]


@pytest.fixture
def reviewer(scene):
    return scene.ours.staff[Role.REVIEWER]


def test_roles_change_and_the_person_is_told_once(administrator, reviewer, run_outbox):
    changed = acting(administrator, services.change_roles, membership=reviewer, roles=[Role.APPROVER, Role.REVIEWER])
    run_outbox()
    run_outbox()

    assert changed.roles == [Role.REVIEWER, Role.APPROVER]
    mail = OutgoingMail.objects.get(recipient=reviewer.user)
    assert mail.subject == "Your roles in Torch Zone have changed"
    assert "Reviewer, Approver" in mail.text


def test_same_roles_are_no_change(administrator, reviewer, run_outbox):
    acting(administrator, services.change_roles, membership=reviewer, roles=[Role.REVIEWER])

    assert run_outbox() == 0


def test_nobody_changes_or_ends_their_own(administrator):
    with pytest.raises(OwnRoles):
        acting(administrator, services.change_roles, membership=administrator, roles=list(PARK_ROLES))
    with pytest.raises(OwnRoles):
        acting(administrator, services.end_membership, membership=administrator)


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ADMINISTRATOR}))
def test_only_the_administrator_changes_roles(scene, role):
    target = scene.ours.staff[Role.REVIEWER if role != Role.REVIEWER else Role.EXPERT]

    with pytest.raises(PermissionDenied):
        acting(scene.ours.staff[role], services.change_roles, membership=target, roles=[Role.APPROVER])


def test_roles_of_an_enterprise_are_the_owners_concern(scene, administrator):
    owner, applicant = (scene.ours.firm.people[role] for role in (Role.OWNER, Role.APPLICANT))

    with pytest.raises(PermissionDenied):
        acting(administrator, services.change_roles, membership=applicant, roles=[Role.OWNER])
    with pytest.raises(RolesDoNotFit):
        acting(owner, services.change_roles, membership=applicant, roles=[Role.AUDITOR])
    changed = acting(owner, services.change_roles, membership=applicant, roles=[Role.CERTIFIER])

    assert changed.roles == [Role.CERTIFIER]


def test_last_administrator_stays(scene, administrator):
    """One whose account is closed counts for nobody."""
    second = person(Role.PARK_ADMINISTRATOR, scene.ours.park)
    type(second.user).objects.filter(pk=second.user_id).update(is_active=False)

    for act, options in ((services.end_membership, {}), (services.change_roles, {"roles": [Role.AUDITOR]})):
        with pytest.raises(LastOfTheirKind):
            acting(second, act, membership=administrator, **options)
        with pytest.raises(PermissionDenied):
            acting(scene.operator, act, membership=administrator, **options)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_administrators_cannot_end_each_other():
    park = ParkFactory()
    one, other = person(Role.PARK_ADMINISTRATOR, park), person(Role.PARK_ADMINISTRATOR, park)
    start, refused = threading.Barrier(2), []

    def end(who, whom):
        start.wait()
        try:
            acting(who, services.end_membership, membership=whom)
        except PermissionDenied:
            refused.append(who)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=end, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Membership.objects.filter(park=park, is_active=True).count() == 1


def power_over(who, act, target):
    """What an administrator does to somebody, or with an invitation."""
    offer = Invitation.objects.filter(park=target.park, enterprise_id=None).first()
    options = {
        services.change_roles: {"membership": target, "roles": [Role.PARK_ADMINISTRATOR, Role.APPROVER]},
        services.end_membership: {"membership": target},
        services.invite: {"email": "friend@example.com", "roles": [Role.APPROVER], "park": target.park},
        services.revoke_invitation: {"invitation": offer},
    }[act]
    act(actor=who, now=NOW, **options)


POWERS = [services.change_roles, services.end_membership, services.invite, services.revoke_invitation]


def rows_of_power(park):
    places = Membership.objects.filter(park=park).order_by("pk").values_list("pk", "roles", "is_active")
    return list(places), list(Invitation.objects.filter(park=park).order_by("pk").values_list("pk", "revoked_at"))


def is_anybody_waiting():
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("act", POWERS, ids=lambda act: act.__name__)
def test_administrator_who_is_just_being_dismissed_gives_no_power(act):
    park = ParkFactory()
    dismissed, colleague = person(Role.PARK_ADMINISTRATOR, park), person(Role.PARK_ADMINISTRATOR, park)
    target = person(Role.REVIEWER, park)
    acting(colleague, services.invite, email="open@example.com", roles=[Role.EXPERT], park=park)
    stale, refused = actor(dismissed), []

    def give():
        try:
            with open_scope(stale.scope):
                power_over(stale, act, target)
        except PermissionDenied:
            refused.append(act)
        finally:
            connections["default"].close()

    who = actor(colleague)
    with open_scope(who.scope):
        services.end_membership(actor=who, membership=dismissed, now=NOW)
        thread = threading.Thread(target=give)
        thread.start()
        ends_at = time.monotonic() + 10
        while thread.is_alive() and not is_anybody_waiting() and time.monotonic() < ends_at:
            time.sleep(0.01)
        before = rows_of_power(park)
    thread.join()

    assert refused == [act]
    assert rows_of_power(park) == before


@pytest.mark.parametrize("act", POWERS, ids=lambda act: act.__name__)
def test_administrator_who_lost_the_role_since_their_request_began_gives_no_power(scene, administrator, act):
    stale, target = actor(administrator), scene.ours.staff[Role.EXPERT]
    Membership.objects.filter(pk=administrator.pk).update(roles=[Role.AUDITOR])
    with pytest.raises(PermissionDenied), open_scope(stale.scope):
        power_over(stale, act, target)


def test_operator_who_lost_the_role_since_their_request_began_gives_no_power(scene):
    stale, park = actor(scene.operator), ParkFactory()
    offer = {"email": "first@example.com", "roles": [Role.PARK_ADMINISTRATOR], "park": park, "now": NOW}
    with open_scope(stale.scope):
        sent = services.invite(actor=stale, **offer)
    Membership.objects.filter(pk=scene.operator.pk).update(roles=[Role.OBSERVER])
    with pytest.raises(PermissionDenied), open_scope(stale.scope):
        services.invite(actor=stale, **offer)
    with pytest.raises(PermissionDenied), open_scope(stale.scope):
        services.revoke_invitation(actor=stale, invitation=sent, now=NOW)


def test_ended_person_is_refused_from_the_next_request(administrator, reviewer, run_outbox):
    client = signed_in_client(reviewer)
    assert client.get("/park/profile/").status_code == 200

    acting(administrator, services.end_membership, membership=reviewer)
    acting(administrator, services.end_membership, membership=reviewer)
    run_outbox()

    response = client.get("/park/profile/")
    assert (response.status_code, response.url) == (302, "/places/?next=%2Fpark%2Fprofile%2F")
    assert OutgoingMail.objects.get(recipient=reviewer.user).subject == "You no longer work in Torch Zone"


def test_ending_revokes_open_invitations_of_the_same_person(administrator, reviewer):
    offer = Invitation.objects.create(
        park=reviewer.park,
        email=reviewer.user.email,
        roles=[Role.EXPERT],
        token_digest="1" * 64,
        invited_by=administrator.user,
        expires_at=datetime(2999, 1, 1, tzinfo=UTC),
    )

    acting(administrator, services.end_membership, membership=reviewer)

    assert Invitation.objects.get(pk=offer.pk).revoked_at == NOW


def offers_of(membership, **place):
    """An invitation each by a colleague and by the holder of the membership."""
    return [
        Invitation.objects.create(
            park=membership.park,
            email=f"invited-{number}@example.com",
            roles=[Role.APPLICANT] if place else [Role.EXPERT],
            token_digest=f"{number}" * 64,
            invited_by=user,
            expires_at=datetime(2999, 1, 1, tzinfo=UTC),
            **place,
        )
        for number, user in enumerate([person(Role.EXPERT, membership.park).user, membership.user])
    ]


def revoked(offers):
    return [Invitation.objects.get(pk=offer.pk).revoked_at for offer in offers]


def test_ending_revokes_what_the_person_sent(administrator):
    ended = person([Role.PARK_ADMINISTRATOR, Role.APPROVER], administrator.park)
    offers = offers_of(ended)

    acting(administrator, services.end_membership, membership=ended)

    assert revoked(offers) == [None, NOW]


def test_owner_who_is_ended_by_a_colleague_leaves_no_invitations(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    colleague = person(Role.OWNER, owner.park, owner.enterprise_id)
    offers = offers_of(owner, enterprise_id=owner.enterprise_id)

    acting(colleague, services.end_membership, membership=owner)

    assert revoked(offers) == [None, NOW]


def test_repeated_ending_leaves_a_later_invitation(administrator, reviewer):
    acting(administrator, services.end_membership, membership=reviewer)
    offer, _other = offers_of(reviewer)
    Invitation.objects.filter(pk=offer.pk).update(email=reviewer.user.email)

    acting(administrator, services.end_membership, membership=reviewer)

    assert revoked([offer]) == [None]


@pytest.mark.parametrize(
    ("roles", "fate"), [([Role.APPROVER], NOW), ([Role.PARK_ADMINISTRATOR, Role.EXPERT], None)], ids=["lost", "kept"]
)
def test_who_invites_no_more_takes_what_they_sent_along(administrator, roles, fate):
    colleague = person([Role.PARK_ADMINISTRATOR, Role.APPROVER], administrator.park)
    offers = offers_of(colleague)

    acting(administrator, services.change_roles, membership=colleague, roles=roles)

    assert revoked(offers) == [None, fate]


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_staff_is_read_by_administrator_and_auditor(scene, role):
    status = signed_in_client(scene.ours.staff[role]).get("/park/staff/").status_code

    assert status == (200 if role in READERS else 403)


def test_staff_list_names_officials_of_this_park_only(scene, administrator):
    text = signed_in_client(administrator).get("/park/staff/").content.decode()

    assert [member.user.email in text for member in scene.ours.staff.values()] == [True] * len(PARK_ROLES)
    strangers = [*scene.others.staff.values(), *scene.ours.firm.people.values()]
    assert [member.user.email for member in strangers if member.user.email in text] == []
    assert "ours@example.com" in text
    assert "others@example.com" not in text


def test_park_sees_and_revokes_the_invitation_of_an_operator(scene, administrator):
    operator = actor(scene.operator)
    Membership.objects.filter(pk=administrator.pk).update(is_active=False)
    with open_scope(operator.scope):
        offer = services.invite(
            actor=operator, email="second@example.com", roles=[Role.PARK_ADMINISTRATOR], park=scene.ours.park, now=NOW
        )
        Invitation.objects.filter(pk=offer.pk).update(expires_at=datetime(2999, 1, 1, tzinfo=UTC))
    Membership.objects.filter(pk=administrator.pk).update(is_active=True)
    client = signed_in_client(administrator)

    text = client.get("/park/staff/").content.decode()
    client.post(f"/park/staff/invitations/{offer.pk}/revoke/")

    assert "second@example.com" in text
    assert operator.name in text
    assert Invitation.objects.get(pk=offer.pk).revoked_at is not None


def test_auditor_sees_no_acts(scene):
    administrator, auditor = (
        signed_in_client(scene.ours.staff[role]).get("/park/staff/").content.decode()
        for role in (Role.PARK_ADMINISTRATOR, Role.AUDITOR)
    )

    for act in ("/park/staff/invite/", f"/park/staff/{scene.ours.staff[Role.EXPERT].pk}/"):
        assert act in administrator
        assert act not in auditor


def test_staff_list_is_searched_and_filtered(scene, administrator):
    client = signed_in_client(administrator)
    expert, approver = scene.ours.staff[Role.EXPERT].user, scene.ours.staff[Role.APPROVER].user

    by_mail = client.get("/park/staff/", {"q": expert.email}).content.decode()
    by_role = client.get("/park/staff/", {"role": "approver"}).content.decode()
    ended = client.get("/park/staff/", {"ended": "on"}).content.decode()

    assert [expert.email in by_mail, approver.email in by_mail] == [True, False]
    assert [expert.email in by_role, approver.email in by_role] == [False, True]
    assert "Nobody fits these filters." in ended


@pytest.mark.parametrize("count", [1, 30])
def test_staff_list_takes_the_same_queries_for_more_people(scene, administrator, django_assert_num_queries, count):
    for number in range(count):
        person(Role.REVIEWER, scene.ours.park)
        Invitation.objects.create(
            park=scene.ours.park,
            email=f"more{number}@example.com",
            roles=[Role.REVIEWER],
            token_digest=f"{number:064}",
            invited_by=administrator.user,
            expires_at=datetime(2999, 1, 1, tzinfo=UTC),
        )
    client = signed_in_client(administrator)

    with django_assert_num_queries(19):
        client.get("/park/staff/")


def test_staff_is_exported_with_its_filter(scene, administrator):
    expert = scene.ours.staff[Role.EXPERT].user

    text = signed_in_client(administrator).get("/park/staff/?export=csv&role=expert").content.decode("utf-8-sig")

    head, row = text.strip().splitlines()
    assert head == '"Name","E-mail address","Roles","Since","Last sign-in","Ended"'
    assert row.startswith(f'"{expert.name}","{expert.email}","Expert",')


def test_administrator_invites_by_the_page(administrator):
    client = signed_in_client(administrator)

    refused = client.post("/park/staff/invite/", {"email": administrator.user.email, "roles": ["reviewer"]})
    sent = client.post("/park/staff/invite/", {"email": "new@example.com", "roles": ["reviewer", "expert"]})

    assert refused.status_code == 422
    assert "This person already works here." in refused.content.decode()
    assert (sent.status_code, sent.url) == (302, "/park/staff/")
    assert Invitation.objects.get(email="new@example.com").roles == [Role.REVIEWER, Role.EXPERT]


def test_administrator_revokes_changes_and_ends_by_the_pages(scene, administrator, reviewer):
    client = signed_in_client(administrator)
    invitation = scene.ours.invitation

    pages = [
        f"/park/staff/invitations/{invitation.pk}/revoke/",
        f"/park/staff/{reviewer.pk}/",
        f"/park/staff/{reviewer.pk}/end/",
    ]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    assert [client.post(page, {"roles": ["expert"]}).status_code for page in pages] == [302, 302, 302]

    assert Invitation.objects.get(pk=invitation.pk).revoked_at is not None
    ended = Membership.objects.get(pk=reviewer.pk)
    assert (ended.roles, ended.is_active) == ([Role.EXPERT], False)
    assert client.post(pages[0]).status_code == 422


def test_refused_change_leaves_everything_as_it_was(administrator):
    client = signed_in_client(administrator)

    response = client.post(f"/park/staff/{administrator.pk}/", {"roles": ["auditor"]})

    assert response.status_code == 422
    assert "Nobody changes their own roles." in response.content.decode()
    assert Membership.objects.get(pk=administrator.pk).roles == [Role.PARK_ADMINISTRATOR]


@pytest.mark.parametrize("page", ["", "end/"])
def test_people_of_elsewhere_cannot_be_changed(scene, administrator, page):
    client = signed_in_client(administrator)
    elsewhere = [scene.others.staff[Role.REVIEWER], scene.ours.firm.people[Role.OWNER], scene.operator]

    assert [client.post(f"/park/staff/{m.pk}/{page}", {"roles": ["auditor"]}).status_code for m in elsewhere] == [
        404
    ] * 3


def test_everybody_else_is_kept_out_of_the_acts(scene):
    target = scene.ours.staff[Role.REVIEWER]
    pages = ["/park/staff/invite/", f"/park/staff/{target.pk}/", f"/park/staff/{target.pk}/end/"]
    kept_out = [scene.ours.staff[Role.AUDITOR], scene.ours.firm.people[Role.OWNER], scene.operator]

    for membership in kept_out:
        client = signed_in_client(membership)
        assert [client.post(page).status_code for page in pages] == [403, 403, 403]
