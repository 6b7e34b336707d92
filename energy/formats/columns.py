"""Columns of text into columns of instants and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from energy.calculations.clock import EARLIEST, LATEST, instants_of

# How files write times of a place, the commonest first; those with seconds also fit where a fraction follows.
TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
    "%d.%m.%Y %H:%M",
)
ZONED = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M%z")
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%d.%m.%Y")
IN_THOUSANDS = r"^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$"
HAS_ZONE = r"(Z|[+-]\d\d:?\d\d)$"


@dataclass(slots=True)
class Clock:
    """Turns local times into instants, and remembers of the hour that a clock repeats what it has seen already.

    A file gives that hour twice, in the order of time: what comes again for the same channel is the second one.
    """

    zone: ZoneInfo
    seen: set[tuple[str, int]] = field(default_factory=set)

    def instants(
        self, local: NDArray[np.int64], names: NDArray[np.int32], words: list[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The instants, and which of the times there are."""
        found = instants_of(local, self.zone)
        at = found.first.copy()
        for place in np.flatnonzero(found.exists & (found.first != found.second)):
            key = (words[names[place]], int(local[place]))
            if key in self.seen:
                at[place] = found.second[place]
            self.seen.add(key)
        return at, found.exists


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of a place's clock, or of UTC where `is_instant`; `is_read` where the text was a time."""

    seconds: NDArray[np.int64]
    is_instant: NDArray[np.bool_]
    is_read: NDArray[np.bool_]


def coded(texts: pl.Series) -> tuple[pl.Series, NDArray[np.int32]]:
    """The different texts of a column, each once in the order of the file, and which of them each row has."""
    texts = texts.fill_null("")
    distinct = texts.unique(maintain_order=True)
    return distinct, texts.cast(pl.Enum(distinct)).to_physical().to_numpy().astype(np.int32)


def read_times(texts: pl.Series, *, takes_days: bool = False) -> Times:
    """Times as they are written in a column, which may mix ways of writing. "24:00" is the end of its day.

    takes_days: a bare day is its midnight, as workbooks do not tell one from the other. Many channels share a moment:
    each is read once.
    """
    distinct, place = coded(texts)
    if takes_days:
        distinct = distinct.str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00")
    found = _read_times(distinct)
    return Times(found.seconds[place], found.is_instant[place], found.is_read[place])


def _read_times(texts: pl.Series) -> Times:
    texts = texts.str.strip_chars()
    zoned = texts.str.contains(HAS_ZONE).fill_null(value=False)
    local = _midnights(texts)
    seconds = _parse(local, TIMES, zoned=False)
    if zoned.any():
        seconds = seconds.set(zoned, None).zip_with(
            ~zoned, _parse(texts.str.replace("Z$", "+00:00"), ZONED, zoned=True)
        )
    return _times(seconds, zoned.to_numpy())


def read_days(texts: pl.Series) -> Times:
    """Days as they are written in a column, as the seconds at which they begin."""
    texts = texts.str.strip_chars().str.replace(r"[ T]00:00(:00)?$", "")
    return _times(_parse(texts, DAYS, zoned=False), np.zeros(len(texts), dtype=bool))


def _times(seconds: pl.Series, is_instant: NDArray[np.bool_]) -> Times:
    values = seconds.fill_null(-1).to_numpy()
    is_read = (values >= EARLIEST) & (values < LATEST)
    return Times(np.where(is_read, values, EARLIEST), is_instant, is_read)


def _midnights(texts: pl.Series) -> pl.Series:
    """ "2026-01-31 24:00" as the midnight that it means: 00:00, marked, and moved on by a day when it is parsed."""
    return texts.str.replace(r"([ T])24:00(:00)?$", "${1}23:60")


def _parse(texts: pl.Series, ways: tuple[str, ...], *, zoned: bool) -> pl.Series:
    """Seconds since 1970 by the first way of writing that fits; null where none does."""
    late = texts.str.ends_with("23:60").fill_null(value=False) if not zoned else None
    if late is not None and late.any():
        texts = texts.str.replace(r"23:60$", "00:00")
    found = pl.Series([None] * len(texts), dtype=pl.Int64) if not len(texts) else None
    for way in ways:
        if found is not None and not found.null_count():
            break
        parsed = _parsed(texts, way, zoned=zoned)
        if parsed.null_count() == len(parsed) and len(parsed):
            continue
        found = parsed if found is None else found.zip_with(found.is_not_null(), parsed)
    if found is None:
        found = pl.Series([None] * len(texts), dtype=pl.Int64)
    return found + late.cast(pl.Int64) * 86_400 if late is not None else found


def _parsed(texts: pl.Series, way: str, *, zoned: bool) -> pl.Series:
    if "%H" not in way:
        return texts.str.to_date(way, strict=False, exact=True).cast(pl.Int64) * 86_400
    kind = pl.Datetime("us", "UTC") if zoned else pl.Datetime("us")
    return texts.str.to_datetime(way, strict=False, exact=True, time_unit="us").cast(kind).dt.epoch("s")


def read_numbers(texts: pl.Series, decimal: str) -> NDArray[np.float64]:
    """Numbers as they are written; NaN where it is none. `decimal` is what stands before the fraction.

    Where that is a comma, points part the thousands, and what they part otherwise is no number.
    """
    texts = texts.str.strip_chars()
    if decimal == ",":
        is_other = texts.str.contains(".", literal=True) & ~texts.str.contains(IN_THOUSANDS)
        texts = texts.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        texts = texts.set(is_other.fill_null(value=False), None)
    values = texts.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)
