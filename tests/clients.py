"""Ways to act in a test as a person or as the worker would."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from parks import sessions
from parks.actors import Actor, actor_of
from parks.models import Membership
from tenancy.scopes import platform_scope
from tenancy.services import relay_events
from tests.factories.people import PASSWORD


def signed_in_client(membership: Membership, **kwargs: Any) -> Client:
    """Signed in without the sign-in page, acting in the membership."""
    client = Client(**kwargs)
    client.force_login(membership.user)
    session = client.session
    session[sessions.MEMBERSHIP] = membership.pk
    session.save()
    return client


def placeless_client(user: User, **kwargs: Any) -> Client:
    """Signed in, with no place chosen: somebody who registers an enterprise."""
    client = Client(**kwargs)
    client.force_login(user)
    return client


def confirmed_client(membership: Membership, **kwargs: Any) -> Client:
    """Signed in, and the password given once more just now, as new keys ask for."""
    client = signed_in_client(membership, **kwargs)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def actor(membership: Membership) -> Actor:
    """The actor of a membership, as the middleware makes it."""
    return actor_of(membership)


def run_outbox() -> int:
    with platform_scope():
        return relay_events(timezone.now())
