"""Batches of readings that gateways send, kept as a line of JSON each: meter, channel, time, value, unit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import numpy as np
import polars as pl

from energy.choices import Rule
from energy.formats.batches import Batch, Reading, Refused
from energy.formats.columns import Clock
from energy.formats.long_table import batch_of
from energy.formats.tables import Table

HEADINGS = ["meter", "code", "time", "value", "unit"]
LINES_A_BATCH = 50_000
LONGEST_LINE = 10_000


def line_of(cells: Sequence[str] | None) -> str:
    """A reading as it is kept; None for one that cannot be read, so that those behind it keep their places."""
    return json.dumps(cells, ensure_ascii=False) + "\n"


def read_pushed(file: IO[bytes], reading: Reading, size: int) -> Iterator[Batch]:
    clock = Clock(reading.zone)
    plain = Reading(reading.zone, {"stamp": reading.mapping.get("stamp", "start")})
    first, done = 1, 0
    while lines := list(islice(iter(lambda: file.readline(LONGEST_LINE), b""), LINES_A_BATCH)):
        done += sum(map(len, lines))
        yield batch_of(_table(lines, first, done / size), plain, clock, ".")
        first += len(lines)


def _table(lines: list[bytes], first: int, share_done: float) -> Table:
    rows, numbers, refused = [], [], []
    for number, line in enumerate(lines, first):
        cells = _cells(line)
        if cells is None:
            refused.append(Refused(number, Rule.UNREADABLE_ROW))
        else:
            rows.append(cells)
            numbers.append(number)
    columns = list(zip(*rows, strict=True)) or [()] * len(HEADINGS)
    frame = pl.DataFrame(
        {name: pl.Series(cells, dtype=pl.String) for name, cells in zip(HEADINGS, columns, strict=True)}
    )
    return Table(list(HEADINGS), frame, np.array(numbers, dtype=np.int64), "\n", share_done, refused)


def _cells(line: bytes) -> list[str] | None:
    try:
        cells = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_row = isinstance(cells, list) and len(cells) == len(HEADINGS) and all(isinstance(cell, str) for cell in cells)
    return cells if is_row else None
