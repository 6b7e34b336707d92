"""Inviting somebody to a place, and taking it."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as sent
from django.core.exceptions import PermissionDenied
from django.db import connections

from accounts.models import OutgoingMail, User
from parks import services
from parks.choices import ParkStatus, Role
from parks.models import ApiKey, Invitation, Membership, Park
from parks.services.people import AlreadyThere, InvitationNotOpen, ParkSuspended, RolesDoNotFit, WrongPerson
from tenancy.models import AuditEvent
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor, signed_in_client
from tests.factories.people import PASSWORD, ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def invited(membership, email="new@example.com", roles=(Role.REVIEWER,), now=NOW, **place):
    """An invitation by the holder of a membership, and the secret of its link."""
    acting = actor(membership)
    place.setdefault("park", membership.park)
    with open_scope(acting.scope):
        offer = services.invite(actor=acting, email=email, roles=roles, now=now, **place)
    return offer, secret(offer)


def secret(offer):
    mail = OutgoingMail.objects.get(key=f"invitation:{offer.token_digest}")
    # Delivery forgets the link of what it has sent.
    told = mail.url or sent.outbox[-1].body
    return re.search(r"/invitations/([\w-]{43})/", told)[1]


def link(token):
    return f"/invitations/{token}/"


def in_future(membership, **options):
    """An invitation that is still open by the clock of the views."""
    return invited(membership, now=datetime.now(UTC), **options)


@pytest.fixture
def administrator(scene):
    return scene.ours.staff[Role.PARK_ADMINISTRATOR]


def test_invitation_keeps_only_the_digest_of_its_secret(administrator):
    offer, token = invited(administrator, " New@Example.com ", [Role.APPROVER, Role.REVIEWER])

    assert offer.email == "new@example.com"
    assert offer.roles == [Role.REVIEWER, Role.APPROVER]
    assert offer.expires_at == NOW + timedelta(days=7)
    assert offer.token_digest == services.digest_of(token)
    with park_scope(administrator.park_id):
        event = AuditEvent.objects.get(table_name="parks_invitation", row_id=str(offer.pk))
    assert token not in str(event.after)


def test_invitation_mail_is_private_and_in_both_languages(administrator):
    offer, _token = invited(administrator)

    mail = OutgoingMail.objects.get(key=f"invitation:{offer.token_digest}")

    assert (mail.address, mail.is_private, mail.recipient) == ("new@example.com", True, None)
    assert "Torch Zone" in mail.text
    assert "火炬园区" in mail.text
    assert administrator.user.name in mail.text


def test_repeated_invitation_renews_the_open_one(administrator):
    first, old = invited(administrator)
    second, new = invited(administrator, "NEW@example.com", [Role.APPROVER], now=NOW + timedelta(days=1))

    assert second.pk == first.pk
    assert new != old
    assert second.expires_at == NOW + timedelta(days=8)
    assert second.roles == [Role.APPROVER]
    user = UserFactory(email="new@example.com")
    with pytest.raises(InvitationNotOpen):
        services.accept_invitation(user=user, token=old, now=NOW)


def test_colleague_cannot_be_invited_again(scene, administrator):
    reviewer = scene.ours.staff[Role.REVIEWER]

    with pytest.raises(AlreadyThere) as caught:
        invited(administrator, reviewer.user.email.upper())

    assert caught.value.field == "email"


@pytest.mark.parametrize("roles", [[], [Role.OWNER], [Role.OPERATOR], [Role.REVIEWER, Role.APPLICANT]])
def test_roles_of_another_kind_of_place_do_not_fit(administrator, roles):
    with pytest.raises(RolesDoNotFit):
        invited(administrator, roles=roles)


def test_each_gives_the_roles_of_their_own_place_only(scene):
    ours, others = scene.ours, scene.others
    owner = ours.firm.people[Role.OWNER]
    firm = {"enterprise_id": ours.firm.enterprise.pk}
    allowed = [
        (ours.staff[Role.PARK_ADMINISTRATOR], {"roles": [Role.AUDITOR]}),
        (owner, {"roles": [Role.APPLICANT], **firm}),
        (scene.operator, {"roles": [Role.PARK_ADMINISTRATOR], "park": ParkFactory()}),
        (scene.operator, {"roles": [Role.OBSERVER], "park": None}),
    ]
    forbidden = [
        (ours.staff[Role.PARK_ADMINISTRATOR], {"roles": [Role.AUDITOR], "park": others.park}),
        (ours.staff[Role.PARK_ADMINISTRATOR], {"roles": [Role.APPLICANT], **firm}),
        (ours.staff[Role.PARK_ADMINISTRATOR], {"roles": [Role.OPERATOR], "park": None}),
        (ours.staff[Role.AUDITOR], {"roles": [Role.AUDITOR]}),
        (owner, {"roles": [Role.AUDITOR]}),
        (owner, {"roles": [Role.APPLICANT], "enterprise_id": ours.neighbour.enterprise.pk}),
        (ours.firm.people[Role.APPLICANT], {"roles": [Role.APPLICANT], **firm}),
        (scene.operator, {"roles": [Role.OWNER], "park": ours.park, **firm}),
        (scene.operator, {"roles": [Role.PARK_ADMINISTRATOR, Role.APPROVER], "park": ParkFactory()}),
        (scene.operator, {"roles": [Role.AUDITOR], "park": ParkFactory()}),
        (scene.observer, {"roles": [Role.OBSERVER], "park": None}),
    ]
    for membership, offer in allowed:
        assert invited(membership, **offer)[0].roles == offer["roles"]
    for membership, offer in forbidden:
        with pytest.raises(PermissionDenied):
            invited(membership, "other@example.com", **offer)


def test_administrator_names_the_owner_of_an_enterprise_without_one(scene, administrator):
    firm = {"enterprise_id": scene.ours.firm.enterprise.pk, "roles": [Role.OWNER]}
    with pytest.raises(RolesDoNotFit):
        invited(administrator, **firm)

    Membership.objects.filter(pk=scene.ours.firm.people[Role.OWNER].pk).update(is_active=False)

    assert invited(administrator, **firm)[0].enterprise_id == scene.ours.firm.enterprise.pk


def test_accepting_makes_a_membership_under_a_name(administrator, run_outbox):
    user = UserFactory(email="New@example.com", name="Qian Yi")
    offer, token = in_future(administrator, roles=[Role.REVIEWER, Role.EXPERT])

    response = signed_in_client(person(Role.OBSERVER, user=user)).post(link(token))

    assert (response.status_code, response.url) == (302, "/")
    membership = Membership.objects.get(user=user, park=administrator.park)
    assert (membership.roles, membership.is_active) == ([Role.REVIEWER, Role.EXPERT], True)
    with park_scope(administrator.park_id):
        event = AuditEvent.objects.get(table_name="parks_membership", row_id=str(membership.pk))
    assert (event.user_id, event.user_name) == (user.pk, "Qian Yi")
    run_outbox()
    run_outbox()
    told = OutgoingMail.objects.get(recipient=administrator.user)
    assert told.subject == f"Your invitation to {administrator.park.name_en} was accepted"
    assert Invitation.objects.get(pk=offer.pk).accepted_at is not None


def test_page_says_what_was_accepted(administrator):
    user = UserFactory(email="new@example.com")
    _offer, token = in_future(administrator, roles=[Role.AUDITOR])
    page = signed_in_client(person(Role.OBSERVER, user=user)).post(link(token), follow=True).content.decode()
    assert f"You act in {administrator.park.name_en} from now on. Your roles: Auditor." in page


def test_person_acts_in_the_new_place_at_once(administrator):
    user = UserFactory(email="new@example.com")
    _offer, token = in_future(administrator, roles=[Role.AUDITOR])
    client = signed_in_client(person(Role.OBSERVER, user=user))

    client.post(link(token))

    assert client.get("/park/staff/").status_code == 200


def test_second_click_finds_the_place_taken(administrator):
    user = UserFactory(email="new@example.com")
    _offer, token = in_future(administrator)
    client = signed_in_client(person(Role.OBSERVER, user=user))

    answers = [client.post(link(token)).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Membership.objects.filter(user=user, park=administrator.park).count() == 1


def test_second_owner_whom_the_park_invited_finds_the_place_taken(scene, administrator):
    firm = {"enterprise_id": scene.ours.firm.enterprise.pk, "roles": [Role.OWNER]}
    Membership.objects.filter(pk=scene.ours.firm.people[Role.OWNER].pk).update(is_active=False)
    invitations = [
        in_future(administrator, email=email, **firm)[1] for email in ("first@example.com", "second@example.com")
    ]
    clients = [
        signed_in_client(person(Role.OBSERVER, user=UserFactory(email=email)))
        for email in ("first@example.com", "second@example.com")
    ]

    answers = [client.post(link(token)) for client, token in zip(clients, invitations, strict=True)]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "This enterprise has an owner" in answers[1].content.decode()
    people = Membership.objects.active().of_enterprise(administrator.park_id, firm["enterprise_id"])
    assert [owner.user.email for owner in people.with_role(Role.OWNER)] == ["first@example.com"]


def test_owner_invites_a_second_owner(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    user = UserFactory(email="new@example.com")
    _offer, token = invited(owner, roles=[Role.OWNER], enterprise_id=owner.enterprise_id)

    assert services.accept_invitation(user=user, token=token, now=NOW).roles == [Role.OWNER]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_acceptances_at_once_make_one_membership():
    park = ParkFactory()
    administrator = person(Role.PARK_ADMINISTRATOR, park)
    user = UserFactory(email="new@example.com")
    _offer, token = invited(administrator)
    start, made = threading.Barrier(2), []

    def accept():
        start.wait()
        try:
            made.append(services.accept_invitation(user=user, token=token, now=NOW).pk)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 2
    assert len(set(made)) == 1
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_registrations_at_once_make_one_account():
    park = ParkFactory()
    _offer, token = invited(person(Role.PARK_ADMINISTRATOR, park))
    start, made = threading.Barrier(2), []

    def register():
        start.wait()
        try:
            words = {"name": "Qian Yi", "password": PASSWORD, "language": "en"}
            made.append(services.register_by_invitation(token=token, now=NOW, **words).pk)
        except InvitationNotOpen:
            made.append(None)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made, key=bool) == [None, Membership.objects.get(user__email="new@example.com").pk]


def test_new_person_registers_with_a_verified_address(client, administrator):
    _offer, token = in_future(administrator, roles=[Role.AUDITOR])

    page = client.get(link(token))
    response = client.post(link(token), {"name": "Qian Yi", "password": PASSWORD})

    assert page.status_code == 200
    assert response.status_code == 302
    user = User.objects.get(email="new@example.com")
    assert user.name == "Qian Yi"
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True).count() == 1
    assert client.get("/park/staff/").status_code == 200


@pytest.mark.parametrize("password", ["short", "1234567890", "new@example.com"])
def test_weak_password_makes_no_account(client, administrator, password):
    _offer, token = in_future(administrator)

    response = client.post(link(token), {"name": "Qian Yi", "password": password})

    assert response.status_code == 422
    assert not User.objects.filter(email="new@example.com").exists()


def test_account_that_exists_is_asked_to_sign_in(client, administrator):
    UserFactory(email="new@example.com")
    _offer, token = in_future(administrator)

    text = client.get(link(token)).content.decode()

    assert f"/account/login/?next=/invitations/{token}/" in text
    assert "password" not in text.lower().replace("forgot", "")


def test_other_person_is_told_so_and_takes_nothing(scene, administrator):
    _offer, token = in_future(administrator)
    client = signed_in_client(scene.ours.staff[Role.REVIEWER])

    page, post = client.get(link(token)), client.post(link(token))

    assert "This invitation is for another address." in page.content.decode()
    assert post.status_code == 422
    assert Invitation.objects.get(email="new@example.com").accepted_at is None


def test_nobody_accepts_an_invitation_of_their_own(administrator):
    user = administrator.user
    offer, token = invited(administrator)
    Invitation.objects.filter(pk=offer.pk).update(email=user.email)

    with pytest.raises(WrongPerson):
        services.accept_invitation(user=user, token=token, now=NOW)


def test_link_that_does_not_work_tells_nothing(client, administrator):
    def gone(change):
        offer, token = in_future(administrator, email=f"{next(iter(change))}@example.com")
        Invitation.objects.filter(pk=offer.pk).update(**change)
        response = client.get(link(token))
        Invitation.objects.filter(pk=offer.pk).delete()
        return response.status_code, re.sub(rb'(?:value|content)="\w{64}"|/invitations/[\w-]+/', b"", response.content)

    now = datetime.now(UTC)
    expired = gone({"expires_at": now - timedelta(seconds=1)})

    assert expired[0] == 410
    assert gone({"accepted_at": now}) == expired
    assert gone({"revoked_at": now}) == expired
    assert gone({"token_digest": "0" * 63 + "1"}) == expired


@pytest.mark.parametrize("fate", ["accepted_at", "revoked_at", "expires_at"])
def test_other_person_who_posts_to_a_dead_link_finds_it_gone(scene, administrator, fate):
    offer, token = in_future(administrator)
    Invitation.objects.filter(pk=offer.pk).update(**{fate: datetime.now(UTC) - timedelta(seconds=1)})
    client = signed_in_client(scene.ours.staff[Role.REVIEWER])

    page, post = client.get(link(token)), client.post(link(token))

    assert (page.status_code, post.status_code) == (410, 410)
    assert post.templates[0].name == page.templates[0].name == "parks/invitation_gone.html"


def test_archived_park_takes_nobody_and_suspended_one_later(client, administrator):
    user = UserFactory(email="new@example.com")
    _offer, token = in_future(administrator)
    Park.objects.filter(pk=administrator.park_id).update(status=ParkStatus.SUSPENDED)
    with pytest.raises(ParkSuspended):
        services.accept_invitation(user=user, token=token, now=NOW)

    Park.objects.filter(pk=administrator.park_id).update(status=ParkStatus.ARCHIVED)

    assert client.get(link(token)).status_code == 410


def test_invitation_to_a_suspended_park_says_so_before_anything_is_filled_in(client, administrator):
    _offer, token = in_future(administrator)
    Park.objects.filter(pk=administrator.park_id).update(status=ParkStatus.SUSPENDED)

    page = client.get(link(token))

    assert (page.status_code, page.context["way"]) == (200, "later")
    assert "This park is suspended." in page.content.decode()
    assert 'name="password"' not in page.content.decode()


def test_new_person_reads_what_the_password_must_be(client, administrator):
    _offer, token = in_future(administrator)
    assert "At least 10 characters." in client.get(link(token)).content.decode()


def test_reinstated_person_gets_the_new_roles_and_none_of_the_old_keys(scene, administrator):
    place = scene.ours.staff[Role.EXPERT]
    ApiKey.objects.create(user=place.user, membership=place, name="old")
    Membership.objects.filter(pk=place.pk).update(is_active=False, ended_at=NOW)
    _offer, token = invited(administrator, place.user.email, [Role.REVIEWER])

    membership = services.accept_invitation(user=place.user, token=token, now=NOW)

    assert (membership.pk, membership.roles, membership.ended_at) == (place.pk, [Role.REVIEWER], None)
    assert ApiKey.objects.filter(membership=place).count() == 0


def test_revoked_invitation_cannot_be_accepted(administrator):
    user = UserFactory(email="new@example.com")
    offer, token = invited(administrator)
    acting = actor(administrator)
    with open_scope(acting.scope):
        services.revoke_invitation(actor=acting, invitation=offer, now=NOW)
        with pytest.raises(InvitationNotOpen):
            services.revoke_invitation(actor=acting, invitation=offer, now=NOW)

    with pytest.raises(InvitationNotOpen):
        services.accept_invitation(user=user, token=token, now=NOW)


def test_address_gets_three_letters_a_day_from_one_place(administrator):
    for _ in range(3):
        invited(administrator)

    with pytest.raises(services.people.TooManyInvitations):
        invited(administrator)

    invited(administrator, email="another@example.com")
    invited(person(Role.PARK_ADMINISTRATOR, ParkFactory()))


def test_person_invites_thirty_an_hour(administrator):
    for number in range(30):
        invited(administrator, email=f"new{number}@example.com")

    with pytest.raises(services.people.TooManyInvitations):
        invited(administrator, email="one-more@example.com")


def test_letter_does_not_begin_with_what_somebody_calls_themselves(administrator):
    offer, _token = invited(administrator)

    letter = OutgoingMail.objects.get(key=f"invitation:{offer.token_digest}")

    assert all(not part.startswith(administrator.user.name) for part in letter.text.split("\n\n"))
    assert administrator.user.name in letter.text


def dismissed(membership):
    """Whoever ends them does not know of what they sent: the invitations stay as they are."""
    Membership.objects.filter(pk=membership.pk).update(is_active=False, ended_at=NOW)


def test_owner_who_left_lets_no_owner_in(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    user = UserFactory(email="new@example.com")
    place = {"enterprise_id": owner.enterprise_id, "roles": [Role.OWNER]}
    _offer, token = invited(owner, **place)
    Membership.objects.filter(pk=owner.pk).update(roles=[Role.APPLICANT])

    with pytest.raises(InvitationNotOpen, match="Ask for a new one"):
        services.accept_invitation(user=user, token=token, now=NOW)

    assert not Membership.objects.filter(user=user).exists()


def test_dismissed_administrator_lets_no_accomplice_in(client, administrator):
    _offer, token = in_future(administrator, roles=[Role.PARK_ADMINISTRATOR, Role.APPROVER])
    dismissed(administrator)

    answer = client.post(link(token), {"name": "Qian Yi", "password": PASSWORD})

    assert answer.status_code == 410
    assert not User.objects.filter(email="new@example.com").exists()


def test_dismissed_administrator_names_no_owner(scene, administrator):
    owner = scene.ours.firm.people[Role.OWNER]
    dismissed(owner)
    _offer, token = invited(administrator, enterprise_id=owner.enterprise_id, roles=[Role.OWNER])
    dismissed(administrator)

    with pytest.raises(InvitationNotOpen):
        services.accept_invitation(user=UserFactory(email="new@example.com"), token=token, now=NOW)


@pytest.mark.parametrize("to_park", [True, False])
def test_invitation_of_an_operator_holds_while_they_are_one(scene, to_park):
    park, role = (ParkFactory(), Role.PARK_ADMINISTRATOR) if to_park else (None, Role.OPERATOR)
    people = [UserFactory(email=email) for email in ("first@example.com", "second@example.com")]
    tokens = [invited(scene.operator, user.email, [role], park=park)[1] for user in people]

    assert services.accept_invitation(user=people[0], token=tokens[0], now=NOW).roles == [role]
    dismissed(scene.operator)
    with pytest.raises(InvitationNotOpen):
        services.accept_invitation(user=people[1], token=tokens[1], now=NOW)


def test_owner_elsewhere_is_no_owner_here(scene):
    ours = scene.ours
    owner = ours.firm.people[Role.OWNER]
    _offer, token = invited(owner, enterprise_id=owner.enterprise_id, roles=[Role.OWNER])
    dismissed(owner)
    person(Role.OWNER, ours.park, ours.neighbour.enterprise.pk, user=owner.user)
    person(Role.PARK_ADMINISTRATOR, scene.others.park, user=owner.user)

    with pytest.raises(InvitationNotOpen):
        services.accept_invitation(user=UserFactory(email="new@example.com"), token=token, now=NOW)
