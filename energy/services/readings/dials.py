"""Registers of a chunk: the states of dials become uses of intervals, from the last state that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.registers import uses_of
from energy.choices import Rule
from energy.formats import Batch
from energy.models import ReadingImport, RegisterState
from energy.services.readings.channels import Channels
from energy.services.readings.checking import DECIMALS, Readings, Report

LONGEST_OUTAGE = 400 * 86_400
"""What was used over a longer time is not spread over its intervals: the state begins anew."""


@dataclass(slots=True)
class Dials:
    """What became of the states of a chunk. `first` are the places in the batch of those that no interval ends with."""

    uses: Readings
    first: NDArray[np.int64]
    latest: dict[int, tuple[int, float]] = field(default_factory=dict)


def read_dials(
    batch: Batch, channels: Channels, states: Readings, known: Mapping[int, tuple[int, float]], report: Report
) -> Dials:
    """The uses between states. `known` is the last (instant, state) of a channel before this chunk.

    A use that spans several intervals, as after an outage, is spread over them evenly and marked as estimated.
    """
    order: NDArray[np.int64] = np.lexsort((states.source, states.at, states.channel))
    states = _without_repeats(batch, states.only(order), report)
    parts: list[Readings] = []
    first: list[int] = []
    latest: dict[int, tuple[int, float]] = {}
    bounds = np.flatnonzero(np.diff(states.channel, prepend=-1, append=-1)).tolist()
    for begins, ends in pairwise(bounds):
        own = states.only(slice(begins, ends))
        channel = int(own.channel[0])
        latest[channel] = (int(own.at[-1]), float(own.values[-1]))
        uses, baseline = _uses(batch, channels, own, known.get(channel), report)
        parts.append(uses)
        first += baseline
    return Dials(_joined(parts, states), np.array(first, dtype=np.int64), latest)


def _without_repeats(batch: Batch, states: Readings, report: Report) -> Readings:
    """Of several states at one instant the last of the file stands; a different one before it is rejected."""
    if len(states.at) < 2:
        return states
    is_before = (np.diff(states.at) == 0) & (np.diff(states.channel) == 0)
    is_other = is_before & (np.diff(states.values) != 0)
    report.add_each(batch, states.source[:-1][is_other], Rule.DUPLICATE)
    return states.only(np.append(~is_before, True))


def _uses(
    batch: Batch, channels: Channels, own: Readings, before: tuple[int, float] | None, report: Report
) -> tuple[Readings, list[int]]:
    channel = int(own.channel[0])
    row, seconds = channels.rows[channel], int(channels.seconds[channel])
    has_before = before is not None and before[0] < own.at[0]
    at = np.concatenate([[before[0]], own.at]) if has_before and before else own.at
    values = np.concatenate([[before[1]], own.values]) if has_before and before else own.values
    found = uses_of(values, float(row.dial_limit) if row.dial_limit else None)
    offset = 1 if has_before else 0
    spans = np.diff(at, prepend=at[0]) // seconds
    is_use = np.isfinite(found.amounts) & (np.diff(at, prepend=at[0]) <= LONGEST_OUTAGE) & (spans > 0)
    reset = own.source[found.is_reset[offset:]]
    report.add_each(batch, reset, Rule.REGISTER_RESET)
    baseline = own.source[~is_use[offset:] & ~found.is_reset[offset:]]
    ended = np.flatnonzero(is_use)
    counts = spans[ended]
    amounts = np.round(found.amounts[ended] * own.factor[ended - offset], DECIMALS)
    return _spread(own, ended - offset, at[ended], counts, amounts, seconds), baseline.tolist()


def _spread(
    own: Readings,
    places: NDArray[np.int64],
    ends: NDArray[np.int64],
    counts: NDArray[np.int64],
    amounts: NDArray[np.float64],
    seconds: int,
) -> Readings:
    """Each amount over the intervals up to its end. The last of them takes what rounding leaves."""
    total = int(counts.sum())
    of = np.repeat(np.arange(len(counts)), counts)
    lasts = np.cumsum(counts) - 1
    step = np.arange(total) - np.repeat(lasts - counts + 1, counts)
    even = np.round(amounts / counts, DECIMALS) if len(counts) else amounts
    values = even[of]
    values[lasts] = np.round(amounts - even * (counts - 1), DECIMALS)
    quality = np.where(counts > 1, flags.ESTIMATED, own.quality[places]).astype(np.uint8)
    starts = ends[of] - (counts[of] - step) * seconds
    return Readings(
        own.source[places][of], own.channel[places][of], starts, values, quality[of], own.factor[places][of]
    )


def _joined(parts: list[Readings], like: Readings) -> Readings:
    if not parts:
        return like.only(np.zeros(len(like.at), dtype=bool))
    names = ("source", "channel", "at", "values", "quality", "factor")
    return Readings(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def known_states(channels: Channels, places: NDArray[np.int64]) -> dict[int, tuple[int, float]]:
    """The last state of the registers at these places."""
    by_id = {channels.rows[place].pk: place for place in np.unique(places).tolist()}
    rows = RegisterState.objects.filter(park_id=_park(channels), channel_id__in=by_id) if by_id else []
    return {by_id[row.channel_id]: (int(row.at.timestamp()), row.state) for row in rows}


def _park(channels: Channels) -> int:
    return channels.rows[0].park_id


def keep_states(
    channels: Channels, dials: Dials, known: Mapping[int, tuple[int, float]], reading_import: ReadingImport
) -> set[int]:
    """Keep the states that are later than the known ones; the places of their channels."""
    import_id: UUID = reading_import.pk
    newer = {place: last for place, last in dials.latest.items() if place not in known or known[place][0] < last[0]}
    rows = [
        RegisterState(
            park_id=channels.rows[place].park_id,
            enterprise_id=channels.rows[place].enterprise_id,
            channel_id=channels.rows[place].pk,
            at=datetime.fromtimestamp(at, UTC),
            state=state,
            import_id=import_id,
        )
        for place, (at, state) in newer.items()
    ]
    RegisterState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["park", "channel"],
        update_fields=["enterprise", "at", "state", "import_id"],
    )
    return set(newer)
