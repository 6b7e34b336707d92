"""A device that one owner had after another: each reading is checked by what holds for the owner of its time."""

from __future__ import annotations

from datetime import date

import pytest

from energy.calculations import flags
from energy.choices import FeedFormat
from energy.models import IntervalBlock, RegisterDay
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


@pytest.mark.parametrize("stamp", ["start", "end"])
def test_state_at_the_midnight_of_a_change_belongs_to_both_owners(park, stamp):
    dial = {"interval_minutes": 60, "kind": "register"}
    first, second = one_after_the_other(park, {**dial, "multiplier": 10}, {**dial, "multiplier": 20})
    content = HEAD + "".join(
        f"M1,{at},{state},kWh\n"
        for at, state in (
            ("2026-03-01 23:00", 100),
            ("2026-03-02 00:00", 101),
            ("2026-03-02 01:00", 103),
            ("2026-03-02 02:00", 106),
        )
    )

    row = bring_in(feed_of(park, mapping={"stamp": stamp}), content)

    # (101 - 100) * 10 from 23:00 to midnight; (103 - 101) * 20 and (106 - 103) * 20 behind it.
    assert counts(row) == (4, 4, 0, 0)
    assert held(first) == {"2026-03-01": [None] * 23 + [10.0]}
    assert held(second) == {"2026-03-02": [40.0, 60.0] + [None] * 22}
    assert {bytes(block.flags).strip(b"\0") for block in IntervalBlock.objects.all()} == {
        bytes([flags.MEASURED]),
        bytes([flags.MEASURED] * 2),
    }
    assert counts(bring_in(feed_of(park, name="Again", mapping={"stamp": stamp}), content)) == (4, 0, 4, 0)


def test_state_at_the_midnight_of_a_change_is_converted_for_both(park):
    dial = {"interval_minutes": 60, "kind": "register"}
    first, second = one_after_the_other(park, dial, dial)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-01 23:00,0.036,MWh\nM1,2026-03-02 00:00,0.072,MWh\n")

    assert counts(row) == (2, 2, 0, 0)
    assert totals(first) == {"2026-03-01": 36.0}
    assert RegisterDay.objects.get(channel=second).states[0] == 72.0


def test_two_states_at_the_midnight_of_a_change_are_one_duplicate(park):
    dial = {"interval_minutes": 60, "kind": "register"}
    first, _second = one_after_the_other(park, dial, dial)
    content = HEAD + "M1,2026-03-01 23:00,100,kWh\nM1,2026-03-02 00:00,150,kWh\nM1,2026-03-02 00:00,101,kWh\n"

    row = bring_in(feed_of(park), content)

    assert counts(row) == (3, 2, 0, 1)
    assert rejected(row) == [(3, 3, "duplicate", 1, "150")]
    assert totals(first) == {"2026-03-01": 1.0}


def test_meter_that_was_never_in_service_gets_no_state(park):
    """One that was ended on the day it began, as a claim that was refused."""
    dial = {"interval_minutes": 60, "kind": "register"}
    refused, owner = one_after_the_other(park, dial, dial)
    refused.meter.starts_on = date(2026, 3, 2)
    refused.meter.save()

    bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,100,kWh\nM1,2026-03-02 01:00,101,kWh\n")

    assert not RegisterDay.objects.filter(channel=refused).exists()
    assert totals(owner) == {"2026-03-02": 1.0}
