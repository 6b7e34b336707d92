"""NEM12, the interval files of the Australian market (AEMO Meter Data File Format).

200 names a channel, each 300 gives a day of it, 400 the quality of parts of that day where the 300 says "V". Lengths
are taken strictly: a 300 must carry as many values as its interval length asks for. Times are of the feed's zone (the
market's clock knows no summer time) and the day begins at 00:00. Values of quality N are no values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import DAY, EPOCH, FIRST_DAY, LAST_DAY, instants_of
from energy.choices import Rule
from energy.formats.batches import Batch, BatchMaker, Reading, Refused, UnreadableFile
from energy.formats.text import pieces

BATCH_READINGS = 1_000_000
QUALITY = re.compile(r"[AEFNSV]\d{0,2}\Z")
QUALITY_FLAGS = {
    "A": flags.MEASURED,
    "E": flags.ESTIMATED,
    "F": flags.ESTIMATED,
    "S": flags.ESTIMATED,
    "N": flags.MISSING,
}
LENGTHS = frozenset({5, 15, 30, 60})
BEHIND_VALUES = 5
"""Fields of a 300 record behind its values: quality, reason, description, two times of updates."""


@dataclass(frozen=True, slots=True)
class _Channel:
    name: str
    unit: str
    minutes: int
    other_name: str


@dataclass(slots=True)
class _Day:
    """A 300 record that waits for its 400 records."""

    channel: _Channel
    number: int
    cells: list[str]
    quality: NDArray[np.uint8]
    line: int


class Nem12Reader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.maker = BatchMaker()
        self.day: _Day | None = None
        self.channel: _Channel | None = None
        self.has_begun = self.has_ended = False
        self.line = 0
        self.starts: dict[tuple[int, int], NDArray[np.int64]] = {}

    def read(self, file: IO[bytes], size: int) -> Iterator[Batch]:
        for piece in pieces(file):
            for offset, line in enumerate(piece.content.decode().splitlines()):
                self.line = piece.line + offset
                if line.strip():
                    self._record([part.strip() for part in line.split(",")])
                if self.maker.weight >= BATCH_READINGS:
                    yield self.maker.take(piece.bytes_done / size)
        self._close_day()
        if not self.has_begun:
            raise UnreadableFile("no_header", 1)
        if not self.has_ended:
            self.maker.refuse(Refused(self.line, Rule.TRUNCATED, readings=0))
        yield self.maker.take(1.0)

    def _record(self, parts: list[str]) -> None:
        kind = parts[0]
        if not self.has_begun:
            self._begin(parts)
        elif kind == "200":
            self._close_day()
            self._name_channel(parts)
        elif kind == "300":
            self._close_day()
            self._begin_day(parts)
        elif kind == "400":
            self._vary(parts)
        elif kind in {"100", "900"}:
            self._close_day()
            self.has_ended = kind == "900"
        elif kind != "500":
            self._refuse(Rule.UNREADABLE_ROW, value=kind)

    def _begin(self, parts: list[str]) -> None:
        if parts[0] != "100" or len(parts) < 2:
            raise UnreadableFile("no_header", self.line)
        if parts[1].upper() != "NEM12":
            raise UnreadableFile("nem13" if parts[1].upper() == "NEM13" else "no_header", self.line)
        self.has_begun = True

    def _refuse(self, rule: str, *, readings: int = 1, column: int = 0, value: str = "") -> None:
        name = self.channel.name if self.channel else ""
        self.maker.refuse(Refused(self.line, rule, column, readings, name, value=value))

    def _name_channel(self, parts: list[str]) -> None:
        self.channel = None
        if len(parts) < 9 or not parts[8].isdecimal() or int(parts[8]) not in LENGTHS:
            self._refuse(Rule.UNREADABLE_ROW, readings=0, column=9, value=",".join(parts[8:9]))
            return
        other = f"{parts[6]}/{parts[4]}" if parts[6] else ""
        self.channel = _Channel(f"{parts[1]}/{parts[4]}", parts[7], int(parts[8]), other)

    def _begin_day(self, parts: list[str]) -> None:
        if self.channel is None:
            self._refuse(Rule.UNREADABLE_ROW, value="300")
            return
        count = 24 * 60 // self.channel.minutes
        number = _day_number(parts[1] if len(parts) > 1 else "")
        if number is None:
            self._refuse(Rule.UNREADABLE_TIME, readings=count, column=2, value="".join(parts[1:2]))
            return
        quality = parts[2 + count] if len(parts) > 2 + count else ""
        if not QUALITY.match(quality) or len(parts) > 2 + count + BEHIND_VALUES:
            # What is not as long as it should be cannot be laid out in time.
            self._refuse(Rule.WRONG_INTERVAL, readings=count, column=3 + count, value=quality)
            return
        flag = QUALITY_FLAGS.get(quality[0], flags.MEASURED)
        self.day = _Day(self.channel, number, parts[2 : 2 + count], np.full(count, flag, dtype=np.uint8), self.line)

    def _vary(self, parts: list[str]) -> None:
        if self.day is None:
            # It belongs to a day that was refused already.
            return
        first, last = (int(part) if part.isdecimal() else 0 for part in (*parts[1:3], "", "")[:2])
        quality = parts[3] if len(parts) > 3 else ""
        if not (1 <= first <= last <= len(self.day.cells)) or not QUALITY.match(quality):
            self._refuse(Rule.UNREADABLE_ROW, readings=0, value=",".join(parts[1:4]))
            return
        self.day.quality[first - 1 : last] = QUALITY_FLAGS.get(quality[0], flags.MEASURED)

    def _close_day(self) -> None:
        """Hand over the day with the quality it has now that its 400 records were read."""
        day, self.day = self.day, None
        if day is None:
            return
        count, channel = len(day.cells), day.channel
        values = _numbers(day.cells)
        is_meant = day.quality != flags.MISSING
        is_there = np.isfinite(values) & is_meant
        for cell in np.flatnonzero(is_meant & ~is_there).tolist():
            refused = Refused(day.line, Rule.UNREADABLE_VALUE, cell + 3, name=channel.name, value=day.cells[cell][:80])
            self.maker.refuse(refused)
        at = self._starts(day.number, count)
        columns = np.arange(3, 3 + count, dtype=np.int32)
        place = self.maker.name(channel.name, unit=channel.unit, minutes=channel.minutes, other=channel.other_name)
        self.maker.add(
            place, at[is_there], values[is_there], day.quality[is_there], lines=day.line, columns=columns[is_there]
        )

    def _starts(self, number: int, count: int) -> NDArray[np.int64]:
        """When the intervals of a day begin: asked once, as files have the same days for every channel."""
        known = self.starts.get((number, count))
        if known is None:
            local = number * DAY + np.arange(count, dtype=np.int64) * (DAY // count)
            known = self.starts[number, count] = instants_of(local, self.reading.zone).first
        return known


def _day_number(text: str) -> int | None:
    """The days since 1970 up to a day as `20260131`; None where the text is none, or one of another age."""
    if len(text) != 8:
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return (day - EPOCH).days if FIRST_DAY <= day <= LAST_DAY else None


def _numbers(cells: list[str]) -> NDArray[np.float64]:
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
