from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    """Recovery codes alone are none: they only stand in for one that was lost."""
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def lacks_second_factor(user: User) -> bool:
    """Whether somebody who must have a second factor here has to set one up first. Ask only for such people."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and not has_second_factor(user)
