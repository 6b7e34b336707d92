from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from energy.calculations import flags
from energy.choices import FeedFormat, ImportState
from energy.models import IntervalBlock, IntervalBlockRevision, MonthTotal
from energy.services.readings import import_steps
from energy.services.readings.store import _distinct
from tenancy.models import OutboxEvent
from tenancy.scopes import platform_scope
from tests.energy.cases import bring_in, clock, counts, held, rejected, take_in, totals
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value\n"


def day_of(serial="M1", day="2026-03-02", minutes=15, value=lambda n: n + 0.5):
    at = datetime.fromisoformat(day)
    rows = [(at + timedelta(minutes=minutes * n), value(n)) for n in range(24 * 60 // minutes)]
    return "".join(f"{serial},{moment:%Y-%m-%d %H:%M},{amount}\n" for moment, amount in rows)


def test_day_of_readings_becomes_a_block_and_a_month(park):
    channel = meter_with_channel(park)

    row = bring_in(feed_of(park), HEAD + day_of())

    assert (row.state, *counts(row)) == (ImportState.DONE, 96, 96, 0, 0)
    block = IntervalBlock.objects.get()
    assert (block.channel_id, block.day) == (channel.pk, date(2026, 3, 2))
    assert block.values == [n + 0.5 for n in range(96)]
    assert bytes(block.flags) == bytes([flags.MEASURED] * 96)
    assert (block.total, block.peak, block.present_count, block.measured_count) == (4608.0, 95.5, 96, 96)
    assert (block.revision, block.import_id) == (1, row.pk)
    month = MonthTotal.objects.get()
    assert (month.month, month.total, month.peak) == (date(2026, 3, 1), 4608.0, 95.5)
    assert (month.present_count, month.measured_count) == (96, 96)
    assert (row.first_day, row.last_day) == (date(2026, 3, 2), date(2026, 3, 2))
    with platform_scope():
        told = OutboxEvent.objects.get(name="energy.readings_imported").payload
    assert told == {
        "park_id": park.pk,
        "reading_import_id": str(row.pk),
        "first_day": "2026-03-02",
        "last_day": "2026-03-02",
    }


def test_what_is_missing_is_not_zero(park):
    channel = meter_with_channel(park, interval_minutes=60)

    bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,1.5\nM1,2026-03-02 02:00,0\n")

    block = IntervalBlock.objects.get(channel=channel)
    assert block.values == [1.5, None, 0.0] + [None] * 21
    assert bytes(block.flags) == bytes([flags.MEASURED, 0, flags.MEASURED] + [0] * 21)
    assert (block.total, block.present_count, block.measured_count) == (1.5, 2, 2)


def test_same_readings_again_change_no_row(park):
    meter_with_channel(park)
    feed = feed_of(park)
    bring_in(feed, HEAD + day_of())
    before = list(IntervalBlock.objects.values())

    row = bring_in(feed, HEAD + day_of() + "\n")

    assert counts(row) == (96, 0, 96, 0)
    assert list(IntervalBlock.objects.values()) == before
    assert IntervalBlockRevision.objects.count() == 0


def test_same_file_is_taken_once_unless_asked_again(park):
    meter_with_channel(park)
    feed = feed_of(park)
    first = bring_in(feed, HEAD + day_of())

    assert bring_in(feed, HEAD + day_of()).pk == first.pk

    again = bring_in(feed, HEAD + day_of(), again=True)
    assert (again.pk != first.pk, *counts(again)) == (True, 96, 0, 96, 0)


def test_file_that_rejected_something_may_come_again(park):
    feed = feed_of(park)
    first = bring_in(feed, HEAD + "M1,2026-03-02 00:00,1\n")
    assert counts(first) == (1, 0, 0, 1)
    meter_with_channel(park)

    assert counts(bring_in(feed, HEAD + "M1,2026-03-02 00:00,1\n")) == (1, 1, 0, 0)


def test_correction_keeps_what_was_said_before(park):
    channel = meter_with_channel(park, interval_minutes=60)
    feed = feed_of(park)
    first = bring_in(feed, HEAD + "M1,2026-03-02 00:00,1\nM1,2026-03-02 01:00,2\n")

    second = bring_in(feed, HEAD + "M1,2026-03-02 01:00,3\nM1,2026-03-02 02:00,4\nM1,2026-03-02 00:00,1\n")

    assert counts(second) == (3, 2, 1, 0)
    assert held(channel) == {"2026-03-02": [1.0, 3.0, 4.0] + [None] * 21}
    block, kept = IntervalBlock.objects.get(), IntervalBlockRevision.objects.get()
    assert (block.revision, block.import_id, block.total) == (2, second.pk, 8.0)
    assert (kept.revision, kept.import_id, kept.total, kept.values) == (1, first.pk, 3.0, [1.0, 2.0] + [None] * 22)
    assert (kept.replaced_by_import_id, MonthTotal.objects.get().total) == (second.pk, 8.0)


def test_readings_that_are_added_correct_nothing(park):
    channel = meter_with_channel(park, interval_minutes=60)
    feed = feed_of(park)
    *_before, third = [bring_in(feed, HEAD + f"M1,2026-03-02 {hour:02}:00,{hour}\n") for hour in (1, 2, 3)]
    block = IntervalBlock.objects.get()
    assert (block.revision, block.import_id, IntervalBlockRevision.objects.count()) == (1, third.pk, 0)

    fourth = bring_in(feed, HEAD + "M1,2026-03-02 02:00,9\nM1,2026-03-02 05:00,5\n")

    assert held(channel)["2026-03-02"][:6] == [None, 1.0, 9.0, 3.0, None, 5.0]
    kept = IntervalBlockRevision.objects.get()
    assert (kept.values[:6], kept.import_id) == ([None, 1.0, 2.0, 3.0, None, None], third.pk)
    assert (kept.replaced_by_import_id, IntervalBlock.objects.get().revision) == (fourth.pk, 2)


def test_one_bad_cell_costs_that_row_only(park):
    channel = meter_with_channel(park, interval_minutes=60)
    content = (
        HEAD
        + "M1,2026-03-02 00:00,1\n"
        + "M1,2026-03-02 01:00,oops\n"
        + "M1,not a time,1\n"
        + "M2,2026-03-02 00:00,1\n"
        + "M2,2026-03-02 01:00,1\n"
        + "M1,2026-03-02 02:00,\n"
        + "M1,2026-03-02 02:07,5\n"
        + "M1,2026-03-02 03:00,-1\n"
        + "M1,2027-03-02 03:00,1\n"
        + "M1,1999-03-02 03:00,1\n"
        + "M1,2026-03-02 04:00,nan\n"
        + "M1\n"
        + "M1,2026-03-02 05:00,7\n"
    )

    row = bring_in(feed_of(park), content)

    assert (row.state, *counts(row)) == (ImportState.DONE, 13, 2, 0, 11)
    assert held(channel) == {"2026-03-02": [1.0, None, None, None, None, 7.0] + [None] * 18}
    assert rejected(row) == [
        (3, 3, "unreadable_value", 1, "oops"),
        (4, 2, "unreadable_time", 1, "not a time"),
        (5, 0, "unknown_meter", 2, ""),
        (7, 3, "unreadable_value", 1, ""),
        (8, 3, "off_grid", 1, "5"),
        (9, 3, "negative", 1, "-1"),
        (10, 3, "future", 1, "1"),
        (11, 3, "outside_validity", 1, "1"),
        (12, 3, "unreadable_value", 1, "nan"),
        (13, 2, "unreadable_time", 1, ""),
    ]
    assert sum(row.rejected_by_rule.values()) == 11


def test_value_beyond_the_meter_is_rejected(park):
    channel = meter_with_channel(park, rated_power_kw=100)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,25\nM1,2026-03-02 00:15,25.001\n")

    assert counts(row) == (2, 1, 0, 1)
    assert rejected(row) == [(3, 3, "out_of_range", 1, "25.001")]
    assert totals(channel) == {"2026-03-02": 25.0}


def test_last_of_two_values_for_one_time_stands(park):
    channel = meter_with_channel(park, interval_minutes=60)
    content = HEAD + "M1,2026-03-02 00:00,1\nM1,2026-03-02 00:00,2\nM1,2026-03-02 01:00,5\nM1,2026-03-02 01:00,5\n"

    row = bring_in(feed_of(park), content)

    assert counts(row) == (4, 2, 1, 1)
    assert rejected(row) == [(2, 3, "duplicate", 1, "1")]
    assert held(channel) == {"2026-03-02": [2.0, 5.0] + [None] * 22}


def test_readings_far_apart_take_no_room_for_what_lies_between():
    keys = np.array([7, 10**12, 7, 3, 10**12])

    few = _distinct(keys, 10**13)
    dense = _distinct(np.minimum(keys, 9), 10)

    assert [each.tolist() for each in few] == [[3, 7, 10**12], [1, 2, 1, 0, 2]]
    assert [each.tolist() for each in dense] == [[3, 7, 9], [1, 2, 1, 0, 2]]


def test_multiplier_and_unit_of_the_file_are_applied(park):
    channel = meter_with_channel(park, interval_minutes=60, multiplier=200)
    content = (
        "表号,时间,读数,单位\nM1,2026-03-02 00:00,1.1,Wh\nM1,2026-03-02 01:00,0.7,千瓦时\nM1,2026-03-02 02:00,1,m3\n"
    )

    row = bring_in(feed_of(park), content.encode("gb18030"))

    assert counts(row) == (3, 2, 0, 1)
    assert held(channel)["2026-03-02"][:3] == [0.22, 140.0, None]
    assert rejected(row) == [(4, 0, "unknown_unit", 1, "m3")]


def test_times_that_name_the_end_of_an_interval(park):
    channel = meter_with_channel(park, interval_minutes=60)
    feed = feed_of(park, mapping={"stamp": "end"})

    bring_in(feed, HEAD + "M1,2026-03-02 01:00,1\nM1,2026-03-02 24:00,2\nM1,2026-03-03 01:00,3\n")

    assert held(channel) == {"2026-03-02": [1.0] + [None] * 22 + [2.0], "2026-03-03": [3.0] + [None] * 23}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_decimal_commas_semicolons_and_a_mark(park, mark):
    channel = meter_with_channel(park, interval_minutes=60)

    row = bring_in(
        feed_of(park), mark + b"Meter;Time;Value\r\nM1;2026-03-02T00:00:00+08:00;1,25\r\nM1;02.03.2026 01:00;2,5\r\n"
    )

    assert counts(row) == (2, 2, 0, 0)
    assert held(channel)["2026-03-02"][:2] == [1.25, 2.5]


def test_quotes_and_blank_lines_keep_the_count_of_lines(park):
    channel = meter_with_channel(park, interval_minutes=60)
    content = '"meter","time","value"\n\n"M1","2026-03-02 00:00","1.5"\n\n"M1","x","2"\n'

    row = bring_in(feed_of(park), content)

    assert rejected(row) == [(5, 2, "unreadable_time", 1, "x")]
    assert totals(channel) == {"2026-03-02": 1.5}


def test_channels_of_one_meter_are_told_by_their_code(park):
    drawn = meter_with_channel(park, interval_minutes=60, code="E1")
    fed_in = meter_with_channel(park, interval_minutes=60, code="B1", flow="export")

    content = "meter,channel,time,value\nM1,E1,2026-03-02 00:00,1\nM1,B1,2026-03-02 00:00,2\nM1,,2026-03-02 00:00,3\n"
    row = bring_in(feed_of(park), content)

    assert (totals(drawn), totals(fed_in)) == ({"2026-03-02": 1.0}, {"2026-03-02": 2.0})
    assert rejected(row) == [(4, 0, "unknown_meter", 1, "")]


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Asia/Shanghai", "2026-03-29", 96),
        ("Asia/Urumqi", "2024-02-29", 96),
        ("Europe/London", "2026-03-29", 92),
        ("Europe/London", "2026-10-25", 100),
        ("Europe/London", "2025-12-31", 96),
    ],
)
def test_every_interval_of_a_local_day_has_its_place(park, zone, day, count):
    channel = meter_with_channel(park)
    at = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = [(at + timedelta(minutes=15 * n)).astimezone(ZoneInfo(zone)) for n in range(count + 1)]
    content = HEAD + "".join(f"M1,{moment:%Y-%m-%d %H:%M},{n}\n" for n, moment in enumerate(local))

    row = bring_in(feed_of(park), content)

    assert counts(row) == (count + 1, count + 1, 0, 0)
    first, second = IntervalBlock.objects.filter(channel=channel).order_by("day")
    assert (first.day.isoformat(), first.values) == (day, [float(n) for n in range(count)])
    assert (second.day - first.day, second.values[0], second.present_count) == (timedelta(days=1), float(count), 1)


