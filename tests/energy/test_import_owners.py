"""A device that one owner had after another: each reading is checked by what holds for the owner of its time."""

from __future__ import annotations

from datetime import date

from energy.choices import FeedFormat
from tests.energy.cases import bring_in, counts, held, rejected, totals
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value,unit\n"


def one_after_the_other(park, before, after):
    """Two channels of one serial number, the second from 2026-03-02 on."""
    first = meter_with_channel(park, **before)
    first.meter.ends_on = date(2026, 3, 2)
    first.meter.save()
    second = meter_with_channel(park, serial="M1x", **after)
    second.meter.serial, second.meter.starts_on = "M1", date(2026, 3, 2)
    second.meter.save()
    return first, second


def test_unit_is_that_of_the_owner_of_the_time(park):
    hourly = {"interval_minutes": 60}
    first, second = one_after_the_other(park, hourly, {**hourly, "unit": "m3"})
    content = HEAD + "M1,2026-03-01 00:00,2,MWh\nM1,2026-03-02 00:00,2,MWh\nM1,2026-03-02 01:00,3,m3\n"

    row = bring_in(feed_of(park), content + "M1,2026-03-01 01:00,3,m3\n")

    assert counts(row) == (4, 2, 0, 2)
    assert (totals(first), totals(second)) == ({"2026-03-01": 2000.0}, {"2026-03-02": 3.0})
    assert rejected(row) == [(3, 0, "unknown_unit", 1, "MWh"), (5, 0, "unknown_unit", 1, "m3")]


def test_interval_is_that_of_the_owner_of_the_time(park):
    first, second = one_after_the_other(park, {"interval_minutes": 60}, {"interval_minutes": 30})
    days = "".join(f"300,202603{day:02}," + ",".join(["1"] * 48) + ",A,,,20260304000000,\n" for day in (1, 2))
    head = "100,NEM12,202603040000,A,B\n200,M1,E1,E1,E1,N1,,KWH,30,\n"

    row = bring_in(feed_of(park, FeedFormat.NEM12, mapping={"names": {"M1/E1": "M1"}}), f"{head}{days}900\n")

    assert counts(row) == (96, 48, 0, 48)
    assert row.rejected_by_rule == {"wrong_interval": 48}
    assert (held(first), held(second)) == ({}, {"2026-03-02": [1.0] * 48})
