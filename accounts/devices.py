"""Which devices a person has signed in from before: a signed cookie that tells nothing but that.

It proves no identity and opens nothing. It only lets the owner of an account try their password where a stranger who
guessed too often is refused. A new password makes every device a stranger but the one where it was chosen: whoever knew
the old one must not have so many tries at the new one as they have cookies.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

COOKIE = "known_device"
LIFETIME_SECONDS = 180 * 24 * 3600


def known_device(request: HttpRequest, email: str) -> str:
    """A name of the visitor's device when somebody has signed in there as `email` with the password of today."""
    try:
        account, _, device = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=LIFETIME_SECONDS
        ).partition(":")
    except signing.BadSignature:
        return ""
    user = User.objects.filter(email__iexact=email).only("email", "password").first()
    return f"device:{device}" if user is not None and constant_time_compare(account, _digest(user)) else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """A device keeps its name, and with it its limit, however often its person signs in."""
    device = known_device(request, user.email).partition(":")[2] or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps(f"{_digest(user)}:{device}", salt=COOKIE),
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _digest(user: User) -> str:
    return salted_hmac(COOKIE, f"{user.email.lower()}:{user.password}", algorithm="sha256").hexdigest()[:24]
