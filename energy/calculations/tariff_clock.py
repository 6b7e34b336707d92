"""Which period of a tariff each interval of readings is in: by month, kind of day and half hour of the tariff's clock.

A season names months, and for each kind of day 48 letters, one a half hour of the clock from midnight on: S sharp peak,
P peak, F flat, V valley, D deep valley. Instants are seconds since 1970 in UTC, as in `energy.calculations.clock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from energy.calculations.clock import DAY, EPOCH, HALF_HOUR, Days, Seconds

LETTERS = "SPFVD"
PERIODS = ("sharp", "peak", "flat", "valley", "deep")
DAY_KINDS = ("working", "weekend", "holiday")
SLOTS = 48
QUARTER = 900
Floats = NDArray[np.float64]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Season:
    """`working`, `weekend`, `holiday`: the letters of 48 half hours."""

    months: tuple[int, ...]
    working: str
    weekend: str
    holiday: str

    def letters(self, kind: str) -> str:
        found: str = getattr(self, kind)
        return found


def day_kinds(days: Sequence[date], working: Iterable[date]) -> dict[date, str]:
    """What kind each of the days is, which follow each other without a gap.

    working: those that are worked. A run of days off that has one from Monday to Friday in it is a holiday as a whole:
    the announcements name it so, weekend included. A run at an end of `days` may go on beyond it, so ask for some more.

    >>> week = [date(2026, 9, 25) + timedelta(days=place) for place in range(16)]
    >>> kinds = day_kinds(week, [date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 8)])
    >>> [kinds[date(2026, month, day)] for month, day in ((9, 26), (9, 28), (10, 1), (10, 3))]
    ['holiday', 'working', 'holiday', 'holiday']
    """
    worked = set(working)
    kinds: dict[date, str] = {}
    for is_worked, run in groupby(days, worked.__contains__):
        together = list(run)
        is_holiday = any(day.weekday() < 5 for day in together)
        kinds |= dict.fromkeys(together, "working" if is_worked else "holiday" if is_holiday else "weekend")
    return kinds


def in_quarters(instants: Seconds, values: Floats, minutes: int) -> tuple[Seconds, Floats]:
    """Intervals longer than a quarter of an hour in quarters that share their value evenly; others as they are.

    >>> starts, shared = in_quarters(np.array([0]), np.array([6.0]), 30)
    >>> starts.tolist(), shared.tolist()
    ([0, 900], [3.0, 3.0])
    """
    count = max(minutes * 60 // QUARTER, 1)
    steps = np.arange(count, dtype=np.int64) * QUARTER
    return (instants[:, None] + steps).ravel(), np.repeat(values / count, count)


def places_on_clock(instants: Seconds, zone: ZoneInfo) -> tuple[Seconds, Seconds]:
    """The local day (days since 1970) and the half hour of the clock at each instant.

    The hour that a clock repeats has the same half hours both times, the one that it leaves out has none.

    >>> days, slots = places_on_clock(np.array([0, 57_600]), ZoneInfo("Asia/Shanghai"))
    >>> days.tolist(), slots.tolist()
    ([0, 1], [16, 0])
    """
    if not len(instants):
        return instants, instants
    local = Days.around(instants, zone)
    number = local.number_of(instants)
    slots = (instants - local.starts[number]) // HALF_HOUR
    for place in np.flatnonzero(local.lengths()[number] != DAY).tolist():
        moment = datetime.fromtimestamp(int(instants[place]), zone)
        slots[place] = moment.hour * 2 + moment.minute // 30
    return number + local.first, slots


def periods_at(instants: Seconds, zone: ZoneInfo, seasons: Sequence[Season], kinds: Mapping[date, str]) -> Codes:
    """For each instant the place of its period in `PERIODS`. kinds: of every day that the instants are in."""
    if not len(instants):
        return np.zeros(0, dtype=np.int8)
    days, slots = places_on_clock(instants, zone)
    first = int(days.min())
    grid = np.zeros((int(days.max()) - first + 1, SLOTS), dtype=np.int8)
    for number in np.unique(days).tolist():
        day = EPOCH + timedelta(days=number)
        grid[number - first] = row_of(seasons, day.month, kinds[day])
    codes: Codes = grid[days - first, slots]
    return codes


def row_of(seasons: Sequence[Season], month: int, kind: str) -> list[int]:
    """The periods of the 48 half hours of a day."""
    (season,) = (each for each in seasons if month in each.months)
    return [LETTERS.index(letter) for letter in season.letters(kind)]


def sums_by_period(codes: Codes, values: Floats) -> list[float]:
    """What was used in each of `PERIODS`; what is not there (NaN) counts as nothing.

    >>> sums_by_period(np.array([1, 3, 1], dtype=np.int8), np.array([2.0, 5.0, np.nan]))
    [0.0, 2.0, 0.0, 5.0, 0.0]
    """
    known = np.nan_to_num(values, nan=0.0)
    return [float(known[codes == code].sum()) for code in range(len(PERIODS))]


def highest_demand(instants: Seconds, values: Floats, minutes: int) -> tuple[float, int] | None:
    """The highest mean load in kW of a quarter of an hour and when that began; None where no quarter is whole.

    values: kWh of each interval. Of intervals that do not make up quarters each counts as it is, so that the demand
    of longer ones is that of their own length: lower than a demand meter shows.

    >>> quarter = np.array([0, 300, 600, 900])
    >>> highest_demand(quarter, np.array([1.0, 2.0, 3.0, 9.0]), 5)
    (24.0, 0)
    """
    length = minutes * 60
    if QUARTER % length == 0:
        starts, place = np.unique(instants // QUARTER, return_inverse=True)
        is_known = ~np.isnan(values)
        whole = np.bincount(place, weights=is_known, minlength=len(starts)) == QUARTER // length
        sums = np.bincount(place, weights=np.nan_to_num(values), minlength=len(starts))
        starts, values, length = starts[whole] * QUARTER, sums[whole], QUARTER
    else:
        starts, values = instants[~np.isnan(values)], values[~np.isnan(values)]
    if not len(values):
        return None
    highest = int(np.argmax(values))
    return float(values[highest]) * 3600 / length, int(starts[highest])


def periods_of(seasons: Iterable[Season]) -> list[str]:
    """Those of `PERIODS` that a tariff has, in their order.

    >>> periods_of([Season((1,), "P" * 48, "VF" * 24, "F" * 48)])
    ['peak', 'flat', 'valley']
    """
    used = {letter for season in seasons for kind in DAY_KINDS for letter in season.letters(kind)}
    return [period for letter, period in zip(LETTERS, PERIODS, strict=True) if letter in used]


def letters_of(ranges: Mapping[str, Iterable[tuple[int, int]]]) -> str:
    """The 48 letters of a day from stretches of half hours by letter; what nobody names is flat.

    A stretch whose end is not behind its beginning goes over midnight. Raises `ValueError` with the half hour that two
    periods claim.

    >>> letters_of({"P": [(16, 24)], "V": [(44, 12)]})
    'VVVVVVVVVVVVFFFFPPPPPPPPFFFFFFFFFFFFFFFFFFFFVVVV'
    """
    letters = ["F"] * SLOTS
    for letter, stretches in ranges.items():
        for first, behind in stretches:
            length = (behind - first) % SLOTS or SLOTS
            for slot in ((first + step) % SLOTS for step in range(length)):
                if letters[slot] not in ("F", letter):
                    raise ValueError(slot)
                letters[slot] = letter
    return "".join(letters)


def stretches_of(letters: str, letter: str) -> list[tuple[int, int]]:
    """Where a period lies in a day: first half hour, and the one behind the last.

    >>> stretches_of("V" * 16 + "F" * 28 + "V" * 4, "V")
    [(0, 16), (44, 48)]
    """
    found, place = [], 0
    for each, run in groupby(letters):
        length = len(list(run))
        if each == letter:
            found.append((place, place + length))
        place += length
    return found
