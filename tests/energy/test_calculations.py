from __future__ import annotations

import doctest
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from energy.calculations import clock, estimation, registers, units, validation
from energy.formats import headings, intervals


@pytest.mark.parametrize("module", [clock, estimation, registers, units, validation, headings, intervals])
def test_examples_hold(module):
    outcome = doctest.testmod(module)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("day", "zone", "minutes", "count"),
    [
        (date(2026, 3, 29), "Europe/London", 15, 92),
        (date(2026, 10, 25), "Europe/London", 15, 100),
        (date(2026, 10, 25), "Europe/London", 60, 25),
        (date(2026, 10, 25), "Asia/Shanghai", 15, 96),
        (date(2024, 2, 29), "Asia/Urumqi", 5, 288),
    ],
)
def test_intervals_of_a_day(day, zone, minutes, count):
    assert clock.interval_count(day, ZoneInfo(zone), minutes) == count


@pytest.mark.parametrize(
    ("day", "seconds"),
    [(date(1, 1, 1), 29_143), (date(1900, 1, 1), 29_143), (date(2026, 3, 2), 28_800), (date(9999, 12, 31), 28_800)],
)
def test_days_of_every_year_begin_somewhere(day, seconds):
    """Before 1901 the clock of Shanghai went by the sun: 8 hours, 5 minutes and 43 seconds ahead."""
    number = (day - clock.EPOCH).days
    begins = clock.day_starts(number, number, ZoneInfo("Asia/Shanghai"))[0]
    assert number * clock.DAY - begins == seconds


def test_days_of_readings_are_bounded():
    assert (clock.EARLIEST, clock.LATEST) == (631_152_000, 4_102_444_800)
    ends = np.array([clock.EARLIEST, clock.LATEST - 1], dtype="datetime64[s]").astype("datetime64[D]").tolist()
    assert ends == [clock.FIRST_DAY, clock.LAST_DAY] == [date(1990, 1, 1), date(2099, 12, 31)]


def test_intervals_of_a_year_with_two_clock_changes():
    london = ZoneInfo("Europe/London")
    assert clock.intervals_between(date(2026, 1, 1), date(2027, 1, 1), london, 15) == 365 * 96
    assert clock.intervals_between(date(2026, 3, 1), date(2026, 4, 1), london, 15) == 31 * 96 - 4
    assert clock.intervals_between(date(2026, 3, 1), date(2026, 3, 1), london, 15) == 0
