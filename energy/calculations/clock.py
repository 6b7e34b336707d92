"""Times of a place and instants: which instant a local time is, and which interval of which local day an instant is in.

Readings and meters are of the days `FIRST_DAY` … `LAST_DAY`: what a file says of another one was misread. Times are
seconds. Local times count from 1970-01-01 00:00 of the place's clock, instants from that of UTC; days are
whole days since 1970-01-01. Zones are asked by half hours: no clock change of any zone begins or ends within one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HALF_HOUR = 1800
DAY = 86_400
EPOCH = date(1970, 1, 1)
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
EARLIEST, LATEST = (FIRST_DAY - EPOCH).days * DAY, ((LAST_DAY - EPOCH).days + 1) * DAY
# Beyond these years the clock of a zone is taken to be as far ahead as at their ends.
ASKED = (-2_208_988_800 // HALF_HOUR, 7_258_118_400 // HALF_HOUR)
Seconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Instants:
    """What local times are. `first` and `second` differ in the hour that a clock repeats; `exists` is false in the one
    that it leaves out."""

    first: Seconds
    second: Seconds
    exists: NDArray[np.bool_]


def instants_of(local: Seconds, zone: ZoneInfo) -> Instants:
    """The instants of local times, of whatever year.

    >>> shanghai = instants_of(np.array([0]), ZoneInfo("Asia/Shanghai"))
    >>> int(shanghai.first[0]), bool(shanghai.exists[0])
    (-28800, True)
    """
    if not len(local):
        return Instants(local, local, np.zeros(0, dtype=bool))
    slots = np.clip(local // HALF_HOUR, *ASKED)
    lowest = int(slots.min())
    slots -= lowest
    is_asked = np.zeros(int(slots.max()) + 1, dtype=bool)
    is_asked[slots] = True
    known = np.array([_offsets((lowest + slot) * HALF_HOUR, zone) for slot in np.flatnonzero(is_asked).tolist()])
    if (known == known[0]).all() and known[0, 2]:
        first = local - known[0, 0]
        return Instants(first, first, np.ones(len(local), dtype=bool))
    table = known[(np.cumsum(is_asked) - 1)[slots]]
    return Instants(local - table[:, 0], local - table[:, 1], table[:, 2] == 1)


def _offsets(local: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """How far the clock is ahead of UTC at a local time, when it comes first and again; 1 if it comes at all."""
    naive = datetime(1970, 1, 1) + timedelta(seconds=local)  # noqa: DTZ001 - a time of a place
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    ahead = [int(moment.utcoffset().total_seconds()) for moment in (first, second)]  # type: ignore[union-attr]
    return ahead[0], ahead[1], int(back == naive)


def day_starts(first: int, last: int, zone: ZoneInfo) -> Seconds:
    """The instants at which the local days `first` … `last` + 1 begin."""
    midnights = np.arange(first, last + 2, dtype=np.int64) * DAY
    return instants_of(midnights, zone).first


@dataclass(frozen=True, slots=True)
class Days:
    """The local days from `first` on; `starts` has one element more than there are days."""

    first: int
    starts: Seconds

    @classmethod
    def around(cls, instants: Seconds, zone: ZoneInfo) -> Days:
        """The days that hold the instants, of which there is at least one."""
        first, last = int(instants.min()) // DAY - 1, int(instants.max()) // DAY + 1
        return cls(first, day_starts(first, last, zone))

    def number_of(self, instants: Seconds) -> Seconds:
        """Which of the days each instant is in, counted from `first`."""
        return np.searchsorted(self.starts, instants, side="right") - 1

    def lengths(self) -> Seconds:
        """How many seconds each day has."""
        return np.diff(self.starts)


def interval_count(day: date, zone: ZoneInfo, minutes: int) -> int:
    """How many intervals a local day has.

    >>> interval_count(date(2026, 3, 29), ZoneInfo("Europe/London"), 15)
    92
    """
    number = (day - EPOCH).days
    return int(np.diff(day_starts(number, number, zone))[0]) // (60 * minutes)


def intervals_between(starts_on: date, ends_on: date, zone: ZoneInfo, minutes: int) -> int:
    """How many intervals lie from the beginning of one local day up to the beginning of another; 0 if none.

    >>> intervals_between(date(2026, 2, 1), date(2026, 3, 1), ZoneInfo("Asia/Urumqi"), 60)
    672
    """
    if ends_on <= starts_on:
        return 0
    numbers = np.array([(day - EPOCH).days for day in (starts_on, ends_on)], dtype=np.int64) * DAY
    starts = instants_of(numbers, zone).first
    return int(starts[1] - starts[0]) // (60 * minutes)
