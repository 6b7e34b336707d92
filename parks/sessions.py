"""The place a signed-in person acts in, kept in the session, or named by the key of an API request."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts.permissions import lacks_second_factor
from parks import api_keys
from parks.actors import Actor, Registrant, actor_in_support, actor_of
from parks.choices import Role
from parks.models import Membership, Park, SupportSession

MEMBERSHIP = "membership_id"
SUPPORT = "support_session_id"


def load_actor(request: Any, *, in_support: bool = True) -> None:
    """Set `request.actor`, `request.park` and `request.support_session`, or leave them None.

    Without `in_support` an operator acts as themselves, whatever park they have entered.
    """
    if request.path_info.startswith(settings.API_PREFIX) and "Authorization" in request.headers:
        _load_from_key(request)
        return
    if not request.user.is_authenticated:
        return
    membership = _chosen_membership(request)
    if membership is None:
        return
    request.membership = membership
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    support = _open_support_session(request, membership) if in_support else None
    if support is not None:
        request.support_session, request.park = support, support.park
        request.actor = actor_in_support(membership, support, request_id)
    else:
        request.park = membership.park
        request.actor = actor_of(membership, request_id)


def _load_from_key(request: Any) -> None:
    request.api_key_error = None
    try:
        key = api_keys.authenticate(request, timezone.localdate())
    except AuthenticationFailed as error:
        request.api_key_error = error
        return
    if key is not None:
        request.user = key.user
        request.api_key = key
        request.park = key.membership.park
        request.actor = actor_of(key.membership, structlog.contextvars.get_contextvars().get("request_id", ""))


def _chosen_membership(request: Any) -> Membership | None:
    """The membership of the session, or the only one there is."""
    memberships = Membership.objects.active().of_user(request.user).select_related("user", "park")
    chosen = request.session.get(MEMBERSHIP)
    if chosen is not None:
        return memberships.filter(pk=chosen).first()
    only = list(memberships[:2])
    return only[0] if len(only) == 1 else None


def _open_support_session(request: Any, membership: Membership) -> SupportSession | None:
    session_id = request.session.get(SUPPORT)
    if session_id is None or Role.OPERATOR not in membership.roles:
        return None
    sessions = SupportSession.objects.open(timezone.now()).filter(operator_id=membership.user_id)
    return sessions.select_related("park").filter(pk=session_id).first()


def registrant_of(request: Any, park: Park) -> Registrant:
    """The signed-in person at the door of a park."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return Registrant(request.user.pk, request.user.name, park.pk, request_id, park.is_read_only)


def waits_for_second_factor(request: Any) -> bool:
    """Officials and people of the installation act only with one, by page or by key; enterprises may do without."""
    actor: Actor | None = request.actor
    if actor is None or actor.is_enterprise_person:
        return False
    return lacks_second_factor(request, by_key=getattr(request, "api_key", None) is not None)


def choose_membership(request: Any, membership: Membership) -> None:
    """Act in this membership from now on. A new session key: what was open in the old place does not carry over."""
    request.session.cycle_key()
    request.session[MEMBERSHIP] = membership.pk
    request.session.pop(SUPPORT, None)


def enter_support(request: Any, session: SupportSession) -> None:
    request.session[SUPPORT] = session.pk


def leave_support(request: Any) -> None:
    request.session.pop(SUPPORT, None)
