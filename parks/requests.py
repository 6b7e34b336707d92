"""What the middleware adds to a request, for the type checker and the reader."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from parks.actors import Actor, Registrant
from parks.models import ApiKey, Membership, Park, SupportSession


class VisitorRequest(HttpRequest):
    """Any request: who acts, if anybody does, and where."""

    actor: Actor | None
    park: Park | None
    membership: Membership | None
    support_session: SupportSession | None
    api_key: ApiKey | None


class PublicParkRequest(HttpRequest):
    """Behind `public_park`: the park of the address."""

    park: Park


class RegisteringRequest(HttpRequest):
    """Behind `registering`: a person, and the park of the address."""

    user: User
    park: Park
    registrant: Registrant


class SignedInRequest(VisitorRequest):
    """Behind `signed_in`: a person, acting or not."""

    user: User


class ActingRequest(HttpRequest):
    """Behind `acting`: an actor, and their park unless they act for the installation.

    counted: what the page itself has counted of the work that waits, by the names of the pages it waits on.
    """

    user: User
    actor: Actor
    counted: dict[str, int]
    park: Park
    membership: Membership
    support_session: SupportSession | None
