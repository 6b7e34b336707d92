"""Which columns of a table hold the intervals of a day, told from their headings, and when those begin."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from energy.calculations.clock import DAY, Instants, instants_of
from energy.formats.headings import narrow

POINTS = (24, 48, 96, 144, 288)
DAY_MINUTES = 24 * 60
MOST_ALIKE = 2
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

    The hour that a clock repeats may stand there twice, and the one that it leaves out may be missing.
    """
    return next((points for points in POINTS if _first_minutes(minutes, points) is not None), 0)


def _first_minutes(minutes: list[int], points: int) -> list[int] | None:
    """When the intervals begin that are headed by these times of a day of so many points; None where they are none."""
    step, hour = DAY_MINUTES // points, points // 24
    once = list(dict.fromkeys(minutes))
    if (len(minutes), len(once)) not in {(points, points), (points + hour, points), (points - hour,) * 2}:
        return None
    if any(minutes.count(minute) > MOST_ALIKE for minute in once):
        return None
    # The end of the last interval is written as 24:00 or as 00:00.
    ends = [minute or DAY_MINUTES for minute in minutes]
    begins = [minute - step for minute in ends]
    found = [each for each in (minutes, begins) if _is_day(list(dict.fromkeys(each)), points)]
    # Where it is the first or the last hour that is missing, they may be either.
    return found[0] if len(found) == 1 else None


def _is_day(begins: list[int], points: int) -> bool:
    """Whether intervals that begin so are those of a day, but for one hour at most."""
    step, hour = DAY_MINUTES // points, points // 24
    day = list(range(0, DAY_MINUTES, step))
    if len(begins) == points:
        return begins == day
    missing = next((place for place, begin in enumerate(begins) if begin != day[place]), len(begins))
    return begins == day[:missing] + day[missing + hour :]


@dataclass(frozen=True, slots=True)
class HeadedTimes:
    """The intervals that stand below times: the seconds of the clock at which each begins, by its heading.

    is_again: the second column of a heading. is_twice: both columns of one. of_ends: the headings are where they end.
    """

    begins: NDArray[np.int64]
    is_again: NDArray[np.bool_]
    is_twice: NDArray[np.bool_]
    of_ends: bool
    seconds: int

    def instants(self, day: int, starts: int, ends: int, zone: ZoneInfo) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The instants at which they begin on a local day that lasts from `starts` to `ends`, and which there are."""
        if ends - starts == DAY:
            return starts + self.begins, ~self.is_again
        found = instants_of(day + self.begins, zone)
        if self.of_ends and not self._fits(found):
            # Ends are written as the clock shows them, or as if it were not set before they are reached.
            shown = instants_of(day + self.begins + self.seconds, zone)
            if self._fits(shown):
                return self._chosen(shown, self.seconds)
        return self._chosen(found, 0)

    def _fits(self, found: Instants) -> bool:
        """Whether the day repeats, or leaves out, the hour that the headings do."""
        is_short = len(self.begins) * self.seconds < DAY
        return bool(found.exists.all() if is_short else _repeats(found)[self.is_twice].all())

    def _chosen(self, found: Instants, before: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        at = np.where(self.is_again, found.second, found.first) - before
        return at, found.exists & (_repeats(found) | ~self.is_again)


def _repeats(found: Instants) -> NDArray[np.bool_]:
    repeats: NDArray[np.bool_] = found.exists & (found.first != found.second)
    return repeats


def headed_times(headings: Sequence[str], columns: Sequence[int], points: int) -> HeadedTimes | None:
    """When the intervals of these columns begin by their headings; None where those are no times, but count them."""
    minutes = [minute for place in columns if (minute := _minutes(_plain(headings[place]))) is not None]
    begins = _first_minutes(minutes, points) if len(minutes) == len(columns) else None
    if begins is None:
        return None
    return HeadedTimes(
        begins=np.array(begins, dtype=np.int64) * 60,
        is_again=np.array([begin in begins[:place] for place, begin in enumerate(begins)]),
        is_twice=np.array([begins.count(begin) > 1 for begin in begins]),
        of_ends=begins != minutes,
        seconds=DAY // points,
    )


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
