"""What each format says of the same reading, and what it refuses instead of guessing."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from energy.choices import FeedFormat
from energy.formats import Reading, UnreadableFile, opened, read_batches, tables
from energy.formats.intervals import interval_columns
from energy.formats.tables import tables_of
from tests.energy.test_formats import START, entry, green_button, reading, usage_point
from tests.energy.test_tables import HEAD, batches_of, refused, taken

WIDE = FeedFormat.WIDE_TABLE
GREEN = FeedFormat.GREEN_BUTTON
ESPI = 'xmlns="http://naesb.org/espi"'


def clock_times(minutes, shift=0):
    return [f"{at // 60:02}:{at % 60:02}" for at in range(shift, 1440 + shift, minutes)]


# The columns of a day


@pytest.mark.parametrize(
    ("before", "points", "after"),
    [
        (["合计"], clock_times(15), []),
        (["倍率", "合计"], clock_times(15, shift=15), ["备注"]),
        ([], [*clock_times(15, shift=15)[:-1], "00:00"], ["total"]),
        (["total"], [f"P{number}" for number in range(1, 97)], []),
        (["total"], [f"第{number}点" for number in range(1, 97)], ["峰值", "谷值"]),
        (["total"], [str(number) for number in range(96)], []),
        (["total 1"], [time.replace(":", "") for time in clock_times(15)], []),
        (["total"], [f"{time}:00 (kWh)" for time in clock_times(15)], []),
        (["total"], [f"{time}\uff1a00".replace(":", "\uff1a") for time in clock_times(15)], []),
        (["total"], [f"{time}-{end}" for time, end in zip(clock_times(15), clock_times(15, 15), strict=True)], []),
        ([], [f"x{chr(65 + number % 26)}" for number in range(96)], []),
    ],
)
def test_columns_of_a_day_are_told_from_others(before, points, after):
    headings = ["表号", *before, *points, *after]
    first = 1 + len(before)

    assert interval_columns(headings, range(1, len(headings))) == (list(range(first, first + 96)), 96)


@pytest.mark.parametrize(
    "headings",
    [
        ["total", *(f"x{chr(65 + number % 26)}" for number in range(96))],
        clock_times(15)[:-1],
        [*clock_times(15), "24:00"],
        list(reversed(clock_times(15))),
        [*clock_times(60)[:5], *clock_times(60)[6:], "05:00"],
        [*(f"P{number}" for number in range(1, 25)), *(f"Q{number}" for number in range(1, 25))],
        [f"P{number}" for number in range(2, 26)],
        ["total"],
        [],
    ],
)
def test_columns_that_are_no_day_are_refused(headings):
    assert interval_columns(headings, range(len(headings))) == ([], 0)


def test_hour_that_a_clock_repeats_has_columns():
    times = [*clock_times(30)[:4], "01:00", "01:30", *clock_times(30)[4:]]
    assert interval_columns(times, range(50)) == (list(range(50)), 48)
    counted = [str(number) for number in range(1, 51)]
    assert interval_columns(counted, range(50)) == (list(range(50)), 48)


@given(
    minutes=st.sampled_from([5, 10, 15, 30, 60]),
    others=st.lists(st.text(alphabet="合计x总", min_size=1, max_size=3), max_size=4),
    place=st.integers(0, 4),
    is_end=st.booleans(),
)
def test_whatever_stands_beside_them_the_times_are_the_columns(minutes, others, place, is_end):
    times = clock_times(minutes, minutes if is_end else 0)
    headings = [*others[:place], *times, *others[place:]]
    first = min(place, len(others))

    assert interval_columns(headings, range(len(headings))) == (list(range(first, first + len(times))), len(times))


def test_total_beside_the_intervals_shifts_nothing():
    head = ",".join(["表号", "日期", "合计", *clock_times(60)])
    body = ",".join(["M1", "2026-03-02", "276", *map(str, range(24))])

    batches = batches_of(f"{head}\n{body}\n", WIDE)

    assert taken(batches) == [("M1", f"2026-03-02 {hour:02}:00", float(hour)) for hour in range(24)]
    assert (refused(batches), batches[0].minutes) == ([], [60])


# Decimal marks


def test_day_that_begins_with_zeros_keeps_its_decimal_commas():
    head = "meter;day;" + ";".join(clock_times(60))
    body = "M1;2026-03-02;" + ";".join(["0"] * 6 + ["12,5"] * 18)

    batches = batches_of(f"{head}\n{body}\n", WIDE)

    assert [value for _name, _at, value in taken(batches)] == [0.0] * 6 + [12.5] * 18
    assert refused(batches) == []


def test_decimal_mark_is_that_of_the_whole_file(monkeypatch):
    monkeypatch.setattr("energy.formats.text.pieces.__defaults__", (40,))
    rows = [f"M1;2026-03-02 {hour:02}:00;{value}" for hour, value in enumerate(["1", "2", "3", "4", "5", "6,25"])]

    batches = batches_of("\n".join(["meter;time;value", *rows, ""]))

    assert len(batches) > 2
    assert [value for _name, _at, value in taken(batches)] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.25]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (("1.234", "987,5"), 3),
        (("987,5", "1.5"), 3),
        (("1", "987,5", "2", "1,234.5", "3,5", "1.5"), 5),
        (("1.234,5", "n.a.", ".", "", "7,5", "1,234.5"), 7),
    ],
)
@pytest.mark.parametrize("size", [40, 1000])
def test_two_decimal_marks_are_refused_by_name_and_line(monkeypatch, values, line, size):
    monkeypatch.setattr("energy.formats.text.pieces.__defaults__", (size,))
    rows = [f"M1;2026-03-02 {hour:02}:00;{value}" for hour, value in enumerate(values)]

    with pytest.raises(UnreadableFile) as told:
        batches_of("\n".join(["meter;time;value", *rows, ""]))
    assert (told.value.code, told.value.line) == ("two_decimal_marks", line)


def test_two_decimal_marks_of_a_wide_table_are_told_by_line():
    head = "meter;day;" + ";".join(clock_times(60))
    rows = [f"M1;2026-03-0{day};" + ";".join(["2,5"] * 24) for day in range(1, 6)]
    rows[3] = rows[3].replace("2,5;2,5", "2,5;3.5", 1)

    with pytest.raises(UnreadableFile) as told:
        batches_of("\n".join([head, *rows, ""]), WIDE)
    assert (told.value.code, told.value.line) == ("two_decimal_marks", 5)


def test_number_with_both_marks_counts_by_the_last():
    rows = [f"M1;2026-03-02 {hour:02}:00;{value}" for hour, value in enumerate(["1", "1.234,5", "2,5", "1.234.567,25"])]

    batches = batches_of("\n".join(["meter;time;value", *rows, ""]))

    assert [value for _name, _at, value in taken(batches)] == [1.0, 1234.5, 2.5, 1_234_567.25]


def test_thousands_by_commas_are_refused_alone():
    rows = [f"M1;2026-03-02 {hour:02}:00;{value}" for hour, value in enumerate(["1.5", "1,234.5"])]

    batches = batches_of("\n".join(["meter;time;value", *rows, ""]))

    assert [value for _name, _at, value in taken(batches)] == [1.5]
    assert refused(batches) == [(3, 3, "unreadable_value", "1,234.5")]


def test_marks_in_other_columns_decide_nothing():
    content = "meter;time;value;note\nM1;2026-03-02 00:00;987,5;1.5\nM1;2026-03-02 01:00;n.a.;\n"

    batches = batches_of(content)

    assert (taken(batches), refused(batches)) == (
        [("M1", "2026-03-02 00:00", 987.5)],
        [(3, 3, "unreadable_value", "n.a.")],
    )


def test_feed_that_says_comma_parts_thousands_by_points():
    values = ["1.234,5", "1.234", "12.5", "1.23", "987,5", "1.2345,0"]
    rows = [f"M1;2026-03-02 {hour:02}:00;{value}" for hour, value in enumerate(values)]

    batches = batches_of("\n".join(["meter;time;value", *rows, ""]), mapping={"decimal": ","})

    assert [value for _name, _at, value in taken(batches)] == [1234.5, 1234.0, 987.5]
    assert [each[3] for each in refused(batches)] == ["12.5", "1.23", "1.2345,0"]


@given(values=st.lists(st.decimals(0, 100_000, places=2), min_size=1, max_size=30), is_comma=st.booleans())
def test_numbers_are_read_as_they_were_written(values, is_comma):
    texts = [str(value).replace(".", ",") if is_comma else str(value) for value in values]
    rows = [f"M1;2026-03-{1 + n // 24:02} {n % 24:02}:00;{text}" for n, text in enumerate(texts)]

    batches = batches_of("\n".join(["meter;time;value", *rows, ""]))

    assert [value for _name, _at, value in taken(batches)] == [float(value) for value in values]


# Green Button


def typed(fields, *readings):
    """A usage point A1 whose reading type says these fields."""
    at = "User/1/UsagePoint/A1/MeterReading/7"
    return green_button(
        entry(f"<IntervalBlock {ESPI}>{''.join(readings)}</IntervalBlock>", f"{at}/IntervalBlock/1"),
        entry(f"<MeterReading {ESPI}/>", at, "ReadingType/9"),
        entry(f"<ReadingType {ESPI}>{fields}</ReadingType>", "ReadingType/9"),
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("<accumulationBehaviour>1</accumulationBehaviour><uom>72</uom>", "accumulationBehaviour 1"),
        ("<accumulationBehaviour>3</accumulationBehaviour><uom>72</uom>", "accumulationBehaviour 3"),
        ("<accumulationBehaviour>4</accumulationBehaviour>", ""),
        ("<uom></uom>", ""),
        ("<uom>72</uom><powerOfTenMultiplier>k</powerOfTenMultiplier>", ""),
        ("<uom>38</uom>", ""),
    ],
)
def test_green_button_that_is_no_use_of_an_interval_is_refused(fields, told):
    batches = batches_of(typed(fields, reading(START, 500_000), reading(START + 3600, 500_001)), GREEN)

    assert (taken(batches), refused(batches)) == ([], [(1, 0, "unknown_unit", told)])
    assert sum(batch.read for batch in batches) == 2


@pytest.mark.parametrize("behaviour", ["", "<accumulationBehaviour>4</accumulationBehaviour>"])
def test_green_button_of_uses_is_read(behaviour):
    batches = batches_of(typed(f"{behaviour}<uom>72</uom>", reading(START, 450)), GREEN)

    assert (taken(batches), batches[0].units, batches[0].minutes) == (
        [("A1/7", "2026-03-01 16:00", 450.0)], ["Wh"], [60],
    )  # fmt: skip


def test_green_button_without_a_type_is_not_guessed():
    at = "User/1/UsagePoint/A1/MeterReading/7"
    block = f"<IntervalBlock {ESPI}>{reading(START, 450)}</IntervalBlock>"

    batches = batches_of(green_button(entry(block, f"{at}/IntervalBlock/1")), GREEN)

    assert (taken(batches), refused(batches)) == ([], [(1, 0, "unknown_unit", "")])


def test_green_button_readings_of_no_length_or_another_age_are_refused():
    readings = (
        reading(START, 1, 0),
        reading(START, 2, 90),
        reading(99_999_999_999, 3),
        reading(0, 4),
        reading(START, 5),
    )

    batches = batches_of(typed("<uom>72</uom>", *readings), GREEN)

    assert taken(batches) == [("A1/7", "2026-03-01 16:00", 5.0)]
    assert sorted(refused(batches)) == [
        (1, 0, "wrong_interval", ""),
        (2, 0, "wrong_interval", ""),
        (3, 0, "unreadable_time", "99999999999"),
        (4, 0, "unreadable_time", "0"),
    ]


def test_green_button_batches_are_the_same_in_every_run(monkeypatch):
    content = green_button(*usage_point("A1", 0, *(reading(START + 3600 * n, n) for n in range(50))))
    whole = taken(batches_of(content, GREEN))
    monkeypatch.setattr("energy.formats.green_button.ROWS", 7)
    monkeypatch.setattr("energy.formats.green_button.BATCH_READINGS", 14)

    parts = batches_of(content, GREEN)
    monkeypatch.setattr("energy.formats.green_button.CHUNK_BYTES", 100)
    again = batches_of(content, GREEN)

    assert ([batch.read for batch in parts], taken(parts)) == ([14, 14, 14, 8], whole)
    assert ([batch.read for batch in again], taken(again)) == ([14, 14, 14, 8], whole)


def test_green_button_entry_of_any_length_takes_little_memory():
    content = green_button(*usage_point("A1", 0, *(reading(START + 3600 * n, n % 7) for n in range(40_000)))).encode()
    # What is imported when the first batch of all is made is no memory of the file's.
    batches_of(typed("<uom>72</uom>", reading(START, 450)), GREEN)
    tracemalloc.start()

    read = sum(batch.read for batch in read_batches(io.BytesIO(content), GREEN, Reading(ZoneInfo("UTC")), len(content)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (read, len(content) > 5_000_000, peak < 12_000_000) == (40_000, True, True)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<?xml version="1.0" encoding="gb18030"?><feed/>', "unknown_encoding"),
        (b'<?xml version="1.0" encoding="nonsense"?><feed/>', "unknown_encoding"),
        (b'<?xml version="1.0"?><feed>\n<entry></feed>', "broken_xml"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><feed>&a;</feed>', "hostile_xml"),
    ],
)
def test_xml_that_is_not_read_is_refused_by_name(content, code):
    with pytest.raises(UnreadableFile) as told:
        batches_of(content, GREEN)
    assert told.value.code == code


LONG = "A" * 3_000_000


@pytest.mark.parametrize(
    "token", [f'<link rel="self" href="{LONG}"/>', f"<!--{LONG}-->", f"<{LONG}/>", f"<?x {LONG}?>"]
)
def test_xml_of_a_long_token_is_refused_before_it_is_whole(token):
    content = green_button(token, *usage_point("A1", 0, reading(START, 450))).encode()
    file = io.BytesIO(content)

    with pytest.raises(UnreadableFile) as told:
        list(read_batches(file, GREEN, Reading(ZoneInfo("UTC")), len(content)))

    assert (told.value.code, told.value.line, file.tell() < 1_500_000) == ("xml_too_long", 1, True)


def test_xml_of_elements_without_end_in_each_other_is_refused_at_once():
    content = green_button("<a>" * 1_000_000).encode()
    file = io.BytesIO(content)

    with pytest.raises(UnreadableFile) as told:
        list(read_batches(file, GREEN, Reading(ZoneInfo("UTC")), len(content)))

    assert (told.value.code, file.tell() < 1_000_000) == ("xml_too_deep", True)


@pytest.mark.parametrize("text", [LONG, " \n" * 1_500_000, f"<![CDATA[{LONG}]]>", "<!-- a -->" * 300_000])
def test_xml_of_any_length_is_read_where_its_tokens_are_short(text):
    content = green_button(
        text, f'<link rel="other" href="{LONG[:700_000]}"/>', *usage_point("A1", 0, reading(START, 450))
    )

    assert taken(batches_of(content, GREEN)) == [("A1/7", "2026-03-01 16:00", 450.0)]


# Workbooks


def workbook(*rows):
    """A workbook of meter, time and value, whose times are cells with a day and a time."""
    target = io.BytesIO()
    with Workbook(target) as book:
        sheet, form = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, ["meter", "time", "value"])
        for number, (meter, at, *values) in enumerate(rows, 1):
            sheet.write(number, 0, meter)
            sheet.write_datetime(number, 1, at, form)
            sheet.write_row(number, 2, values)
    return target.getvalue()


def test_midnights_of_a_workbook_are_times():
    at = datetime(2026, 3, 1, 23, 30)  # noqa: DTZ001 - as a cell has it

    batches = batches_of(workbook(*(("M1", at + timedelta(minutes=15 * n), n) for n in range(4))))

    assert taken(batches) == [
        ("M1", "2026-03-01 23:30", 0.0),
        ("M1", "2026-03-01 23:45", 1.0),
        ("M1", "2026-03-02 00:00", 2.0),
        ("M1", "2026-03-02 00:15", 3.0),
    ]
    assert refused(batches) == []


def test_bare_day_of_a_text_is_no_time():
    assert refused(batches_of(HEAD + "M1,2026-03-02,7\n")) == [(2, 2, "unreadable_time", "2026-03-02")]


def test_surplus_cells_of_a_workbook_are_refused():
    at = datetime(2026, 3, 2)  # noqa: DTZ001

    batches = batches_of(workbook(("M1", at, 12, 5), ("M1", at, 7)))

    assert taken(batches) == [("M1", "2026-03-02 00:00", 7.0)]
    assert refused(batches) == [(2, 4, "unreadable_row", "M1 2026-03-02 12 5")]


# Archives


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_damaged_archive_is_refused_by_name(method):
    packed = io.BytesIO()
    rows = "".join(f"M1,2026-03-02 {hour:02}:00,{hour * 37 % 11}.{hour}\n" for hour in range(24))
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a.csv", HEAD + rows)
    whole = packed.getvalue()
    damaged = bytearray(whole)
    for place in range(75, 105):
        damaged[place] ^= 0x5A

    with opened(io.BytesIO(whole)) as file:
        body = file.read()
        file.seek(0)
        assert (body, file.read()) == ((HEAD + rows).encode(), body)
    with pytest.raises(UnreadableFile) as told, opened(io.BytesIO(bytes(damaged))) as file:
        file.read()
    assert told.value.code == "broken_archive"


# NEM12


def test_nem12_days_of_several_channels_begin_at_their_own_instants():
    cells = ",".join(map(str, range(24)))
    records = [f"300,{day},{cells},A" for day in ("20260328", "20260329", "20260330")]
    channels = [f"200,M{number},E1,E1,E1,N1,,KWH,60,\n" + "\n".join(records) for number in (1, 2)]
    content = "\n".join(["100,NEM12,2026,A,B", *channels, "900", ""])

    (batch,) = batches_of(content, FeedFormat.NEM12, zone="Europe/London")

    at = batch.at.reshape(2, 3, 24)
    assert np.array_equal(at[0], at[1])
    assert [int(at[0, day, 0]) for day in range(3)] == [1774656000, 1774742400, 1774825200]


@pytest.mark.parametrize("height", [2_000, 40_000])
def test_rows_that_leave_most_cells_out_are_no_table_before_they_are_laid_out(height):
    """One cell for each of 1,000 headings: 40 million cells out of 84 kilobytes."""
    headings = ",".join(f"h{place}" for place in range(1000))
    with pytest.raises(UnreadableFile) as refused:
        list(tables_of(io.BytesIO(f"\n{headings}\n".encode() + b"1\n" * height), 1))
    assert (refused.value.code, refused.value.line) == ("short_rows", 3)


def test_wide_tables_are_laid_out_in_parts_and_keep_their_lines(monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 7)
    text = b"meter,time,value\n" + b"".join(b"m%d,t,%d\n" % (row, row) for row in range(5))
    found = list(tables_of(io.BytesIO(text), len(text)))
    assert [table.lines.tolist() for table in found] == [[2, 3], [4, 5], [6]]
    assert [cell for table in found for cell in table.column(2)] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("row", [b"M1,2026-01-01 00:00,1.5\n", b"M1,2026-01-01 00:00,1.5,\n", b"M1,2026-01-01 00:00\n"])
def test_rows_without_quotation_marks_are_read_by_the_fast_reader(monkeypatch, row):
    """Line by line, reading costs more than all the rest of an import."""
    monkeypatch.setattr(tables, "_slow_frame", lambda *_rows: pytest.fail("read line by line"))
    text = b"meter,time,value\n" + row * 3
    (table,) = tables_of(io.BytesIO(text), len(text))
    assert (table.lines.tolist(), table.column(0).to_list(), table.refused) == ([2, 3, 4], ["M1"] * 3, [])
