"""Laying readings out as days of channels, and merging those with the blocks that are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH, Days
from energy.choices import Rule
from energy.formats import Batch
from energy.models import Channel, ReadingImport
from energy.services.readings.blocks_io import HeldBlocks, held_blocks, write_blocks
from energy.services.readings.channels import Channels, hold
from energy.services.readings.checking import Readings, Report
from energy.services.readings.traces import trace_values

MOST_OF_TABLE = 4
"""So many places a reading the table of all blocks that there may be can have before they are sorted instead."""


@dataclass(slots=True)
class Grid:
    """Blocks as rows: of each its channel (place), its day (since 1970) and its length; cells beyond that are void.

    `is_given` tells the cells that something is said of; one that is given as `MISSING` is known no more.
    `cell_of` is the flat cell of each reading that stands in it, `source` the place of that in the batch.
    """

    channel: NDArray[np.int64]
    day: NDArray[np.int64]
    length: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    is_given: NDArray[np.bool_]
    cell_of: NDArray[np.int64]
    source: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Merged:
    """`changed` are the places in the batch of readings that changed what is held; the days that they changed."""

    changed: NDArray[np.int64]
    first_day: date | None
    last_day: date | None


def lay_out(batch: Batch, channels: Channels, readings: Readings, days: Days, report: Report) -> Grid:
    """Each reading in its cell. Of several for one cell the last stands; another value before it is rejected."""
    numbers = days.number_of(readings.at)
    cells = (readings.at - days.starts[numbers]) // channels.seconds[readings.channel]
    blocks, block_of = _distinct(readings.channel * len(days.starts) + numbers, len(channels.rows) * len(days.starts))
    channel, number = np.divmod(blocks, len(days.starts))
    length = days.lengths()[number] // channels.seconds[channel]
    width = int(length.max()) if len(length) else 0
    flat = block_of * width + cells
    values = np.full(len(blocks) * width, np.nan)
    quality = np.zeros(len(blocks) * width, dtype=np.uint8)
    values[flat] = readings.values
    quality[flat] = readings.quality
    is_given = np.zeros(len(values), dtype=bool)
    is_given[flat] = True
    stands = _report_overwritten(batch, readings, flat, values, is_given, report)
    shape = (len(blocks), width)
    return Grid(
        channel=channel,
        day=number + days.first,
        length=length,
        values=values.reshape(shape),
        quality=quality.reshape(shape),
        is_given=is_given.reshape(shape),
        cell_of=flat[stands],
        source=readings.source[stands],
    )


def _distinct(keys: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different keys in order, and which of them each is. A table of all that there may be, where it is small."""
    if most > MOST_OF_TABLE * len(keys):
        return np.unique(keys, return_inverse=True)
    is_present = np.zeros(most, dtype=bool)
    is_present[keys] = True
    return np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[keys]


def _report_overwritten(
    batch: Batch,
    readings: Readings,
    flat: NDArray[np.int64],
    values: NDArray[np.float64],
    is_given: NDArray[np.bool_],
    report: Report,
) -> NDArray[np.bool_]:
    """Which readings stand in their cells; of the others those that said something else are reported."""
    if int(is_given.sum()) == len(flat):
        return np.ones(len(flat), dtype=bool)
    owner = np.full(len(values), -1, dtype=np.int64)
    owner[flat] = np.arange(len(flat))
    stands: NDArray[np.bool_] = owner[flat] == np.arange(len(flat))
    lost = ~stands & (values[flat] != readings.values)
    report.add_each(batch, np.unique(readings.source[lost]), Rule.DUPLICATE)
    return stands


def merge(grid: Grid, channels: Channels, reading_import: ReadingImport, now: datetime) -> Merged:
    """Write the blocks that the readings change, keep what those said before, and say which readings it were.

    Holds the channels until the end of the transaction, so that imports of the same channel come one after another.
    """
    if not len(grid.channel):
        return Merged(np.zeros(0, dtype=np.int64), None, None)
    hold(channels, grid.channel, reading_import.park_id)
    held = held_blocks(grid.channel, grid.day, channels.rows, reading_import.park_id, grid.values.shape[1])
    trace_values(reading_import, channels, grid, held)
    same = (grid.quality == held.quality) & ((grid.values == held.values) | (grid.quality == flags.MISSING))
    is_changed = grid.is_given & ~same
    changed_blocks = is_changed.any(axis=1)
    is_source = np.zeros(int(grid.source.max()) + 1, dtype=bool)
    is_source[grid.source[is_changed.ravel()[grid.cell_of]]] = True
    changed = np.flatnonzero(is_source)
    if changed_blocks.any():
        _write(grid, held, changed_blocks, channels, reading_import, now)
    changed_days = grid.day[changed_blocks]
    first, last = (_day(changed_days.min()), _day(changed_days.max())) if len(changed_days) else (None, None)
    return Merged(changed, first, last)


def _day(number: np.int64) -> date:
    return EPOCH + timedelta(days=int(number))


def _write(
    grid: Grid,
    held: HeldBlocks,
    rows: NDArray[np.bool_],
    channels: Channels,
    reading_import: ReadingImport,
    now: datetime,
) -> None:
    is_given = grid.is_given[rows]
    values = np.where(is_given, grid.values[rows], held.values[rows])
    quality = np.where(is_given, grid.quality[rows], held.quality[rows])
    was_there = held.quality[rows] != flags.MISSING
    differs = (quality != held.quality[rows]) | (values != held.values[rows])
    write_blocks(
        channels=[channels.rows[place] for place in grid.channel[rows].tolist()],
        days=grid.day[rows],
        lengths=grid.length[rows],
        values=values,
        quality=quality,
        is_correction=(was_there & differs).any(axis=1),
        source=reading_import,
        now=now,
    )
    roll_up(channels.rows, grid.channel[rows], grid.day[rows], reading_import.park_id)


ROLL_UP = """
INSERT INTO energy_monthtotal AS held
    (park_id, enterprise_id, channel_id, month, total, peak, present_count, measured_count)
SELECT b.park_id, max(b.enterprise_id::text)::uuid, b.channel_id, w.month,
    CASE WHEN w.is_state THEN sum(b.total * b.present_count) / nullif(sum(b.present_count), 0) ELSE sum(b.total) END,
    max(b.peak), sum(b.present_count), sum(b.measured_count)
FROM unnest(%s::uuid[], %s::date[], %s::bool[]) AS w (channel_id, month, is_state)
JOIN energy_intervalblock AS b ON b.park_id = %s AND b.channel_id = w.channel_id
    AND b.day >= w.month AND b.day < (w.month + interval '1 month')::date
GROUP BY b.park_id, b.channel_id, w.month, w.is_state
ON CONFLICT (park_id, channel_id, month) DO UPDATE SET
    total = excluded.total, peak = excluded.peak, present_count = excluded.present_count,
    measured_count = excluded.measured_count, enterprise_id = excluded.enterprise_id
"""


def roll_up(channels: Sequence[Channel], places: NDArray[np.int64], days: NDArray[np.int64], park_id: int) -> None:
    """Make the months anew that hold these days of these channels."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    pairs = np.unique(np.column_stack([places, months]), axis=0)
    ids: list[UUID] = [channels[place].pk for place in pairs[:, 0].tolist()]
    firsts = [date(1970 + month // 12, month % 12 + 1, 1) for month in pairs[:, 1].tolist()]
    is_state = [channels[place].is_state for place in pairs[:, 0].tolist()]
    with connection.cursor() as cursor:
        cursor.execute(ROLL_UP, [ids, firsts, is_state, park_id])
