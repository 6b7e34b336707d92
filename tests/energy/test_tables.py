"""Tables as their readers give them: what a row or a cell costs, and that nothing is taken for something else."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy.choices import FeedFormat
from energy.formats import Reading, UnreadableFile, read_batches, tables

HEAD = "meter,time,value\n"


def batches_of(content, file_format=FeedFormat.LONG_TABLE, mapping=None, zone="UTC"):
    body = content if isinstance(content, bytes) else content.encode()
    reading = Reading(ZoneInfo(zone), mapping or {})
    return list(read_batches(io.BytesIO(body), file_format, reading, len(body)))


def taken(batches):
    """(name, time in UTC, value) of each reading, in the order of the file."""
    return [
        (batch.names[place], f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}", value)
        for batch in batches
        for place, at, value in zip(batch.name_of.tolist(), batch.at.tolist(), batch.values.tolist(), strict=True)
    ]


def refused(batches):
    return [(each.line, each.column, str(each.rule), each.value) for batch in batches for each in batch.refused]


@pytest.mark.parametrize("mark", ["", '"'])
def test_row_with_more_cells_than_headings_is_refused(mark):
    # With a quotation mark anywhere the table is read by the other of two readers.
    content = (
        HEAD
        + f"{mark}M1{mark},2026-03-02 00:00,12,5\n"
        + "M1,2026-03-02 01:00,1,,234.5\n"
        + "M1,2026-03-02 02:00,3,\n"
        + "M1,2026-03-02 03:00,4, ,\n"
    )

    batches = batches_of(content)

    assert taken(batches) == [("M1", "2026-03-02 02:00", 3.0), ("M1", "2026-03-02 03:00", 4.0)]
    assert refused(batches) == [
        (2, 4, "unreadable_row", f"{mark}M1{mark},2026-03-02 00:00,12,5"),
        (3, 4, "unreadable_row", "M1,2026-03-02 01:00,1,,234.5"),
    ]
    assert sum(batch.read for batch in batches) == 4


def test_surplus_of_one_cell_is_refused_by_the_fast_reader_too():
    batches = batches_of(HEAD + "M1,2026-03-02 00:00,12,5\n\nM1,2026-03-02 01:00,7\n,,\n,,,9\n")

    assert taken(batches) == [("M1", "2026-03-02 01:00", 7.0)]
    assert refused(batches) == [
        (2, 4, "unreadable_row", "M1,2026-03-02 00:00,12,5"),
        (6, 4, "unreadable_row", ",,,9"),
    ]


def test_cell_below_an_empty_heading_is_surplus():
    batches = batches_of("meter,time,value,\nM1,2026-03-02 00:00,12,5\nM1,2026-03-02 01:00,7,\n")

    assert taken(batches) == [("M1", "2026-03-02 01:00", 7.0)]
    assert refused(batches) == [(2, 4, "unreadable_row", "M1,2026-03-02 00:00,12,5")]


def test_wide_row_with_more_cells_than_headings_is_refused():
    head = "meter,day," + ",".join(f"{hour:02}:00" for hour in range(24))
    row = ",".join(["1"] * 22 + ["1,5", "1"])

    batches = batches_of(f"{head}\nM1,2026-03-02,{row}\n", FeedFormat.WIDE_TABLE)

    assert (taken(batches), [each[:3] for each in refused(batches)]) == ([], [(2, 27, "unreadable_row")])


def test_open_quotation_mark_costs_its_line():
    rows = [f"M1,2026-01-{1 + n // 24:02} {n % 24:02}:00,{n}" for n in range(600)]
    rows[10] = 'M1,"2026-01-01 10:00,10'
    rows[300] = 'M1,"2026-01-13" 12:00,300'

    batches = batches_of(HEAD + "\r\n".join(rows) + "\r\n")

    assert refused(batches) == [(12, 0, "unreadable_row", rows[10]), (302, 0, "unreadable_row", rows[300])]
    assert [value for _name, _at, value in taken(batches)] == [float(n) for n in range(600) if n not in {10, 300}]


def test_quotation_marks_that_are_closed_are_read():
    batches = batches_of('"meter","time","value"\n"M,1","2026-03-02 00:00","7.5"\nM"2,2026-03-02 00:00,1\n')

    assert taken(batches) == [("M,1", "2026-03-02 00:00", 7.5), ('M"2', "2026-03-02 00:00", 1.0)]
    assert refused(batches) == []


def test_slow_rows_are_read_in_parts(monkeypatch):
    monkeypatch.setattr(tables, "SLOW_ROWS", 2)

    batches = batches_of(HEAD + "".join(f'"M1",2026-03-02 {hour:02}:00,{hour}\n' for hour in range(5)))

    assert [value for _name, _at, value in taken(batches)] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [line for batch in batches for line in batch.lines.tolist()] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("content", ['meter,"time,value\nM1,1,1\n', "\rmeter\rtime,,\n", "meter,,\nM1\n"])
def test_headings_that_are_none_are_refused(content):
    with pytest.raises(UnreadableFile) as told:
        batches_of(content)

    assert (told.value.code, told.value.line) == ("no_table", 1)


CELLS = st.text(alphabet='19.," M', max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8), is_quoted=st.booleans())
def test_no_cell_is_lost_without_a_word(rows, is_quoted):
    """Whatever is in the cells, each line is a row as it was written, a refusal, or blank."""
    out = io.StringIO()
    written = csv.writer(out, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
    written.writerows(rows)
    content = ("a,b,c\n" + out.getvalue()).encode()

    kept, lost = {}, set()
    for table in tables.tables_of(io.BytesIO(content), len(content)):
        cells = [[cell or "" for cell in row] for row in table.frame.rows()]
        kept |= dict(zip(table.lines.tolist(), cells, strict=True))
        lost |= {each.line for each in table.refused}

    for line, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            assert line not in lost
        elif any(cell.strip() for cell in row[3:]):
            assert line in lost
        else:
            assert kept[line] == [*row, "", ""][:3]


@given(content=st.text(alphabet='1," \r\nM', max_size=60))
def test_every_line_that_says_something_is_read_or_refused(content):
    body = ("a,b,c\n" + content).encode()

    found = []
    for table in tables.tables_of(io.BytesIO(body), len(body)):
        found += table.lines.tolist() + [each.line for each in table.refused]

    said = {line for line, text in enumerate(content.split("\n"), 2) if text.strip(' ,"\r')}
    assert said <= set(found)
    assert len(found) == len(set(found))