@pytest.mark.parametrize("zone", ["Europe/London"])
def test_hour_that_the_clock_leaves_out_is_rejected(park):
    meter_with_channel(park)

    row = bring_in(feed_of(park), HEAD + "M1,2026-03-29 00:45,1\nM1,2026-03-29 01:00,1\nM1,2026-03-29 02:00,1\n")

    assert rejected(row) == [(3, 2, "no_such_time", 1, "2026-03-29 01:00")]
    assert IntervalBlock.objects.get().values[:5] == [None, None, None, 1.0, 1.0]


def test_device_that_changed_hands_keeps_its_readings_with_whom_they_belong_to(park):
    before = meter_with_channel(park, interval_minutes=60)
    before.meter.ends_on = date(2026, 3, 2)
    before.meter.save()
    after = meter_with_channel(park, serial="M1x", interval_minutes=60, multiplier=10)
    after.meter.serial, after.meter.starts_on = "M1", date(2026, 3, 2)
    after.meter.save()
    feed = feed_of(park, mapping={"stamp": "end"})

    row = bring_in(feed, HEAD + "M1,2026-03-02 00:00,1\nM1,2026-03-02 01:00,2\n")

    assert counts(row) == (2, 2, 0, 0)
    assert (totals(before), totals(after)) == ({"2026-03-01": 1.0}, {"2026-03-02": 20.0})


