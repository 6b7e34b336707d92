"""Identifiers that can be made anywhere, sort by time and cannot be guessed or counted."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

NIL = UUID(int=0)


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of milliseconds since 1970, then 74 random bits.

    Source: RFC 9562, section 5.7.

    >>> made = uuid7()
    >>> made.version, made.variant
    (7, 'specified in RFC 4122')
    >>> uuid7().int >> 80 >= made.int >> 80
    True
    """
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | (random & (2**62 - 1))
    return UUID(int=value)
