"""The command that makes the first operator, and any other that nobody is there to invite."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from parks.choices import Role
from parks.models import ApiKey, Membership
from tenancy.models import AuditEvent
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "wu@example.com"


def add_operator(email=ADDRESS):
    call_command("add_operator", email, "Wu Hao", verbosity=0)


def places():
    return [(place.user.email, place.roles, place.is_active, place.ended_at) for place in Membership.objects.all()]


def test_newcomer_becomes_an_operator_who_sets_a_password_by_mail(capsys):
    add_operator("Wu@Example.com")
    add_operator()
    assert capsys.readouterr().out == f"{ADDRESS} is an operator.\n" * 2
    assert places() == [(ADDRESS, [Role.OPERATOR], True, None)]
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (ADDRESS, True, True)
    assert not User.objects.get().has_usable_password()


def test_observer_becomes_an_operator_too():
    MembershipFactory(user=UserFactory(email=ADDRESS), park=None, roles=[Role.OBSERVER])
    add_operator()
    [(_, roles, is_active, _)] = places()
    assert (set(roles), is_active) == ({Role.OBSERVER, Role.OPERATOR}, True)


def test_membership_that_ended_begins_again_without_its_old_roles_and_keys():
    place = MembershipFactory(user=UserFactory(email=ADDRESS), park=None, roles=[Role.OBSERVER])
    ApiKey.objects.create(user=place.user, membership=place, name="old", expiry=timedelta(days=30))
    Membership.objects.update(is_active=False, ended_at=timezone.now())
    add_operator()
    assert places() == [(ADDRESS, [Role.OPERATOR], True, None)]
    assert ApiKey.objects.count() == 0


def test_address_that_somebody_registered_and_never_proved_stays_unproved():
    person = UserFactory(email=ADDRESS)
    EmailAddress.objects.create(user=person, email=ADDRESS, verified=False, primary=True)
    add_operator()
    assert not EmailAddress.objects.get().verified


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_trail_names_the_command():
    add_operator()
    trail = AuditEvent.objects.using("owner").filter(table_name="parks_membership")
    assert [(event.action, event.user_name) for event in trail] == [("INSERT", "add_operator")]