def test_states_are_averaged(park):
    meter_with_channel(park, interval_minutes=60, flow="state", unit="degC")

    bring_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,-4\nM1,2026-03-02 01:00,10\nM1,2026-03-03 00:00,6\n")

    assert list(IntervalBlock.objects.values_list("total", "peak")) == [(3.0, 10.0), (6.0, 6.0)]
    assert MonthTotal.objects.get().total == 4.0


@pytest.mark.parametrize(
    ("content", "failure", "line"),
    [
        (b"\n \n", "no_table", 1),
        (b"\xff\xfem\x00e\x00", "utf16", 1),
        (b"meter,time\nM1,2026-03-02 00:00\n", "no_column_value", 1),
        (b"PK\x03\x04 no archive at all", "broken_archive", None),
        (b"meter,time,value\nM1,2026-03-02 00:00,\x00\n", "binary", 1),
    ],
)
def test_file_of_another_kind_is_refused_by_name(park, content, failure, line):
    row = bring_in(feed_of(park), content)

    assert (row.state, row.failure, row.failure_line) == (ImportState.FAILED, failure, line)
    assert counts(row) == (0, 0, 0, 0)


def zipped(content, name="a.csv", **others):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, inside in {name: content, **others}.items():
            archive.writestr(member, inside)
    return body.getvalue()


