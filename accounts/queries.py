from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken

from accounts.models import OutgoingMail, User


def unread_count(user: User) -> int:
    """How many messages wait in the inbox of a person. Outside a scope only: nobody acting reads mail."""
    return OutgoingMail.objects.in_inbox_of(user).unread().count()


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
