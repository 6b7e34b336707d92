"""Blocks between arrays and the database, in the binary form of PostgreSQL: no value passes through Python one by one.

Source: PostgreSQL documentation, COPY (binary format), and array_send and array_recv for one-dimensional arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.models import Channel

ARRAY_HEADER_BYTES = 20
FLOAT8 = 701
# PostgreSQL counts days from 2000-01-01.
DAYS_BEFORE = (date(2000, 1, 1) - EPOCH).days
SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END = b"\xff\xff"
COLUMNS = 12
ELEMENT = [("bytes", ">i4"), ("value", ">f8")]

HELD = """
SELECT b.channel_id::text, b.day - DATE '1970-01-01',
    array_send(array_replace(b."values", NULL, 'NaN'::float8)), b.flags
FROM energy_intervalblock AS b
JOIN unnest(%s::uuid[], %s::date[], %s::date[]) AS w (channel_id, first, last)
    ON b.channel_id = w.channel_id AND b.day BETWEEN w.first AND w.last
WHERE b.park_id = %s
"""
STAGE = """
CREATE TEMPORARY TABLE staged_blocks (
    channel_id uuid, enterprise_id uuid, day date, present_count int2, measured_count int2, total float8, peak float8,
    "values" float8[], flags bytea, import_id uuid, park_id int8, is_correction bool
) ON COMMIT DROP
"""
KEEP_REVISIONS = """
INSERT INTO energy_intervalblockrevision (park_id, enterprise_id, channel_id, day, present_count, measured_count,
    revision, total, peak, "values", import_id, flags, replaced_by_import_id, replaced_at)
SELECT b.park_id, b.enterprise_id, b.channel_id, b.day, b.present_count, b.measured_count, b.revision,
    b.total, b.peak, b."values", b.import_id, b.flags, s.import_id, %s
FROM staged_blocks AS s
JOIN energy_intervalblock AS b ON b.park_id = s.park_id AND b.channel_id = s.channel_id AND b.day = s.day
WHERE s.is_correction
"""
MERGE = """
INSERT INTO energy_intervalblock AS held (park_id, enterprise_id, channel_id, day, present_count, measured_count,
    revision, total, peak, "values", import_id, flags)
SELECT park_id, enterprise_id, channel_id, day, present_count, measured_count, 1 + is_correction::int,
    CASE WHEN present_count > 0 THEN total END, CASE WHEN present_count > 0 THEN peak END,
    CASE WHEN present_count < cardinality("values") THEN array_replace("values", 'NaN', NULL) ELSE "values" END,
    import_id, flags
FROM staged_blocks
ON CONFLICT (park_id, channel_id, day) DO UPDATE SET
    enterprise_id = excluded.enterprise_id, present_count = excluded.present_count,
    measured_count = excluded.measured_count, total = excluded.total, peak = excluded.peak,
    "values" = excluded."values", flags = excluded.flags, import_id = excluded.import_id,
    revision = held.revision + excluded.revision - 1
"""


class Source(Protocol):
    """What blocks are changed by: a file, an act of a person, or the undoing of a file."""

    @property
    def pk(self) -> UUID: ...

    @property
    def park_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class HeldBlocks:
    """What is held for the asked blocks, row by row; NaN and `MISSING` where nothing is."""

    values: NDArray[np.float64]
    quality: NDArray[np.uint8]


def held_blocks(
    places: NDArray[np.int64], days: NDArray[np.int64], channels: Sequence[Channel], park_id: int, width: int
) -> HeldBlocks:
    """The blocks of these channels (by their places, in order) and days, at most `width` intervals long each."""
    held = HeldBlocks(np.full((len(places), width), np.nan), np.zeros((len(places), width), dtype=np.uint8))
    place_of = {str(channels[place].pk): place for place in np.flatnonzero(np.bincount(places)).tolist()}
    wanted = runs(places, days)
    ids = [channels[place].pk for place, _first, _last in wanted]
    firsts, lasts = ([EPOCH + timedelta(days=run[end]) for run in wanted] for end in (1, 2))
    with connection.cursor() as cursor:
        cursor.execute(HELD, [ids, firsts, lasts, park_id])
        found = cursor.fetchall()
    if found:
        row_of = {key: row for row, key in enumerate(zip(places.tolist(), days.tolist(), strict=True))}
        for channel_id, day, values, quality in found:
            _place(held, row_of.get((place_of[channel_id], day)), bytes(values), bytes(quality))
    return held


def _place(held: HeldBlocks, row: int | None, values: bytes, quality: bytes) -> None:
    if row is None:
        return
    elements = np.frombuffer(values, dtype=ELEMENT, offset=ARRAY_HEADER_BYTES)
    held.values[row, : len(elements)] = elements["value"]
    held.quality[row, : len(quality)] = np.frombuffer(quality, dtype=np.uint8)


def runs(places: NDArray[np.int64], days: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(place, first day, last day) of each run of days of a channel, so that few ranges of the key are read."""
    breaks = (np.diff(places) != 0) | (np.diff(days) != 1)
    begins = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    ends = np.concatenate([np.flatnonzero(breaks), [len(places) - 1]])
    return list(zip(places[begins].tolist(), days[begins].tolist(), days[ends].tolist(), strict=True))


