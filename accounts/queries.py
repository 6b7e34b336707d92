from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db.models import Q

from accounts.models import OutgoingMail, User
from lib.text import spoken


def unread_count(user: User) -> int:
    """How many messages wait in the inbox of a person. Outside a scope only: nobody acting reads mail."""
    return OutgoingMail.objects.in_inbox_of(user).unread().count()


def is_colleague_called(name: str, user: User, places: Collection[tuple[int | None, UUID | None]]) -> bool:
    """Whether somebody else who works in one of the places, each a park and an enterprise, cannot be told from `name`.

    Outside a scope only: whoever acts sees their own place alone.
    """
    held = Q(pk=None)
    for park_id, enterprise_id in places:
        place = {"memberships__park": park_id, "memberships__enterprise_id": enterprise_id}
        held |= Q(memberships__is_active=True, **place)
    people = User.objects.filter(held).exclude(pk=user.pk)
    return spoken(name) in {spoken(known) for known in people.values_list("name", flat=True)}


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What a person has set up beside the password.

    `unreadable` names the kinds whose secret was encrypted under a key that the installation no longer has: no code of
    theirs can fit. `codes_left` is None where there are no recovery codes, or where nobody can count them.
    """

    totp: Authenticator | None
    passkeys: tuple[Authenticator, ...]
    codes_left: int | None
    unreadable: frozenset[str]


def second_factors(user: User) -> SecondFactors:
    held = list(Authenticator.objects.filter(user=user))
    of_kind = {authenticator.type: authenticator for authenticator in held}
    unreadable = frozenset(kind for kind, authenticator in of_kind.items() if not _is_readable(authenticator))
    codes = of_kind.get(Authenticator.Type.RECOVERY_CODES)
    countable = codes is not None and codes.type not in unreadable
    return SecondFactors(
        totp=of_kind.get(Authenticator.Type.TOTP),
        passkeys=tuple(found for found in held if found.type == Authenticator.Type.WEBAUTHN),
        codes_left=len(codes.wrap().get_unused_codes()) if codes is not None and countable else None,
        unreadable=unreadable,
    )


def _is_readable(authenticator: Authenticator) -> bool:
    kept = authenticator.data
    secrets = [kept[name] for name in ("secret", "seed") if name in kept] + kept.get("migrated_codes", [])
    try:
        for secret in secrets:
            get_adapter().decrypt(secret)
    except InvalidToken:
        return False
    return True
