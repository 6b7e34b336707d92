"""The first administrator of a park: named by an operator while there is none, and not behind the park's back."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.urls import reverse

from accounts.models import OutgoingMail
from parks import services
from parks.choices import Role
from parks.models import Invitation, Membership
from parks.services.administrators import HasAdministrator
from tenancy.scopes import open_scope
from tests.clients import actor
from tests.factories.people import ParkFactory, UserFactory, person
from tests.parks.test_invitations import secret

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def invited(operator, park, email):
    acting = actor(operator)
    roles = [Role.PARK_ADMINISTRATOR]
    with open_scope(acting.scope):
        return services.invite(actor=acting, email=email, roles=roles, park=park, now=NOW)


def test_operator_names_nobody_where_an_administrator_is(scene, client_of):
    park, operator = scene.ours.park, scene.operator
    with pytest.raises(HasAdministrator):
        invited(operator, park, "second@example.com")
    url = reverse("parks:park_detail", kwargs={"park_id": park.pk})
    page = client_of(operator).get(url).content.decode()
    refused = client_of(operator).post(url, {"email": "second@example.com"})

    assert "The park has an administrator: they invite their colleagues." in page
    assert 'name="email"' not in page
    assert refused.status_code == 422
    assert not Invitation.objects.filter(email="second@example.com").exists()


def test_operator_helps_a_park_whose_administrators_are_gone_and_its_auditor_is_told(scene, run_outbox):
    park = scene.ours.park
    gone, closed = scene.ours.staff[Role.PARK_ADMINISTRATOR], person(Role.PARK_ADMINISTRATOR, park)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    type(closed.user).objects.filter(pk=closed.user_id).update(is_active=False)

    for _again in range(2):
        offer = invited(scene.operator, park, "next@example.com")
    run_outbox()
    run_outbox()

    assert Invitation.objects.filter(email="next@example.com").count() == 1
    told = OutgoingMail.objects.filter(key__startswith=f"administrator_invited:{offer.pk}:")
    assert [mail.recipient_id for mail in told] == [scene.ours.staff[Role.AUDITOR].user_id]
    assert told[0].subject == "An operator of the installation has invited an administrator to Torch Zone"
    assert f"{scene.operator.user.name}, an operator" in told[0].text
    assert "next@example.com" in told[0].text


def test_operator_takes_back_what_was_sent_before_the_park_had_an_administrator(scene):
    park = ParkFactory()
    offer = invited(scene.operator, park, "first@example.com")
    person(Role.PARK_ADMINISTRATOR, park)
    acting = actor(scene.operator)

    with open_scope(acting.scope):
        revoked = services.revoke_invitation(actor=acting, invitation=offer, now=NOW)

    assert revoked.revoked_at == NOW


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_invited_by_two_operators_at_once_one_becomes_administrator():
    park = ParkFactory()
    people = [UserFactory(email=email) for email in ("one@example.com", "two@example.com")]
    tokens = [secret(invited(person(Role.OPERATOR), park, user.email)) for user in people]
    start, refused = threading.Barrier(2), []

    def accept(user, token):
        start.wait()
        try:
            services.accept_invitation(user=user, token=token, now=NOW)
        except HasAdministrator as refusal:
            refused.append(str(refusal))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=accept, args=pair) for pair in zip(people, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["The park has an administrator: they invite their colleagues."]
    assert Membership.objects.filter(park=park).count() == 1
