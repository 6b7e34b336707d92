"""Tables with many readings a row: a meter's day with a column for each interval, or a moment with one for each meter.

Empty cells are no readings. A day's columns are told from others by `energy.formats.intervals`. Those headed by times
are the intervals of these times: of a heading that stands there twice, the second column is the hour that a clock
repeats. Otherwise the first is the first interval of the day, and a day of a clock change has as many as it has
intervals. Tables with a column for each meter have a time and no column of meters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.calculations.clock import DAY, instants_of
from energy.choices import Rule
from energy.formats.batches import LONGEST_VALUE, Batch, BatchMaker, Reading, Refused, UnreadableFile
from energy.formats.columns import Clock, read_days, read_numbers, read_times
from energy.formats.decimals import decimal_of_file
from energy.formats.headings import columns_of, narrow, unit_in
from energy.formats.intervals import headed_times, interval_columns
from energy.formats.tables import Table, tables_of


def read_wide_table(file: IO[bytes], reading: Reading, size: int) -> Iterator[Batch]:
    clock = Clock(reading.zone)
    decimal = decimal_of_file(file, size, reading, partial(_value_columns, reading))
    for table in tables_of(file, size):
        places = columns_of(table.headings, reading.mapping)
        if "meter" in places:
            yield _days(table, places, reading, decimal)
        elif "time" in places or "day" in places:
            yield _moments(table, places, reading, clock, decimal)
        else:
            raise UnreadableFile("no_column_time", 1)


def _value_columns(reading: Reading, headings: Sequence[str]) -> list[int]:
    places = columns_of(headings, reading.mapping)
    return _points(headings, places)[0] if "meter" in places else _meters(headings, places)


def _points(headings: Sequence[str], places: dict[str, int]) -> tuple[list[int], int]:
    """The columns of the intervals of a day, and how many a day has."""
    taken = {places[meaning] for meaning in ("meter", "code", "unit", "day", "time") if meaning in places}
    free = [place for place, heading in enumerate(headings) if place not in taken and heading]
    return interval_columns(headings, free)


def _meters(headings: Sequence[str], places: dict[str, int]) -> list[int]:
    """The columns of meters."""
    time_place = places.get("time", places.get("day", 0))
    return [place for place, heading in enumerate(headings) if place != time_place and heading]


def _days(table: Table, places: dict[str, int], reading: Reading, decimal: str) -> Batch:
    if "day" not in places and "time" not in places:
        raise UnreadableFile("no_column_day", 1)
    day_place = places.get("day", places.get("time", 0))
    columns, points = _points(table.headings, places)
    if not points:
        raise UnreadableFile("no_points", 1)
    days = read_days(table.column(day_place))
    values, is_empty = _cells(table, columns, decimal)
    maker = BatchMaker()
    maker.refused += table.refused
    seconds = DAY // points
    placed = _placed(table.headings, columns, points, days.seconds, reading)
    for row in range(len(table.lines)):
        line = int(table.lines[row])
        name = _name(table, places, row)
        there = np.flatnonzero(~is_empty[row])
        if not days.is_read[row]:
            cell = str(table.column(day_place)[row] or "")[:LONGEST_VALUE]
            maker.refuse(Refused(line, Rule.UNREADABLE_TIME, day_place + 1, max(len(there), 1), name, value=cell))
            continue
        at, exists = placed[int(days.seconds[row])]
        late = there[~exists[there]]
        bad = np.flatnonzero(np.isnan(values[row]) & ~is_empty[row])
        _refuse_cells(maker, table, row, columns, bad, name, Rule.UNREADABLE_VALUE)
        _refuse_cells(maker, table, row, columns, np.setdiff1d(late, bad), name, Rule.NO_SUCH_TIME)
        fine = np.setdiff1d(np.setdiff1d(there, late), bad)
        unit = _unit(table, places, row)
        place = maker.name(name, unit=unit, minutes=seconds // 60)
        numbers = np.array(columns, dtype=np.int32)[fine] + 1
        maker.add(place, at[fine], values[row][fine], None, lines=line, columns=numbers)
    return maker.take(table.share_done)


def _placed(
    headings: Sequence[str], columns: list[int], points: int, days: NDArray[np.int64], reading: Reading
) -> dict[int, tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Of each local day, by its seconds: the instants of the columns, and which of them the day has."""
    headed = headed_times(headings, columns, points)
    seconds = DAY // points
    counted = np.arange(len(columns)) * seconds
    return {
        day: headed.instants(day, begins, ends, reading.zone) if headed else (begins + counted, counted < ends - begins)
        for day, (begins, ends) in _starts(days, reading).items()
    }


