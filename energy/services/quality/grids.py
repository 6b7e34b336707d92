"""Days of a channel as arrays without a gap between them, and a day of it written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH, day_starts
from energy.models import Channel
from energy.services.readings.blocks_io import ARRAY_HEADER_BYTES, ELEMENT, HELD, Source, write_blocks
from energy.services.readings.store import roll_up

Block = tuple[NDArray[np.float64], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Grid:
    """The days from `first` (since 1970) on, a row each; NaN and `MISSING` where nothing is kept.

    `exists` marks the cells that are intervals of their day, `is_kept` the days of which anything is.
    """

    first: int
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    exists: NDArray[np.bool_]
    is_kept: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """What a meter said: estimates and edits are not judged."""
        return np.isin(self.quality, (flags.MEASURED, flags.SUSPECT))

    def row(self, day: int) -> int:
        return day - self.first

    def length(self, day: int) -> int:
        return int(self.exists[self.row(day)].sum())


def read_blocks(park_id: int, wanted: Sequence[tuple[UUID, int, int]]) -> dict[UUID, dict[int, Block]]:
    """By channel and day what is kept from a first day to a last. One query."""
    ids = [channel_id for channel_id, _first, _last in wanted]
    firsts = [EPOCH + timedelta(days=first) for _id, first, _last in wanted]
    lasts = [EPOCH + timedelta(days=last) for _id, _first, last in wanted]
    found: dict[UUID, dict[int, Block]] = {channel_id: {} for channel_id in ids}
    with connection.cursor() as cursor:
        cursor.execute(HELD, [ids, firsts, lasts, park_id])
        for channel_id, day, values, quality in cursor.fetchall():
            elements = np.frombuffer(bytes(values), dtype=ELEMENT, offset=ARRAY_HEADER_BYTES)
            marks = np.frombuffer(bytes(quality), dtype=np.uint8)
            found[UUID(channel_id)][day] = elements["value"].astype(np.float64), marks
    return found


def grid_of(channel: Channel, blocks: Mapping[int, Block], first: int, last: int, zone: ZoneInfo) -> Grid:
    """The days `first` … `last` of a channel, of which `blocks` are kept."""
    seconds = channel.interval_minutes * 60
    lengths = np.diff(day_starts(first, last, zone)) // seconds
    width = int(lengths.max())
    values = np.full((len(lengths), width), np.nan)
    quality = np.zeros((len(lengths), width), dtype=np.uint8)
    for day, (kept, marks) in blocks.items():
        if first <= day <= last:
            values[day - first, : len(kept)] = kept
            quality[day - first, : len(marks)] = marks
    exists = np.arange(width)[None, :] < lengths[:, None]
    return Grid(first, values, quality, exists, (quality != flags.MISSING).any(axis=1))


def write_day(
    channel: Channel,
    day: int,
    values: NDArray[np.float64],
    quality: NDArray[np.uint8],
    *,
    source: Source,
    now: datetime,
) -> None:
    """Write a whole day of a channel that the caller holds; what its block said before is kept as a revision."""
    days = np.array([day], dtype=np.int64)
    write_blocks(
        channels=[channel],
        days=days,
        lengths=np.array([len(values)], dtype=np.int64),
        values=values[None, :],
        quality=quality[None, :],
        is_correction=np.array([True]),
        source=source,
        now=now,
    )
    roll_up([channel], np.zeros(1, dtype=np.int64), days, source.park_id)