def test_archive_of_one_file_is_unpacked_and_a_bomb_is_not(park):
    channel = meter_with_channel(park, interval_minutes=60)
    feed = feed_of(park)

    assert counts(bring_in(feed, zipped(HEAD + "M1,2026-03-02 00:00,1.5\n"))) == (1, 1, 0, 0)
    assert totals(channel) == {"2026-03-02": 1.5}
    assert bring_in(feed, zipped("0" * 20_000_000)).failure == "archive_bomb"
    assert bring_in(feed, zipped(HEAD, other=HEAD)).failure == "several_files"


def test_wide_table_with_a_day_a_row(park):
    channel = meter_with_channel(park, interval_minutes=60)
    heading = "表号,日期," + ",".join(f"{hour:02}:00" for hour in range(24))
    first = "M1,2026/3/2," + ",".join(str(hour) for hour in range(24))
    second = "M1,2026-03-03," + ",".join("" if hour == 3 else "x" if hour == 4 else "1" for hour in range(24))

    row = bring_in(feed_of(park, FeedFormat.WIDE_TABLE), f"{heading}\n{first}\n{second}\n")

    assert counts(row) == (47, 46, 0, 1)
    assert held(channel) == {
        "2026-03-02": [float(hour) for hour in range(24)],
        "2026-03-03": [None if hour in {3, 4} else 1.0 for hour in range(24)],
    }
    assert rejected(row) == [(3, 7, "unreadable_value", 1, "x")]


def test_wide_table_with_a_column_a_meter(park):
    first = meter_with_channel(park, interval_minutes=60)
    second = meter_with_channel(park, serial="M2", interval_minutes=60)
    content = "时间,M1,M2(MWh)\n2026-03-02 00:00,1,2\n2026-03-02 01:00,,0.5\nx,1,1\n"

    row = bring_in(feed_of(park, FeedFormat.WIDE_TABLE), content)

    assert counts(row) == (5, 3, 0, 2)
    assert (totals(first), totals(second)) == ({"2026-03-02": 1.0}, {"2026-03-02": 2500.0})
    assert rejected(row) == [(4, 1, "unreadable_time", 2, "x")]


def test_file_that_is_gone_ends_the_import_by_name(park):
    row = take_in(feed_of(park), HEAD + "M1,2026-03-02 00:00,7\n")
    row.file.storage.delete(row.file.name)

    for _step in import_steps(row.pk, clock):
        pass

    row.refresh_from_db()
    assert (row.state, row.failure, *counts(row)) == (ImportState.FAILED, "file_gone", 0, 0, 0, 0)