def _starts(days: NDArray[np.int64], reading: Reading) -> dict[int, tuple[int, int]]:
    """The instants at which each local day begins and ends, by the seconds of the place at its beginning."""
    distinct = np.unique(days)
    begins = instants_of(distinct, reading.zone).first.tolist()
    ends = instants_of(distinct + DAY, reading.zone).first.tolist()
    return dict(zip(distinct.tolist(), zip(begins, ends, strict=True), strict=True))


def _cells(table: Table, columns: list[int], decimal: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values by row and column, NaN where the cell is no number; and which cells are empty."""
    texts = [table.column(place).fill_null("").str.strip_chars() for place in columns]
    values = np.column_stack([read_numbers(text, decimal) for text in texts])
    return values, np.column_stack([(text == "").to_numpy() for text in texts])


def _name(table: Table, places: dict[str, int], row: int) -> str:
    parts = [str(table.column(places[part])[row] or "").strip() for part in ("meter", "code") if part in places]
    return "/".join(part for part in parts if part)


def _unit(table: Table, places: dict[str, int], row: int) -> str:
    return str(table.column(places["unit"])[row] or "").strip() if "unit" in places else ""


def _refuse_cells(  # noqa: PLR0917 - where a cell stands, and why it is refused
    maker: BatchMaker, table: Table, row: int, columns: list[int], bad: NDArray[np.int64], name: str, rule: Rule
) -> None:
    for place in bad:
        cell = str(table.column(columns[place])[row] or "")[:LONGEST_VALUE]
        maker.refuse(Refused(int(table.lines[row]), rule, columns[place] + 1, name=name, value=cell))


def _moments(table: Table, places: dict[str, int], reading: Reading, clock: Clock, decimal: str) -> Batch:
    """A column for each meter; its heading is the name of the channel, with the unit in brackets."""
    time_place = places.get("time", places.get("day", 0))
    columns = _meters(table.headings, places)
    if not columns:
        raise UnreadableFile("no_points", 1)
    times = read_times(table.column(time_place), takes_days=table.is_sheet)
    once = np.zeros(len(table.lines), dtype=np.int32)
    local, exists = clock.instants(times.seconds, once, [""])
    at = np.where(times.is_instant, times.seconds, local)
    is_time = times.is_read & (exists | times.is_instant)
    values, is_empty = _cells(table, columns, decimal)
    maker = BatchMaker(reading.mapping.get("stamp", "start"))
    maker.refused += table.refused
    for number, place in enumerate(columns):
        heading = table.headings[place]
        name = narrow(heading).split("(", maxsplit=1)[0].strip()
        fine = is_time & np.isfinite(values[:, number])
        named = maker.name(name, unit=unit_in(heading))
        maker.add(named, at[fine], values[:, number][fine], None, lines=table.lines[fine], columns=place + 1)
        for row in np.flatnonzero(is_time & ~fine & ~is_empty[:, number]):
            _refuse_cells(maker, table, int(row), columns, np.array([number]), name, Rule.UNREADABLE_VALUE)
    for row in np.flatnonzero(~is_time):
        lost = max(int((~is_empty[row]).sum()), 1)
        rule = Rule.NO_SUCH_TIME if times.is_read[row] else Rule.UNREADABLE_TIME
        cell = str(pl.Series(table.column(time_place))[int(row)] or "")[:LONGEST_VALUE]
        maker.refuse(Refused(int(table.lines[row]), rule, time_place + 1, lost, value=cell))
    return maker.take(table.share_done)
