"""Which columns of a table hold the intervals of a day, told from their headings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from energy.formats.headings import narrow

POINTS = (24, 48, 96, 144, 288)
DAY_MINUTES = 24 * 60
# "0:15", "00:15:00", "00:00-00:15", "0015", "00时15分"; of a stretch its beginning counts.
TIME = re.compile(r"(\d{1,2})(?::|[时点](?=\d))(\d\d)(?::00)?分?(?:[-~至].*)?|([01]\d|2[0-4])([0-5]\d)")
# "1", "P1", "第1点", "1时".
ORDINAL = re.compile(r"(\D*)(\d{1,3})(\D*)")


def interval_columns(headings: Sequence[str], free: Sequence[int]) -> tuple[list[int], int]:
    """(columns, points of a day): of the `free` places those whose headings are the times or ordinals of a day.

    Where no heading is one, all of them if a day has as many points. Without columns the answer is ([], 0): totals or
    multipliers beside the intervals are no intervals, and what cannot be told apart is not guessed.

    >>> interval_columns(["total", *(f"{hour}:00" for hour in range(24))], range(25))[0][:2]
    [1, 2]
    >>> interval_columns(["total", *"abc"], range(4))
    ([], 0)
    """
    words = {place: _plain(headings[place]) for place in free}
    times = {place: minutes for place in free if (minutes := _minutes(words[place])) is not None}
    if points := _points_of_times(list(times.values())):
        return list(times), points
    counted = _counted(words)
    found = [([place for place, _number in group], points) for group in counted if (points := _points_counted(group))]
    if found or len(times) > 1 or any(len(group) > 1 for group in counted):
        return found[0] if len(found) == 1 else ([], 0)
    return (list(free), len(free)) if len(free) in POINTS else ([], 0)


def _plain(heading: str) -> str:
    before = narrow(heading).split("(", maxsplit=1)[0]
    return "".join(before.replace("：", ":").split())


def _minutes(word: str) -> int | None:
    """The time of a heading as minutes; those of 24:00 are the end of the day."""
    found = TIME.fullmatch(word)
    if found is None:
        return None
    hours, minutes = (int(part) for part in found.groups() if part is not None)
    return hours * 60 + minutes if minutes < 60 and hours * 60 + minutes <= DAY_MINUTES else None


def _points_of_times(minutes: list[int]) -> int:
    """How many points a day has whose intervals begin, or end, at these times; 0 where they are not those of a day.

    The hour that a clock repeats may stand there twice.
    """
    once = list(dict.fromkeys(minutes))
    points = _points_of_count(len(minutes))
    if len(once) != points or not points:
        return 0
    step = DAY_MINUTES // points
    begins = [number * step for number in range(points)]
    ends = [number * step for number in range(1, points + 1)]
    # The end of the last interval is written as 24:00 or as 00:00.
    return points if once in (begins, ends, [*ends[:-1], 0]) else 0


def _points_of_count(count: int) -> int:
    """How many points a day has of which there are `count` columns: as many, or those of one more hour; 0 if none."""
    return next((points for points in POINTS if count in {points, points + points // 24}), 0)


def _counted(words: dict[int, str]) -> list[list[tuple[int, int]]]:
    """The groups of columns that are called alike but for a number, as place and number."""
    groups: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for place, word in words.items():
        if (found := ORDINAL.fullmatch(word)) is not None:
            groups[found[1], found[3]].append((place, int(found[2])))
    return list(groups.values())


def _points_counted(group: list[tuple[int, int]]) -> int:
    """How many points a day has that these columns count from 0 or 1 on; 0 where they do not."""
    numbers = [number for _place, number in group]
    is_counted = numbers[0] in {0, 1} and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return _points_of_count(len(numbers)) if is_counted else 0
