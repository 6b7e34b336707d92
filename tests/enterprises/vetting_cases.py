"""Registrations brought to a stage, and officials who decide on them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from django.urls import reverse

from enterprises.models import Registration, RegistrationStep
from enterprises.services import vetting
from parks.actors import actor_of
from parks.choices import Role
from parks.models import Membership
from tenancy.models import OutboxEvent
from tenancy.scopes import Author, open_scope, park_scope, platform_scope, registrant_scope
from tests.factories.people import UserFactory
from tests.factories.register import RegistrationFactory, filed, registration_paper

# A Wednesday; ten working days later is Wednesday 18 November.
NOW = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
CODE = "91350200MA2YJ1XR9G"
OTHER_CODE = "91350213678251743X"
EARLY_CODE = "91350203M0001QAY9B"
REGISTRARS = [Role.REVIEWER, Role.PARK_ADMINISTRATOR]


@contextmanager
def acting_as(membership, **changes):
    actor = replace(actor_of(membership), **changes)
    with open_scope(actor.scope):
        yield actor


@contextmanager
def registering_as(registration):
    with registrant_scope(
        registration.park_id, Author(registration.registrant_id, registration.registrant_name)
    ) as scope:
        yield scope


def file_registration(park, number="R-7K4M-2Q9X", registrant=None, **facts):
    """A complete registration with one document, filed by somebody without a place."""
    person = registrant or UserFactory(name="Lin Yue")
    with registrant_scope(park.pk, Author(person.pk, person.name)):
        registration = RegistrationFactory(
            park=park, registrant=person, registrant_name=person.name, **{"credit_code": CODE, **facts}
        )
        registration_paper(registration)
        filed(registration, number)
    return registration


def file_again(registration, **changes):
    """What the registrant does with a returned one."""
    with registering_as(registration):
        changed = {"state": "submitted", "round": 2, **changes}
        Registration.objects.filter(pk=registration.pk).update(**changed)


def give_back(side, registration, membership=None, now=NOW, **options):
    with acting_as(membership or side.staff[Role.REVIEWER]) as actor:
        given = {"expected_round": 1, "remarks": {"address": "As on the licence, please."}, "message": "One thing."}
        return vetting.return_registration(actor, registration, now=now, **{**given, **options})


def approve(side, registration, membership=None, now=NOW, **options):
    with acting_as(membership or side.staff[Role.REVIEWER]) as actor:
        given = {"expected_round": 1, "message": "Welcome."}
        return vetting.approve_registration(actor, registration, now=now, **{**given, **options})


def reject(side, registration, membership=None, now=NOW, **options):
    with acting_as(membership or side.staff[Role.REVIEWER]) as actor:
        given = {"expected_round": 1, "reason": "Not in this park."}
        return vetting.reject_registration(actor, registration, now=now, **{**given, **options})


def join(side, registration, enterprise, membership=None, now=NOW, **options):
    with acting_as(membership or side.staff[Role.REVIEWER]) as actor:
        roles = vetting.roles_on_joining(enterprise, now)
        given = {"expected_round": 1, "expected_roles": roles, "taken": (), "message": ""}
        return vetting.join_registration(actor, registration, enterprise=enterprise, now=now, **{**given, **options})


def stored(registration):
    with park_scope(registration.park_id):
        return Registration.objects.get(pk=registration.pk)


def steps_of(registration):
    with park_scope(registration.park_id):
        steps = RegistrationStep.objects.filter(registration=registration)
        return list(steps.values_list("kind", "by_name", "is_by_official", "comment", "due_at"))


def payloads_of(name):
    with platform_scope():
        return list(OutboxEvent.objects.filter(name=name).values_list("payload", flat=True))


def places_of(registration):
    with park_scope(registration.park_id):
        places = Membership.objects.filter(user_id=registration.registrant_id)
        return list(places.values_list("enterprise_id", "roles", "is_active"))


def vetting_url(name, **kwargs):
    return reverse(f"enterprises:vetting_{name}", kwargs=kwargs or None)


def page_of(registration, name="detail"):
    return vetting_url(name, registration_id=registration.pk)


def text_of(page):
    return page.content.decode()
