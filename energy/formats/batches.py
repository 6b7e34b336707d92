"""What every reader yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags

LONGEST_VALUE = 80


class UnreadableFile(Exception):
    """The file is not what its feed says: `code` is a key of `energy.views.import_words.FAILURES`, `line` the place."""

    def __init__(self, code: str, line: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files of a feed are to be read: the zone of times without one, and the feed's mapping."""

    zone: ZoneInfo
    mapping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row or a cell that is not taken, as `energy.models.RejectedReading` keeps it. `readings` were lost with it."""

    line: int
    rule: str
    column: int = 0
    readings: int = 1
    name: str = ""
    at: int | None = None
    value: str = ""


@dataclass(slots=True)
class Batch:
    """Readings as columns of equal length, in the order of the file.

    names: what the file calls the channels; `name_of` is the place of a reading's in it.
    at: instants in seconds. What they mean says `stamp`: the "start" or the "end" of an interval; a register's state
    holds at the instant itself. values: finite, as the file gives them. quality: of `energy.calculations.flags`.
    lines, columns: where the reading stood, from 1.
    units, minutes, other_names: of each name, the unit ("" where the file gives none), the length of an interval (0
    where unknown), and what the channel may be called instead.
    """

    names: list[str]
    name_of: NDArray[np.int32]
    at: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    lines: NDArray[np.int64]
    columns: NDArray[np.int32]
    stamp: str = "start"
    units: list[str] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    other_names: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    share_done: float = 0.0

    @classmethod
    def without_readings(cls, refused: list[Refused]) -> Batch:
        empty = np.zeros(0, dtype=np.int64)
        return cls(
            [], empty.astype(np.int32), empty, empty.astype(np.float64), empty.astype(np.uint8), empty,
            empty.astype(np.int32), refused=refused,
        )  # fmt: skip

    @property
    def read(self) -> int:
        """How many readings the file gave here, those that are refused included."""
        return len(self.at) + sum(refused.readings for refused in self.refused)


class BatchMaker:
    """Collects readings by day or by block until a batch is full."""

    def __init__(self, stamp: str = "start") -> None:
        self.stamp = stamp
        self._clear()

    def _clear(self) -> None:
        self.names: dict[tuple[str, str, int, str], int] = {}
        self.parts: list[tuple[NDArray[Any], ...]] = []
        self.refused: list[Refused] = []
        self.readings = 0

    def name(self, name: str, *, unit: str = "", minutes: int = 0, other: str = "") -> int:
        """The place of a channel's name. One that turns up with another unit or interval is told apart by them."""
        return self.names.setdefault((name, unit, minutes, other), len(self.names))

    def add(
        self,
        place: int,
        at: NDArray[np.int64],
        values: NDArray[np.float64],
        quality: NDArray[np.uint8] | None,
        *,
        lines: int | NDArray[np.int64],
        columns: int | NDArray[np.int32],
    ) -> None:
        count = len(at)
        if quality is None:
            quality = np.full(count, flags.MEASURED, dtype=np.uint8)
        self.parts.append(
            (
                np.full(count, place, dtype=np.int32),
                at,
                values,
                quality,
                np.broadcast_to(np.asarray(lines, dtype=np.int64), count),
                np.broadcast_to(np.asarray(columns, dtype=np.int32), count),
            )
        )
        self.readings += count

    def refuse(self, refused: Refused) -> None:
        self.refused.append(refused)

    @property
    def weight(self) -> int:
        return self.readings + len(self.refused)

    def take(self, share_done: float = 0.0) -> Batch:
        """What was collected, as a batch; begins anew."""
        batch = Batch.without_readings(self.refused)
        if self.parts:
            name_of, at, values, quality, lines, columns = (
                np.concatenate(column) for column in zip(*self.parts, strict=True)
            )
            batch = Batch([], name_of, at, values, quality, lines, columns, refused=self.refused)
        for name, unit, minutes, other in self.names:
            batch.names.append(name)
            batch.units.append(unit)
            batch.minutes.append(minutes)
            batch.other_names.append(other)
        batch.stamp, batch.share_done = self.stamp, share_done
        self._clear()
        return batch
