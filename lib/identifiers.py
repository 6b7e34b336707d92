"""Identifiers that can be made anywhere, sort by time and cannot be guessed or counted."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

NIL = UUID(int=0)
VERSION = 7
LONGEST_NUMBER = 19
CLEAR_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


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


def receipt_number(series: str) -> str:
    """A number to quote on the telephone, which tells nothing of how many others there are: forty random bits.

    Written in the letters and digits that nobody confuses (Crockford's base 32, without I, L, O and U).

    >>> made = receipt_number("R")
    >>> len(made), made.count("-"), set(made[2:]) <= set(CLEAR_CHARACTERS + "-")
    (11, 2, True)
    """
    drawn = "".join(secrets.choice(CLEAR_CHARACTERS) for _place in range(8))
    return f"{series}-{drawn[:4]}-{drawn[4:]}"


def row_number(text: str) -> int:
    """The number of a row as a form sends it; 0, which no row has, for everything else.

    >>> row_number("17"), row_number("²"), row_number("-1"), row_number("9" * 5000)
    (17, 0, 0, 0)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else 0


def instant_of(identifier: UUID) -> datetime | None:
    """When a version 7 UUID was made, to the millisecond; None for other versions.

    Source: RFC 9562, section 5.7; the example is the one of its appendix A.6.

    >>> instant_of(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")).isoformat()
    '2022-02-22T19:22:22+00:00'
    >>> instant_of(UUID("919108f7-52d1-4320-9bac-f847db4148a8")) is None
    True
    """
    if identifier.version != VERSION:
        return None
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
