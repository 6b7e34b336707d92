"""The places in an enterprise that come with an act on its registration, not with an invitation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from enterprises.models import Enterprise
from parks.choices import Role
from parks.models import Invitation, Membership

FOUNDERS = frozenset({Role.OWNER, Role.CERTIFIER})
"""What the first person of an enterprise is."""


def give_place(enterprise: Enterprise, user_id: int, roles: Collection[str], now: datetime) -> Membership:
    """A new place, or the old one again with these roles; who is there already keeps what they had. Safe to repeat.

    Keys of the API of a place that had ended stay dead: the database forgets them.
    """
    place, is_new = Membership.objects.select_for_update(of=("self",)).get_or_create(
        user_id=user_id,
        park_id=enterprise.park_id,
        enterprise_id=enterprise.pk,
        defaults={
            "roles": _ordered(roles),
            "enterprise_name_en": enterprise.name_en,
            "enterprise_name_zh": enterprise.name_zh,
            "created_at": now,
        },
    )
    held = _ordered({*roles, *(place.roles if place.is_active else [])})
    if not is_new and (not place.is_active or place.roles != held):
        place.roles, place.is_active, place.ended_at = held, True, None
        place.save(update_fields=["roles", "is_active", "ended_at"])
    return place


def keep_ended_place(enterprise: Enterprise, ended: Membership) -> Membership:
    """A place that ended elsewhere, kept as one that ended here."""
    return Membership.objects.create(
        user_id=ended.user_id,
        park_id=enterprise.park_id,
        enterprise_id=enterprise.pk,
        enterprise_name_en=enterprise.name_en,
        enterprise_name_zh=enterprise.name_zh,
        roles=ended.roles,
        is_active=False,
        created_at=ended.created_at,
        ended_at=ended.ended_at,
    )


def has_owner(enterprise: Enterprise) -> bool:
    people = Membership.objects.active().of_enterprise(enterprise.park_id, enterprise.pk)
    return people.with_role(Role.OWNER).exists()


def is_owner_invited(enterprise: Enterprise, now: datetime) -> bool:
    offers = Invitation.objects.of_enterprise(enterprise.park_id, enterprise.pk).open(now)
    return offers.filter(roles__contains=[Role.OWNER]).exists()


def _ordered(roles: Collection[str]) -> list[str]:
    return [role.value for role in Role if role in roles]
