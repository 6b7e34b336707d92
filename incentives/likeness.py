"""When two applications claim the same: the thresholds, and comparisons of plain values. One place for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from unicodedata import normalize
from uuid import UUID

# Shares of the pairs of characters of two titles, from 0 to 1.
ALIKE_OF_ONE_FIRM = 0.7
ALIKE_OF_OTHERS = 0.8
DAYS_APART = 31
# A file of more enterprises than these is a form that everybody attaches, a number one that everybody writes: a
# model, a telephone. It says nothing of any two of them. One enterprise alone makes nothing common.
MOST_SHARING = 20
# Numbers that are taken of one filing, and questions that it may raise at a time: a list of guesses keeps few waiting.
MOST_NUMBERS = 400
MOST_ASKED = 20
# Pairs that one answer closes: as many as a person reads.
MOST_ANSWERED = 200
SHORTEST_IDENTIFIER = 4
LONGEST_IDENTIFIER = 100
BETWEEN = re.compile(r"[,;、，；\n\r\t]+")
NOT_WRITTEN_BY_ALL = re.compile(r"[\W_]+")


def identifiers_in(text: str) -> Iterator[tuple[str, str]]:
    """Each number in an answer as it is compared, with the text that was typed.

    Width, case, blanks and signs do not tell numbers apart; what holds no digit, or one character only, is none.

    >>> list(identifiers_in("ＮＯ. 0421－7788, no 0421 7788；无; 0000"))
    [('NO04217788', 'NO. 0421-7788'), ('NO04217788', 'no 0421 7788')]
    """
    for part in BETWEEN.split(normalize("NFKC", text)):
        value = NOT_WRITTEN_BY_ALL.sub("", part).upper()[:LONGEST_IDENTIFIER]
        if len(value) >= SHORTEST_IDENTIFIER and len(set(value)) > 1 and any(char.isdigit() for char in value):
            yield value, part.strip()


def pairs_of(title: str) -> frozenset[str]:
    """Pairs of neighbouring characters of each word: Chinese has no words of its own, and two characters are one.

    >>> sorted(pairs_of("LED－灯 改造 3"))
    ['3', 'ed', 'le', '改造', '灯']
    """
    words = NOT_WRITTEN_BY_ALL.sub(" ", normalize("NFKC", title)).casefold().split()
    return frozenset(word[place : place + 2] for word in words for place in range(max(len(word) - 1, 1)))


def likeness(one: str, other: str) -> float:
    """From 0 to 1: twice the pairs that both titles have, of those that each has (Dice).

    >>> likeness("Chiller retrofit", "chiller RETROFIT"), likeness("干燥窑余热回收", "干燥窑余热利用")
    (1.0, 0.6666666666666666)
    """
    first, second = pairs_of(one), pairs_of(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


@dataclass(frozen=True, slots=True)
class Project:
    """What two applications are compared by. `firm_id`: the enterprise, or the one that it was merged into."""

    firm_id: UUID
    title: str
    completed_on: date | None
    investment_cny: Decimal | None


def alike(one: Project, other: Project) -> float | None:
    """How much the titles are alike, where the rest says as well that it is one project; else None.

    Of one enterprise the same investment or completion within a month is enough; of two, both have to agree.
    """
    is_of_one, score = one.firm_id == other.firm_id, likeness(one.title, other.title)
    if score < (ALIKE_OF_ONE_FIRM if is_of_one else ALIKE_OF_OTHERS):
        return None
    agree = (_same_amount(one, other), _same_days(one, other))
    return score if (any(agree) if is_of_one else all(agree)) else None


def _same_amount(one: Project, other: Project) -> bool:
    return bool(one.investment_cny) and one.investment_cny == other.investment_cny


def _same_days(one: Project, other: Project) -> bool:
    if one.completed_on is None or other.completed_on is None:
        return False
    return abs((one.completed_on - other.completed_on).days) <= DAYS_APART
