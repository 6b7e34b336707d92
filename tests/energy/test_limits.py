"""What lies beyond every meter and every calendar costs its own row, and nothing else."""

from __future__ import annotations

import pytest

from energy.choices import FeedFormat
from energy.models import IntervalBlock, MonthTotal, RegisterDay
from tests.energy.cases import bring_in, counts, held, rejected, totals
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value\n"


@pytest.mark.parametrize(
    ("multiplier", "value"), [(1, "1e300"), (10, "1e300"), (1, "1e12"), (1000, "1e9"), (100, "1.5e308")]
)
def test_value_beyond_every_meter_is_rejected(park, multiplier, value):
    channel = meter_with_channel(park, interval_minutes=60, multiplier=multiplier)

    row = bring_in(feed_of(park), HEAD + f"M1,2026-03-02 00:00,{value}\nM1,2026-03-02 01:00,2\n")

    assert (*counts(row), row.rejected_by_rule) == (2, 1, 0, 1, {"out_of_range": 1})
    assert held(channel)["2026-03-02"][:2] == [None, 2.0 * multiplier]
    assert (totals(channel), MonthTotal.objects.get().total) == ({"2026-03-02": 2.0 * multiplier}, 2.0 * multiplier)


def test_value_below_the_end_of_all_meters_is_stored(park):
    channel = meter_with_channel(park, interval_minutes=60)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,999999999999\n")

    assert (counts(row), totals(channel)) == ((1, 1, 0, 0), {"2026-03-02": 999_999_999_999.0})


def test_limit_of_a_channel_does_not_go_beyond_that_of_all(park):
    meter_with_channel(park, interval_minutes=60, lowest=-1e300, highest=1e300)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,1e13\nM1,2026-03-02 01:00,-1e13\n")

    assert row.rejected_by_rule == {"out_of_range": 2}


def test_state_beyond_every_dial_is_rejected(park):
    channel = meter_with_channel(park, interval_minutes=60, kind="register", multiplier=1000)

    row = bring_in(
        feed_of(park),
        HEAD + "M1,2026-03-02 00:00,10\nM1,2026-03-02 01:00,1e300\nM1,2026-03-02 01:00,12\nM1,2026-03-02 02:00,13\n",
    )

    assert rejected(row) == [(3, 3, "out_of_range", 1, "1e+300")]
    assert totals(channel) == {"2026-03-02": 3000.0}
    assert RegisterDay.objects.get().states[:4] == [10.0, 12.0, 13.0, None]


def test_use_beyond_every_meter_is_rejected(park):
    channel = meter_with_channel(park, interval_minutes=60, kind="register", multiplier=1000)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,10\nM1,2026-03-02 01:00,1e10\n")

    assert (*counts(row), row.rejected_by_rule) == (2, 1, 0, 1, {"out_of_range": 1})
    assert totals(channel) == {}


def test_days_of_other_ages_cost_their_rows_alone(park):
    channel = meter_with_channel(park, code="E1", interval_minutes=60)
    cells = ",".join(["1"] * 24)
    days = "".join(f"300,{day},{cells},A,,,\n" for day in ("00010101", "19891231", "20260301", "21000101", "99991231"))

    row = bring_in(feed_of(park, FeedFormat.NEM12), f"100,NEM12,2026,A,B\n200,M1,E1,E1,E1,N1,,KWH,60,\n{days}900\n")

    assert (*counts(row), totals(channel)) == (120, 24, 0, 96, {"2026-03-01": 24.0})
    assert [each[:4] for each in rejected(row)] == [(line, 2, "unreadable_time", 24) for line in (3, 4, 6, 7)]


def test_what_lies_in_the_future_is_asked_for_nothing_else(park):
    channel = meter_with_channel(park, interval_minutes=60)

    row = bring_in(feed_of(park), HEAD + "M1,2099-12-31 00:00,1\nM1,2026-03-02 00:00,2\nM1,2099-03-02 00:07,3\n")

    assert rejected(row) == [(2, 3, "future", 1, "1"), (4, 3, "future", 1, "3")]
    assert totals(channel) == {"2026-03-02": 2.0}


def test_state_of_the_future_is_not_kept_of_a_register(park):
    channel = meter_with_channel(park, interval_minutes=60, kind="register")
    feed = feed_of(park)

    bring_in(feed, HEAD + "M1,2026-03-02 00:00,10\nM1,2099-03-02 00:00,900\n")
    bring_in(feed, HEAD + "M1,2026-03-02 01:00,12\n")

    assert totals(channel) == {"2026-03-02": 2.0}
    assert IntervalBlock.objects.count() == 1
