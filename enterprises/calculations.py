"""The unified social credit code of an organisation, what differs between two states of its facts, and reminders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from stdnum.cn import uscc

LENGTH = 18
CODE_CHARACTERS = "0-9A-HJ-NP-RTUWXY"
CODE_SHAPE = re.compile(rf"[{CODE_CHARACTERS}]{{2}}[0-9]{{6}}[{CODE_CHARACTERS}]{{10}}\Z")
SEPARATORS = re.compile(r"[\s\-‐-―−·]+")


def normalised_code(written: str) -> str:
    """The code as it is stored, however it was typed: full width, with spaces or hyphens, in lower case.

    >>> normalised_code(" ９１３５ 0200-ma2yj1xr9g ")
    '91350200MA2YJ1XR9G'
    """
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", written)).upper()


def has_code_shape(code: str) -> bool:
    """Two characters for the registrar and the kind, six digits for the region, nine for the body, one to check.

    The letters I, O, S, V and Z do not occur. Source: GB 32100-2015, 4.

    >>> has_code_shape("91350200MA2YJ1XR9G"), has_code_shape("91350200MA2YJ1XR9O"), has_code_shape("9135")
    (True, False, False)
    """
    return CODE_SHAPE.match(code) is not None


def check_character_fits(code: str) -> bool:
    """Whether the last character of a code of the right shape follows from the others: the sum of the first 17, each
    with 3 to the power of its place, and the last is a multiple of 31. Codes of the early pilots, many of them from
    Xiamen, are legal and fail this. Source: GB 32100-2015, annex A.

    >>> check_character_fits("91350200MA2YJ1XR9G"), check_character_fits("91350203M0001QAY9B")
    (True, False)
    """
    expected: str = uscc.calc_check_digit(code[:-1])
    return code[-1] == expected


def is_to_come(day: date | None, today: date) -> bool:
    """Whether a day that belongs to the past still lies ahead; one that nobody stated does not.

    >>> is_to_come(date(2026, 11, 23), date(2026, 11, 22)), is_to_come(date(2026, 11, 22), date(2026, 11, 22))
    (True, False)
    """
    return day is not None and day > today


REMINDED_BEFORE = (60, 30, 7, 0)
"""Days before a document expires of which its people are reminded, each once."""


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """What `after` would change of `before`, as {name: [before, after]}. Names of both must be the same.

    >>> differences({"name": "A", "kind": "service"}, {"name": "B", "kind": "service"})
    {'name': ['A', 'B']}
    """
    return {name: [was, after[name]] for name, was in before.items() if after[name] != was}


def reminder_due(days_left: int, reminded_for: int | None) -> int | None:
    """Which of `REMINDED_BEFORE` is to be sent now: the nearest that has come and was not sent; None when none is.

    A document that is filed late gets the one it is in, not those it missed.

    >>> reminder_due(61, None), reminder_due(60, None), reminder_due(29, 60), reminder_due(29, 30), reminder_due(3, 60)
    (None, 60, 30, None, 7)
    >>> reminder_due(-2, 7), reminder_due(-2, 0)
    (0, None)
    """
    come = [mark for mark in REMINDED_BEFORE if max(days_left, 0) <= mark]
    if not come or (reminded_for is not None and reminded_for <= min(come)):
        return None
    return min(come)
