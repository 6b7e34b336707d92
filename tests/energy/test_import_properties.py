"""For every file that can be made: read = stored + unchanged + rejected, and held is what the files last said."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy.models import IntervalBlock, RejectedReading
from lib.identifiers import uuid7
from tests.energy.cases import bring_in
from tests.factories.metering import feed_of, meter_with_channel

METERS = st.sampled_from(["A", "B", "R", "nobody", ""])
GRID = {"2026-03-02 00:00": 0, "2026-03-02 01:00": 1, "2026-03-02 02:00": 2, "2026-03-03 00:00": 24}
WRONG = ["2026-03-02 00:30", "2099-01-01 00:00", "1999-01-01 00:00", "soon", "", "2026-02-30 00:00"]
TIMES = st.sampled_from([*GRID, *WRONG])
VALUES = st.sampled_from(["0", "1", "2.5", "7", "1e3", "-1", "", "x", "nan", "1,5", "1,,5", '"1,5"', '"1'])
ROWS = st.lists(st.tuples(METERS, TIMES, VALUES), max_size=12)
FINE = {"0": 0.0, "1": 1.0, "2.5": 2.5, "7": 7.0, "1e3": 1000.0}


def written(rows):
    return "\n".join(["meter,time,value", *map(",".join, rows), ""])


def expected(files):
    """What the interval meters hold after these files, by meter and hour since the first day began."""
    return {
        (meter, GRID[time]): FINE[value]
        for rows in files
        for meter, time, value in rows
        if meter in {"A", "B"} and time in GRID and value in FINE
    }


def held(channels):
    return {
        (name, hour + 24 * (block.day.day - 2)): value
        for name, channel in channels.items()
        for block in IntervalBlock.objects.filter(channel=channel)
        for hour, value in enumerate(block.values)
        if value is not None
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(ROWS, min_size=1, max_size=3))
def test_every_reading_is_stored_unchanged_or_rejected(park, files):
    mark = uuid7().hex
    names = {name: f"{name}{mark}" for name in ("A", "B", "R")}
    channels = {name: meter_with_channel(park, names[name], interval_minutes=60) for name in ("A", "B")}
    meter_with_channel(park, names["R"], interval_minutes=60, kind="register")
    feed = feed_of(park, name=mark, mapping={"names": names})

    for rows in files:
        row = bring_in(feed, written(rows), again=True)
        read, rejected = row.readings_read, row.readings_rejected
        assert read == len([each for each in rows if any(each)])
        assert read == row.readings_stored + row.readings_unchanged + rejected
        told = Counter()
        for rule, count in RejectedReading.objects.filter(reading_import=row).values_list("rule", "readings"):
            told[rule] += count
        assert told == row.rejected_by_rule
        assert rejected == sum(told.values())

    assert held(channels) == expected(files)
    again = bring_in(feed, written(files[-1]), again=True)
    assert (again.readings_read, again.readings_stored) == (read, 0)


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"meter,time,value", b"meter,time,value\n\n\n", b",,\n,,\n", b"a;b;c\n1;2"]
)
def test_broken_beginnings_end_somewhere(park, content):
    row = bring_in(feed_of(park), content)

    assert row.state in {"done", "failed"}
    assert (row.readings_read, row.readings_stored) == (0, 0)
