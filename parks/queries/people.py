"""Who works in a park, and who is asked to."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from parks.choices import ParkStatus, Role
from parks.models import Invitation, Membership


def staff(park_id: int, *, text: str = "", role: Role | None = None, ended: bool = False) -> QuerySet[Membership]:
    """The officials of a park with their accounts, by name; `ended` shows those who no longer work there instead."""
    people = Membership.objects.of_staff(park_id).filter(is_active=not ended).select_related("user")
    if text:
        people = people.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
    if role is not None:
        people = people.with_role(role)
    return people.order_by("user__name", "pk")


def open_invitations(park_id: int, now: datetime) -> QuerySet[Invitation]:
    """Invitations to the staff that wait for an answer."""
    return Invitation.objects.of_staff(park_id).open(now)


def offer(token_digest: str, now: datetime) -> Invitation | None:
    """The invitation of a link while it can be accepted. Before a place is chosen: outside any scope."""
    offers = Invitation.objects.open(now).exclude(park__status=ParkStatus.ARCHIVED)
    return offers.select_related("park").filter(token_digest=token_digest).first()


def places(user: User) -> QuerySet[Membership]:
    """Where a person can act, parks by name. Before a place is chosen: outside any scope."""
    return Membership.objects.active().of_user(user).select_related("park").order_by("park__name_en", "pk")


def closed_places(user: User) -> QuerySet[Membership]:
    """Where a person could act until the park was archived, what closed last first. Outside any scope."""
    return Membership.objects.closed().of_user(user).select_related("park").order_by("-park__status_changed_at", "pk")
