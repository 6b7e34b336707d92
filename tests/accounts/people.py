"""Visitors of the sign-in pages, and a security key made of software."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail as sent
from django.test import Client

from accounts.models import OutgoingMail, User
from accounts.services import add_verified_person

PASSWORD = "sunlight on nine roofs"
EMAIL = "wu.hao@example.com"


def wu_hao(**fields: Any) -> User:
    return add_verified_person(**{"email": EMAIL, "name": "Wu Hao", "password": PASSWORD, "language": "en", **fields})


def visitor(address: str = "192.0.2.1", **options: Any) -> Client:
    return Client(REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE="en", **options)


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL, **fields: Any) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **fields})


def confirm(client: Client, password: str = PASSWORD) -> Any:
    """What the pages of the second factor ask for before any change."""
    return client.post("/account/reauthenticate/", {"password": password})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_of(kind: str) -> str:
    """The link of the newest mail of a kind: as it waits, else as it was sent."""
    mail = OutgoingMail.objects.filter(key__startswith=f"account:{kind}:").latest("created_at")
    return mail.url or sent.outbox[-1].body.split(settings.SITE_URL)[-1].strip()


def add_authenticator(user: User) -> str:
    """Give the person an authenticator app; answer its secret."""
    secret = generate_totp_secret()
    Authenticator.objects.create(user=user, type="totp", data={"secret": get_adapter().encrypt(secret)})
    return secret


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
