"""Secrets that the portal has to use again: encrypted at rest under the key of the installation."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unsealable(Exception):
    """It was sealed under a key that is gone, for another purpose, or was changed."""


def cipher(purpose: str) -> MultiFernet:
    """Seals with the newest key and opens with all. What is sealed for one purpose opens for no other."""
    secrets = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"{purpose}:".encode() + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(text: str, purpose: str) -> str:
    return cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    try:
        return cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable from error
