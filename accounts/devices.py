"""Which devices a person has signed in from before: a signed cookie that tells nothing but that.

It proves no identity and opens nothing. It only lets the owner of an account try their password where a stranger who
guessed too often is refused.
"""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "known_device"
LIFETIME_SECONDS = 180 * 24 * 3600


def known_device(request: HttpRequest, email: str) -> str:
    """A name of the visitor's device when somebody has signed in there as `email`, else nothing."""
    try:
        person, _, device = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=LIFETIME_SECONDS
        ).partition(":")
    except signing.BadSignature:
        return ""
    return f"device:{device}" if person == _digest(email) else ""


def remember_device(response: HttpResponse, email: str) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(f"{_digest(email)}:{secrets.token_urlsafe(12)}", salt=COOKIE),
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _digest(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:24]