def write_blocks(
    *,
    channels: Sequence[Channel],
    days: NDArray[np.int64],
    lengths: NDArray[np.int64],
    values: NDArray[np.float64],
    quality: NDArray[np.uint8],
    is_correction: NDArray[np.bool_],
    source: Source,
    now: datetime,
) -> None:
    """Stage whole blocks by COPY and merge them. One of which something is corrected is kept as a revision first."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY staged_blocks FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(SIGNATURE)
            for length in np.unique(lengths).tolist():
                rows = np.flatnonzero(lengths == length)
                chosen = [channels[row] for row in rows.tolist()]
                cells = values[rows, :length], quality[rows, :length]
                copy.write(_encoded(chosen, days[rows], *cells, is_correction[rows], source))
            copy.write(END)
        cursor.execute(KEEP_REVISIONS, [now])
        cursor.execute(MERGE)
        cursor.execute("DROP TABLE staged_blocks")


def _encoded(
    channels: Sequence[Channel],
    days: NDArray[np.int64],
    values: NDArray[np.float64],
    quality: NDArray[np.uint8],
    is_correction: NDArray[np.bool_],
    source: Source,
) -> bytes:
    """The rows of `staged_blocks` whose arrays are equally long, for COPY: all of them have the same number of bytes.

    Where there is an enterprise for some rows only, those without are written apart.
    """
    owned = np.array([channel.enterprise_id is not None for channel in channels], dtype=bool)
    if owned.any() and not owned.all():
        parts = []
        for mask in (owned, ~owned):
            chosen = [channel for channel, is_chosen in zip(channels, mask, strict=True) if is_chosen]
            parts.append(_encoded(chosen, days[mask], values[mask], quality[mask], is_correction[mask], source))
        return b"".join(parts)
    is_owned = bool(owned.any())
    count, length = values.shape
    rows = np.zeros(count, dtype=_row_type(length, is_owned=is_owned))
    rows["columns"] = COLUMNS
    _put(rows, "channel_id", np.array([channel.pk.bytes for channel in channels], dtype="V16"))
    if is_owned:
        owners = [channel.enterprise_id.bytes for channel in channels if channel.enterprise_id]
        _put(rows, "enterprise_id", np.array(owners, dtype="V16"))
    else:
        rows["enterprise_id_bytes"] = -1
    is_there = quality != flags.MISSING
    present = is_there.sum(axis=1)
    _put(rows, "day", days - DAYS_BEFORE)
    _put(rows, "present_count", present)
    _put(rows, "measured_count", (quality == flags.MEASURED).sum(axis=1))
    sums = np.where(is_there, values, 0.0).sum(axis=1)
    is_state = np.array([channel.is_state for channel in channels], dtype=bool)
    _put(rows, "total", np.where(is_state, sums / np.maximum(present, 1), sums))
    _put(rows, "peak", np.where(is_there, values, -np.inf).max(axis=1))
    rows["values_bytes"] = ARRAY_HEADER_BYTES + 12 * length
    rows["header"] = np.array([1, 0, FLOAT8, length, 1], dtype=">i4")
    rows["values"]["bytes"] = 8
    rows["values"]["value"] = np.where(is_there, values, np.nan)
    _put(rows, "flags", np.ascontiguousarray(quality).view(f"V{length}").reshape(count))
    _put(rows, "import_id", np.array([source.pk.bytes] * count, dtype="V16"))
    _put(rows, "park_id", source.park_id)
    _put(rows, "is_correction", is_correction)
    return rows.tobytes()


def _put(rows: NDArray[np.void], name: str, values: object) -> None:
    rows[f"{name}_bytes"] = rows.dtype[name].itemsize
    rows[name] = values


def _row_type(length: int, *, is_owned: bool) -> np.dtype[np.void]:
    def column(name: str, kind: str) -> list[tuple[str, str]]:
        return [(f"{name}_bytes", ">i4"), (name, kind)]

    fields: list[tuple[object, ...]] = [
        ("columns", ">i2"),
        *column("channel_id", "V16"),
        *(column("enterprise_id", "V16") if is_owned else [("enterprise_id_bytes", ">i4")]),
        *column("day", ">i4"),
        *column("present_count", ">i2"),
        *column("measured_count", ">i2"),
        *column("total", ">f8"),
        *column("peak", ">f8"),
        ("values_bytes", ">i4"),
        ("header", ">i4", (5,)),
        ("values", ELEMENT, (length,)),
        *column("flags", f"V{length}"),
        *column("import_id", "V16"),
        *column("park_id", ">i8"),
        *column("is_correction", "?"),
    ]
    return np.dtype(fields)
