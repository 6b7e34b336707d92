"""What stands in an interval once some of what was said of it has fallen: the last that was said and still stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from django.db.models import Case, Value, When
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.models import ReadingTrace
from energy.querysets import FALLEN
from energy.services.readings.traces import CONFIRMED, Said

TRACES_AT_ONCE = 8
MOST_DAYS = 1 << 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Beside the cells of a `Said`: `values` and `quality` stand where `is_open`; elsewhere what is held stays.

    `is_settled` marks the cells of which the last was said by something that stands.
    """

    is_open: NDArray[np.bool_]
    is_settled: NDArray[np.bool_]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]


def what_stands(said: Said, park_id: int, *, of_states: bool) -> Standing:
    """What stands in the cells that something was said of, by all traces of them. Whoever calls holds the channels.

    What the last standing one said is what the next one, fallen as all that follow, found there. Where that one found
    the same as it brought, the one behind it tells, and where all did, what is held.
    """
    empty = np.zeros(said.code.shape, dtype=bool)
    standing = Standing(
        empty, empty.copy(), np.full(said.code.shape, np.nan), np.full(said.code.shape, flags.MISSING, dtype=np.uint8)
    )
    first, last = (EPOCH + timedelta(days=int(day)) for day in (said.day.min(), said.day.max()))
    of_park = ReadingTrace.objects.filter(park_id=park_id, of_states=of_states)
    traces = of_park.about(said.ids, first, last)
    # Before the first that has fallen all stand, and what it found is what they left.
    oldest = traces.fallen().order_by("pk").values_list("pk", flat=True).first()
    if oldest is None:
        return standing
    stands_now = Case(When(FALLEN, then=Value(False)), default=Value(True))
    rows = traces.filter(pk__gte=oldest).order_by("pk").annotate(stands=stands_now)
    for ids, cells, stands in rows.values_list("channels", "cells", "stands").iterator(chunk_size=TRACES_AT_ONCE):
        _hear(standing, said, Said.unpacked(ids, bytes(cells)), stands=stands)
    return replace(standing, is_open=standing.is_open & said.is_given, is_settled=standing.is_settled & said.is_given)


def _hear(standing: Standing, said: Said, other: Said, *, stands: bool) -> None:
    """Take in what another trace, the next in order, says of the same cells."""
    theirs, own = _same_days(said, other)
    width = min(other.code.shape[1], said.code.shape[1])
    code = other.code[theirs, :width]
    is_given = code != 0
    cells = (own, slice(0, width))
    if stands:
        standing.is_open[cells] &= ~is_given
        standing.is_settled[cells] |= is_given
        return
    standing.is_settled[cells] &= ~is_given
    tells = is_given & (code != CONFIRMED) & ~standing.is_open[cells]
    standing.is_open[cells] |= tells
    standing.values[cells] = np.where(tells, other.values[theirs, :width], standing.values[cells])
    standing.quality[cells] = np.where(tells, other.quality[theirs, :width], standing.quality[cells])


def _same_days(said: Said, other: Said) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of `other` of the same day of the same channel, and which of `said` each of them is."""
    place_of = {channel_id: place for place, channel_id in enumerate(said.ids)}
    places = np.array([place_of.get(channel_id, -1) for channel_id in other.ids], dtype=np.int64)[other.channel]
    keys = said.channel * MOST_DAYS + said.day
    wanted = places * MOST_DAYS + other.day
    rows = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    # A channel of which nothing was kept may have got another interval.
    is_same = (places >= 0) & (keys[rows] == wanted) & (said.length[rows] == other.length)
    theirs = np.flatnonzero(is_same)
    return theirs, rows[theirs]
