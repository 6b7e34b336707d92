"""Tables with one reading a row: meter, time, value, and perhaps the channel of the meter and the unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.calculations import flags
from energy.choices import Rule
from energy.formats.batches import LONGEST_VALUE, Batch, Reading, Refused, UnreadableFile
from energy.formats.columns import Clock, coded, read_numbers, read_times
from energy.formats.decimals import decimal_of_file
from energy.formats.headings import columns_of, unit_in
from energy.formats.tables import Table, tables_of


def read_long_table(file: IO[bytes], reading: Reading, size: int) -> Iterator[Batch]:
    clock = Clock(reading.zone)
    decimal = decimal_of_file(file, size, reading, partial(_value_column, reading))
    for table in tables_of(file, size):
        yield batch_of(table, reading, clock, decimal)


def _value_column(reading: Reading, headings: Sequence[str]) -> list[int]:
    places = columns_of(headings, reading.mapping)
    return [places["value"]] if "value" in places else []


def batch_of(table: Table, reading: Reading, clock: Clock, decimal: str) -> Batch:
    places = columns_of(table.headings, reading.mapping)
    if missing := {"meter", "time", "value"} - places.keys():
        raise UnreadableFile(f"no_column_{min(missing)}", 1)
    names, name_of = _names(table, places)
    units = _units(table, places, names)
    times = read_times(table.column(places["time"]), takes_days=table.is_sheet)
    at, exists = clock.instants(times.seconds, name_of, names)
    at = np.where(times.is_instant, times.seconds, at)
    exists |= times.is_instant
    values = read_numbers(table.column(places["value"]), decimal)
    rules = [
        (~times.is_read, Rule.UNREADABLE_TIME, places["time"]),
        (~exists, Rule.NO_SUCH_TIME, places["time"]),
        (np.isnan(values), Rule.UNREADABLE_VALUE, places["value"]),
    ]
    is_fine, refused = _refuse(table, rules, names, name_of)
    count = int(is_fine.sum())
    return Batch(
        names, name_of[is_fine], at[is_fine], values[is_fine], np.full(count, flags.MEASURED, dtype=np.uint8),
        table.lines[is_fine], np.full(count, places["value"] + 1, dtype=np.int32),
        stamp=reading.mapping.get("stamp", "start"), units=units, minutes=[0] * len(names),
        other_names=[""] * len(names), refused=[*table.refused, *refused], share_done=table.share_done,
    )  # fmt: skip


def _names(table: Table, places: dict[str, int]) -> tuple[list[str], NDArray[np.int32]]:
    """What the rows call their channels, with the unit of the row behind it where there is one."""
    parts = [table.column(places["meter"]).str.strip_chars().fill_null("")]
    if "code" in places:
        code = table.column(places["code"]).str.strip_chars().fill_null("")
        parts.append(pl.select(pl.when(code == "").then(pl.lit("")).otherwise(pl.lit("/") + code)).to_series())
    whole = parts[0] if len(parts) == 1 else parts[0] + parts[1]
    if "unit" in places:
        whole = whole + "\n" + table.column(places["unit"]).str.strip_chars().fill_null("")
    distinct, place = coded(whole)
    return distinct.to_list(), place


def _units(table: Table, places: dict[str, int], names: list[str]) -> list[str]:
    """The unit of each name, taken off its end; else that in the heading of the values."""
    heading = unit_in(table.headings[places["value"]])
    units = []
    for place, name in enumerate(names):
        plain, _, unit = name.partition("\n")
        names[place] = plain
        units.append(unit or heading)
    return units


def _refuse(
    table: Table,
    rules: list[tuple[NDArray[np.bool_], Rule, int]],
    names: list[str],
    name_of: NDArray[np.int32],
) -> tuple[NDArray[np.bool_], list[Refused]]:
    """Which rows are fine, and for each of the others the first rule that it breaks."""
    is_fine = np.ones(len(table.lines), dtype=bool)
    refused = []
    for broken, rule, place in rules:
        rows = np.flatnonzero(broken & is_fine)
        cells = table.column(place).gather(rows).fill_null("").to_list() if len(rows) else []
        refused += [
            Refused(int(table.lines[row]), rule, place + 1, name=names[name_of[row]], value=cell[:LONGEST_VALUE])
            for row, cell in zip(rows, cells, strict=True)
        ]
        is_fine &= ~broken
    return is_fine, refused
