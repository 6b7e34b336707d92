from __future__ import annotations

from datetime import timedelta
from time import time
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
BY_SECOND_FACTOR = "mfa"
SIGNED_IN_BY = frozenset({"password", BY_SECOND_FACTOR})
SIGN_IN_COUNTS_SECONDS = 300


def second_factors_of(user: User) -> list[str]:
    """Their kinds. Recovery codes alone are none: they only stand in for one that was lost."""
    found = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)
    return list(found.values_list("type", flat=True))


def has_second_factor(user: User) -> bool:
    return bool(second_factors_of(user))


def has_shown_second_factor(request: Any) -> bool:
    """Whether this very session was opened, or confirmed since, with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == BY_SECOND_FACTOR for record in records)


def lacks_second_factor(request: Any, *, by_key: bool = False) -> bool:
    """Whether somebody who must use a second factor here has yet to do so. Ask only for such people.

    A key cannot show one: it was made in a session that had.
    """
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return not (has_second_factor(request.user) and (by_key or has_shown_second_factor(request)))


def has_signed_in_within(request: Any, limit: timedelta) -> bool:
    """Whether the person gave a password or a second factor in this session so lately, to open it or again since.

    A key of the API never does.
    """
    if getattr(request, "api_key", None) is not None:
        return False
    records = get_authentication_records(request, request.user)
    newest = max((float(record["at"]) for record in records if record.get("method") in SIGNED_IN_BY), default=0)
    return bool(time() - newest < limit.total_seconds())


def has_just_signed_in(request: Any) -> bool:
    """Whether this session was opened with a password or a second factor so short a time ago that nobody borrows it."""
    seconds = min(SIGN_IN_COUNTS_SECONDS, app_settings.REAUTHENTICATION_TIMEOUT)
    return has_signed_in_within(request, timedelta(seconds=seconds))


def has_confirmed_identity(request: Any) -> bool:
    """Whether the person has just given their password or code again: a borrowed session cannot."""
    return bool(did_recently_reauthenticate(request))
