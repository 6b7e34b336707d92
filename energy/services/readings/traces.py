"""What each chunk of an import, and each act of a person, said of which intervals, and what stood there before.

A trace keeps no value that the store has: of an interval that was empty, or that was told again, one byte before
packing. Only what was replaced is kept as it was.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH, Days
from energy.choices import ChannelKind
from energy.models import Channel, ReadingAct, ReadingImport, ReadingTrace
from energy.services.readings.blocks_io import HeldBlocks
from energy.services.readings.channels import Channels
from energy.services.readings.checking import Readings
from energy.services.readings.register_days import DayStates, Key

if TYPE_CHECKING:
    from energy.services.readings.store import Grid

NOT_GIVEN, ADDED, CONFIRMED, CORRECTED = range(4)
FASTEST = 1
OF_A_PERSON = 255


@dataclass(frozen=True, slots=True)
class Said:
    """Days of channels as rows, in the order of channel and day; cells beyond `length` are void.

    channel: places in `ids`. day: since 1970. code: of each cell whether something was said of it, and if so whether it
    held nothing before (`ADDED`), the same (`CONFIRMED`), or what `values` and `quality` tell (`CORRECTED`); those are
    NaN and `MISSING` everywhere else.
    """

    ids: list[UUID]
    channel: NDArray[np.int64]
    day: NDArray[np.int64]
    length: NDArray[np.int64]
    code: NDArray[np.uint8]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]

    @property
    def is_given(self) -> NDArray[np.bool_]:
        return np.asarray(self.code != NOT_GIVEN, dtype=bool)

    def packed(self) -> bytes:
        is_replaced = self.code == CORRECTED
        parts = [
            np.array(self.code.shape, dtype="<i4"),
            # Differences of what runs on pack to almost nothing.
            np.diff(self.channel, prepend=0).astype("<i4"),
            np.diff(self.day, prepend=0).astype("<i4"),
            self.length.astype("<i2"),
            self.code,
            self.values[is_replaced].astype("<f8"),
            self.quality[is_replaced],
        ]
        return zlib.compress(b"".join(part.tobytes() for part in parts), FASTEST)

    @classmethod
    def unpacked(cls, ids: Sequence[UUID], cells: bytes) -> Said:
        taken = _Bytes(zlib.decompress(cells))
        rows, width = taken.next("<i4", 2).tolist()
        channel, day = (np.cumsum(taken.next("<i4", rows), dtype=np.int64) for _column in range(2))
        length = taken.next("<i2", rows).astype(np.int64)
        code = taken.next("u1", rows * width).reshape(rows, width)
        values, quality = np.full(code.shape, np.nan), np.full(code.shape, flags.MISSING, dtype=np.uint8)
        is_replaced = code == CORRECTED
        count = int(is_replaced.sum())
        values[is_replaced] = taken.next("<f8", count)
        quality[is_replaced] = taken.next("u1", count)
        return cls(list(ids), channel, day, length, code, values, quality)


class _Bytes:
    """Arrays that stand one behind the other."""

    def __init__(self, told: bytes) -> None:
        self.told, self.offset = told, 0

    def next(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.told, dtype=kind, count=count, offset=self.offset)
        self.offset += found.nbytes
        return found


def trace_values(reading_import: ReadingImport, channels: Channels, grid: Grid, held: HeldBlocks) -> None:
    """Keep what a chunk says of intervals, and `held`, which it is about to replace. Whoever calls holds the channels.

    What the intervals of registers hold follows from their states, of which there are traces of their own.
    """
    rows = ~channels.is_register[grid.channel]
    if rows.any():
        said = _said(
            channels.rows,
            grid.channel[rows],
            grid.day[rows],
            grid.length[rows],
            (grid.is_given[rows], grid.values[rows], grid.quality[rows]),
            HeldBlocks(held.values[rows], held.quality[rows]),
        )
        _keep(said, reading_import, reading_import=reading_import)


def trace_states(
    reading_import: ReadingImport, channels: Channels, states: Readings, days: Days, kept: Mapping[Key, DayStates]
) -> None:
    """Keep what a chunk says of the states of dials, of which there are some, in order; kept: those of before."""
    numbers = days.number_of(states.at)
    is_first = (np.diff(states.channel, prepend=-1) != 0) | (np.diff(numbers, prepend=-1) != 0)
    row, channel, number = np.cumsum(is_first) - 1, states.channel[is_first], numbers[is_first]
    seconds = channels.seconds[states.channel]
    cells = row, (states.at - days.starts[numbers]) // seconds
    length = days.lengths()[number] // channels.seconds[channel]
    shape = (len(channel), int(length.max()))
    is_given, values = np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    quality = np.full(shape, flags.MISSING, dtype=np.uint8)
    is_given[cells], values[cells], quality[cells] = True, states.values, states.quality
    before = HeldBlocks(np.full(shape, np.nan), np.full(shape, flags.MISSING, dtype=np.uint8))
    for place, key in enumerate(zip(channel.tolist(), (number + days.first).tolist(), strict=True)):
        if key in kept:
            held, marks = kept[key]
            before.values[place, : len(held)], before.quality[place, : len(marks)] = held, marks
    said = _said(channels.rows, channel, number + days.first, length, (is_given, values, quality), before)
    _keep(said, reading_import, reading_import=reading_import, of_states=True)


def trace_act(act: ReadingAct, channel: Channel, places: Sequence[int], before: HeldBlocks) -> None:
    """Keep that an act of a person says something of some intervals of its day; before: that day, one row of it.

    Whoever calls holds the channel. What a register holds follows from its states, and from the acts themselves.
    """
    if channel.kind == ChannelKind.REGISTER:
        return
    is_given = np.zeros(before.values.shape, dtype=bool)
    is_given[0, list(places)] = True
    # It is another thing that is said than whatever stood there.
    values, quality = np.full(before.values.shape, np.nan), np.full(before.values.shape, OF_A_PERSON, dtype=np.uint8)
    first, length = np.zeros(1, dtype=np.int64), np.array([before.values.shape[1]], dtype=np.int64)
    day = np.array([(act.day - EPOCH).days], dtype=np.int64)
    _keep(_said([channel], first, day, length, (is_given, values, quality), before), act, act=act)


def _said(
    rows: Sequence[Channel],
    channel: NDArray[np.int64],
    day: NDArray[np.int64],
    length: NDArray[np.int64],
    given: tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.uint8]],
    before: HeldBlocks,
) -> Said:
    is_given, values, quality = given
    is_empty = before.quality == flags.MISSING
    is_same = (quality == before.quality) & ((values == before.values) | is_empty)
    code = np.full(is_given.shape, CORRECTED, dtype=np.uint8)
    code[is_empty] = ADDED
    code[is_same] = CONFIRMED
    code[~is_given] = NOT_GIVEN
    is_replaced = code == CORRECTED
    used, place = np.unique(channel, return_inverse=True)
    return Said(
        [rows[each].pk for each in used.tolist()],
        place,
        day,
        length,
        code,
        np.where(is_replaced, before.values, np.nan),
        np.where(is_replaced, before.quality, flags.MISSING).astype(np.uint8),
    )


def _keep(said: Said, owner: ReadingImport | ReadingAct, *, of_states: bool = False, **source: Any) -> None:
    counts = np.bincount(said.code.ravel(), minlength=CORRECTED + 1).tolist()
    ReadingTrace.objects.create(
        park_id=owner.park_id,
        enterprise_id=owner.enterprise_id,
        of_states=of_states,
        channels=said.ids,
        first_day=EPOCH + timedelta(days=int(said.day.min())),
        last_day=EPOCH + timedelta(days=int(said.day.max())),
        added_count=counts[ADDED],
        confirmed_count=counts[CONFIRMED],
        corrected_count=counts[CORRECTED],
        cells=said.packed(),
        **source,
    )
