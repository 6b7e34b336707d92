"""Tables with a day a row on the days of a clock change: each value goes to the hour that it is headed by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy.choices import FeedFormat
from energy.formats.intervals import interval_columns
from tests.energy.cases import bring_in, counts, totals
from tests.energy.test_tables import batches_of, refused, taken
from tests.factories.metering import feed_of, meter_with_channel

ZONES = ["Europe/Berlin", "Europe/London"]
ORDINARY, SPRING, AUTUMN = "2026-01-15", "2026-03-29", "2026-10-25"
HOURS = [f"{hour:02}:00" for hour in range(24)]
HOURS_OF_AUTUMN = [*HOURS[:3], "02:00", *HOURS[3:]]
HOURS_OF_SPRING = [*HOURS[:2], *HOURS[3:]]


def table(headings, *rows):
    return "\n".join([",".join(["meter", "day", *headings]), *(",".join(["M1", *row]) for row in rows), ""])


def read(headings, day, values, zone="Europe/Berlin"):
    return batches_of(table(headings, [day, *values]), FeedFormat.WIDE_TABLE, zone=zone)


def hours_of(batches):
    """Values by the hour in UTC, without the minutes that are always none."""
    return {at[5:13]: value for _name, at, value in taken(batches)}


def instants_in(day, zone, minutes):
    """Each interval of a local day, by its beginning in UTC."""
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    end = (begin.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found, at = [], begin.astimezone(UTC)
    while at < end:
        found.append(at)
        at += timedelta(minutes=minutes)
    return found


def headed(instants, zone, minutes, style):
    """Headings of intervals: where they begin, where they end by the clock, or where they begin and as much more."""
    if style == "end":
        shown = [(at + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)) for at in instants]
    else:
        shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in instants]
        shown = [at + timedelta(minutes=minutes) if style == "end of beginning" else at for at in shown]
    return [f"{at:%H:%M}" for at in shown]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
@pytest.mark.parametrize("style", ["begin", "end", "end of beginning"])
def test_day_with_headings_of_its_own_is_read_whole(zone, minutes, style):
    for day, hours in ((ORDINARY, 24), (SPRING, 23), (AUTUMN, 25)):
        instants = instants_in(day, zone, minutes)
        headings = headed(instants, zone, minutes, style)
        values = [str(number) for number in range(len(instants))]

        batches = read(["sum", *headings], day, ["9", *values], zone)

        assert len(headings) == hours * 60 // minutes
        assert taken(batches) == [("M1", f"{at:%Y-%m-%d %H:%M}", float(n)) for n, at in enumerate(instants)]
        assert (refused(batches), batches[0].minutes) == ([], [minutes])


def test_column_of_a_repeated_hour_is_empty_on_ordinary_days():
    values = ["0", "1", "2", "", *map(str, range(3, 24))]

    batches = read(HOURS_OF_AUTUMN, ORDINARY, values)

    assert hours_of(batches) == {"01-14 23": 0.0} | {f"01-15 {hour - 1:02}": float(hour) for hour in range(1, 24)}
    assert refused(batches) == []


def test_value_in_the_repeated_hour_of_an_ordinary_day_is_refused():
    values = ["0", "1", "2", "2.5", *map(str, range(3, 24))]

    batches = read(HOURS_OF_AUTUMN, ORDINARY, values)

    assert hours_of(batches) == {"01-14 23": 0.0} | {f"01-15 {hour - 1:02}": float(hour) for hour in range(1, 24)}
    assert refused(batches) == [(2, 6, "no_such_time", "2.5")]


def test_repeated_hour_is_the_second_of_its_heading():
    values = ["0", "1", "2", "2.5", *map(str, range(3, 24))]

    batches = read(HOURS_OF_AUTUMN, AUTUMN, values)

    # Until 03:00 of summer the clock is two hours ahead, then one.
    before = {"10-24 22": 0.0, "10-24 23": 1.0, "10-25 00": 2.0, "10-25 01": 2.5}
    assert hours_of(batches) == before | {f"10-25 {hour - 1:02}": float(hour) for hour in range(3, 24)}
    assert refused(batches) == []


@pytest.mark.parametrize(
    ("headings", "cells", "lost"),
    [
        (HOURS, ["0", "1", "", *map(str, range(3, 24))], []),
        (HOURS, [*map(str, range(24))], [(2, 5, "no_such_time", "2")]),
        (HOURS_OF_SPRING, ["0", "1", *map(str, range(3, 24))], []),
        (HOURS_OF_AUTUMN, ["0", "1", "", "", *map(str, range(3, 24))], []),
    ],
)
def test_hour_that_the_clock_leaves_out_moves_no_other(headings, cells, lost):
    batches = read(headings, SPRING, cells)

    expected = {"03-28 23": 0.0, "03-29 00": 1.0} | {f"03-29 {hour - 2:02}": float(hour) for hour in range(3, 24)}
    assert (hours_of(batches), refused(batches)) == (expected, lost)


def test_hours_without_a_repeated_heading_leave_the_second_open():
    batches = read(HOURS, AUTUMN, [*map(str, range(24))])

    before = {"10-24 22": 0.0, "10-24 23": 1.0, "10-25 00": 2.0}
    assert hours_of(batches) == before | {f"10-25 {hour - 1:02}": float(hour) for hour in range(3, 24)}
    assert refused(batches) == []


def test_counted_columns_are_places_of_the_day():
    numbers = [str(number) for number in range(1, 26)]

    spring, autumn = (
        read(numbers, day, numbers[:count] + [""] * (25 - count)) for day, count in ((SPRING, 23), (AUTUMN, 25))
    )

    assert list(hours_of(spring).values()) == [float(number) for number in range(1, 24)]
    assert list(hours_of(autumn).values()) == [float(number) for number in range(1, 26)]
    assert refused(spring) == refused(autumn) == []
    assert [each[:3] for each in refused(read(numbers, SPRING, numbers))] == [
        (2, 26, "no_such_time"), (2, 27, "no_such_time"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "times",
    [
        [*HOURS[:3], "02:00", "02:00", *HOURS[4:]],
        HOURS[1:],
        [*HOURS[:2], *HOURS[4:]],
        [*HOURS[:2], *HOURS[3:5], *HOURS[6:]],
    ],
)
def test_headings_of_which_more_than_an_hour_is_odd_are_no_day(times):
    assert interval_columns(times, range(len(times))) == ([], 0)


@settings(max_examples=40)
@given(
    zone=st.sampled_from(ZONES),
    minutes=st.sampled_from([15, 30, 60]),
    style=st.sampled_from(["begin", "end of beginning"]),
    is_of_autumn=st.booleans(),
    days=st.lists(st.sampled_from([ORDINARY, SPRING, AUTUMN, "2026-10-26"]), min_size=1, max_size=4, unique=True),
)
def test_one_table_of_several_days_keeps_every_value(zone, minutes, style, is_of_autumn, days):
    """Cells are filled by the headings of each day; those that the day does not have are empty."""
    own = {day: headed(instants_in(day, zone, minutes), zone, minutes, style) for day in days}
    headings = headed(instants_in(AUTUMN if is_of_autumn else ORDINARY, zone, minutes), zone, minutes, style)
    rows, expected = [], []
    for number, day in enumerate(days):
        left = dict.fromkeys(range(len(headings)), "")
        for at, heading in zip(instants_in(day, zone, minutes), own[day], strict=True):
            place = next((place for place in left if headings[place] == heading and not left[place]), None)
            if place is not None:
                left[place] = str(number * 1000 + len(expected))
                expected.append((f"{at:%Y-%m-%d %H:%M}", float(left[place])))
        rows.append([day, *left.values()])

    batches = batches_of(table(headings, *rows), FeedFormat.WIDE_TABLE, zone=zone)

    assert sorted((at, value) for _name, at, value in taken(batches)) == sorted(expected)
    assert refused(batches) == []


@pytest.mark.parametrize("zone", ["Europe/Berlin"])
def test_days_of_a_clock_change_have_exact_totals(park, zone):
    channel = meter_with_channel(park, interval_minutes=60)
    ones = ["1"] * 21
    rows = [
        [ORDINARY, "1", "1", "1", "", *ones],
        [SPRING, "1", "1", "", "", *ones],
        [AUTUMN, "1", "1", "1", "1", *ones],
    ]

    row = bring_in(feed_of(park, FeedFormat.WIDE_TABLE), table(HOURS_OF_AUTUMN, *rows))

    assert counts(row) == (72, 72, 0, 0)
    assert totals(channel) == {ORDINARY: 24.0, SPRING: 23.0, AUTUMN: 25.0}
