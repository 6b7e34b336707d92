"""Registers of a chunk: the states of dials are kept, and what was used between them goes into the intervals.

The uses follow from all kept states. A chunk therefore makes anew what depends on the states that it brings: the
intervals that end with them, and those behind them, whose use was counted from an older state until now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import DAY, Days, day_starts, instants_of
from energy.calculations.registers import uses_of
from energy.choices import Rule
from energy.formats import Batch
from energy.services.readings.channels import Channels
from energy.services.readings.checking import DECIMALS, MOST, Readings, Report
from energy.services.readings.register_days import DayStates, Key, kept_days

LONGEST_OUTAGE = 400 * 86_400
"""What was used over a longer time is not spread over its intervals: the state begins anew."""


@dataclass(slots=True)
class Dials:
    """What became of the states of a chunk.

    uses: the intervals that they change, NaN and `MISSING` for those of which nothing is known any more. changed: the
    places in the batch of the states that change what is kept; rejected: of those that were refused. days: the days
    whose kept states they change, as they are now.
    """

    uses: Readings
    changed: NDArray[np.int64]
    rejected: NDArray[np.int64]
    days: dict[Key, DayStates]


@dataclass(frozen=True, slots=True)
class States:
    """The states of one dial in the order of time, each at another instant."""

    at: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def with_those_of(self, later: States) -> States:
        """Both together; at one instant those of `later` stand."""
        stays = ~np.isin(self.at, later.at)
        at, values, quality = (
            np.concatenate([getattr(self, name)[stays], getattr(later, name)]) for name in ("at", "values", "quality")
        )
        order = np.argsort(at)
        return States(at[order], values[order], quality[order])


@dataclass(frozen=True, slots=True)
class Cells:
    """Intervals with their use in the order of time, and the place of the state that each ends with."""

    starts: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    ends_with: NDArray[np.int64]
    is_back: NDArray[np.bool_]
    is_beyond: NDArray[np.bool_]


def states_in_order(batch: Batch, states: Readings, report: Report) -> Readings:
    """By channel and time. Of several at one instant the last of the file stands; a different one is rejected."""
    states = states.only(np.lexsort((states.source, states.at, states.channel)))
    if len(states.at) < 2:
        return states
    is_before = (np.diff(states.at) == 0) & (np.diff(states.channel) == 0)
    is_other = is_before & (np.diff(states.values) != 0)
    # At a change of owner one state stands for two dials.
    report.add_each(batch, np.unique(states.source[:-1][is_other]), Rule.DUPLICATE)
    return states.only(np.append(~is_before, True))


def read_dials(  # noqa: PLR0917 - one call of a chunk
    batch: Batch,
    channels: Channels,
    states: Readings,
    days: Days,
    kept: Mapping[Key, DayStates],
    zone: ZoneInfo,
    report: Report,
) -> Dials:
    """The uses between states, of which there are some, in order.

    `kept` is what `kept_days` knows of their days and of those around. A use that spans several intervals, as after an
    outage, is spread over them evenly and marked as estimated.
    """
    before = _before(channels, kept, zone)
    parts: list[Readings] = []
    changed: list[NDArray[np.int64]] = []
    rejected: list[NDArray[np.int64]] = []
    bounds = np.flatnonzero(np.diff(states.channel, prepend=-1, append=-1)).tolist()
    for begins, ends in pairwise(bounds):
        own = states.only(slice(begins, ends))
        channel = int(own.channel[0])
        old = before.get(channel, NOTHING)
        parts.append(_changes(batch, channels, own, old, report, rejected))
        changed.append(own.source[~_is_in(States(own.at, own.values, own.quality), old)])
    told, refused = np.concatenate(changed), np.concatenate(rejected)
    return Dials(Readings.together(parts), told, refused, _placed(channels, states, days, kept, told))


def turned_back(
    channels: Channels, was: Mapping[Key, DayStates], now: Mapping[Key, DayStates], zone: ZoneInfo
) -> Readings:
    """The intervals whose uses are others by the states of `now` than by those of `was`, NaN and `MISSING` if none.

    Both hold the same days, and those around them, as `kept_days` knows them.
    """
    before, after = _before(channels, was, zone), _before(channels, now, zone)
    parts: list[Readings] = []
    for channel in sorted(before):
        old, new = (_cells(channels, channel, states[channel]) for states in (before, after))
        given = ~_is_in(_as_states(new), _as_states(old))
        void = np.setdiff1d(old.starts, new.starts)
        starts = np.concatenate([new.starts[given], void])
        parts.append(
            Readings(
                np.arange(len(starts)),
                np.full(len(starts), channel, dtype=np.int64),
                starts,
                np.concatenate([new.values[given], np.full(len(void), np.nan)]),
                np.concatenate([new.quality[given], np.full(len(void), flags.MISSING, dtype=np.uint8)]),
            )
        )
    return Readings.together(parts)


def uses_of_day(channels: Channels, park_id: int, day: int, zone: ZoneInfo) -> DayStates:
    """The uses of a day (since 1970) of the only channel by its kept states, NaN and `MISSING` where none is known."""
    # What was used at the end of a day is known from a state of the next.
    kept = kept_days(channels, np.zeros(2, dtype=np.int64), np.array([day, day + 1]), park_id)
    starts = day_starts(day, day, zone)
    length = int((starts[1] - starts[0]) // channels.seconds[0])
    values, quality = np.full(length, np.nan), np.full(length, flags.MISSING, dtype=np.uint8)
    if before := _before(channels, kept, zone):
        cells = _cells(channels, 0, before[0])
        is_own = (cells.starts >= starts[0]) & (cells.starts < starts[1])
        places = (cells.starts[is_own] - starts[0]) // channels.seconds[0]
        values[places], quality[places] = cells.values[is_own], cells.quality[is_own]
    return values, quality


NOTHING = States(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.uint8))


def _before(channels: Channels, kept: Mapping[Key, DayStates], zone: ZoneInfo) -> dict[int, States]:
    """The kept states by channel."""
    numbers = np.array(sorted({day for _place, day in kept}), dtype=np.int64)
    starts = dict(zip(numbers.tolist(), instants_of(numbers * DAY, zone).first.tolist(), strict=True))
    parts: dict[int, list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]]] = {}
    for place, day in sorted(kept):
        states, quality = kept[place, day]
        there = np.flatnonzero(quality != flags.MISSING)
        at = starts[day] + there * channels.seconds[place]
        parts.setdefault(place, []).append((at, states[there], quality[there]))
    return {
        place: States(*(np.concatenate(column) for column in zip(*each, strict=True))) for place, each in parts.items()
    }


def _is_in(own: States, old: States) -> NDArray[np.bool_]:
    """Which states are kept already, just so."""
    if not len(old.at):
        return np.zeros(len(own.at), dtype=bool)
    place = np.minimum(np.searchsorted(old.at, own.at), len(old.at) - 1)
    same = (old.at[place] == own.at) & (old.values[place] == own.values) & (old.quality[place] == own.quality)
    return np.asarray(same, dtype=bool)


def _changes(
    batch: Batch, channels: Channels, own: Readings, old: States, report: Report, rejected: list[NDArray[np.int64]]
) -> Readings:
    """The intervals of one channel that its states in this chunk change."""
    channel = int(own.channel[0])
    seconds = int(channels.seconds[channel])
    new = old.with_those_of(States(own.at, own.values, own.quality))
    was, now = _cells(channels, channel, old), _cells(channels, channel, new)
    is_brought = np.isin(new.at, own.at)
    for refused, rule in ((now.is_back, Rule.REGISTER_RESET), (now.is_beyond, Rule.OUT_OF_RANGE)):
        sources = own.source[refused[is_brought]]
        report.add_each(batch, sources, rule)
        rejected.append(sources)
    is_same = _is_in(_as_states(now), _as_states(was))
    given = np.flatnonzero(~is_same | is_brought[now.ends_with])
    void = np.setdiff1d(np.concatenate([was.starts, _unknown(new, now, is_brought, seconds)]), now.starts)
    starts = np.concatenate([now.starts[given], void])
    # Each interval is put down to the state that ends it, or to the last one before it.
    source = own.source[np.minimum(np.searchsorted(own.at, starts, side="right"), len(own.at) - 1)]
    return Readings(
        source,
        np.full(len(starts), channel, dtype=np.int64),
        starts,
        np.concatenate([now.values[given], np.full(len(void), np.nan)]),
        np.concatenate([now.quality[given], np.full(len(void), flags.MISSING, dtype=np.uint8)]),
    )


def _as_states(cells: Cells) -> States:
    return States(cells.starts, cells.values, cells.quality)


def _unknown(new: States, now: Cells, is_brought: NDArray[np.bool_], seconds: int) -> NDArray[np.int64]:
    """The intervals up to the states of this chunk of which it is not known what was used in them."""
    spans = np.diff(new.at, prepend=new.at[:1])
    lost = np.flatnonzero(is_brought & (now.is_back | now.is_beyond) & (spans <= LONGEST_OUTAGE))
    return _starts(new.at[lost], spans[lost] // seconds, seconds)


def _cells(channels: Channels, channel: int, states: States) -> Cells:
    """What was used in which interval, as these states of a channel have it."""
    row, seconds = channels.rows[channel], int(channels.seconds[channel])
    multiplier = float(channels.multiplier[channel])
    lowest, highest = float(channels.lowest[channel]), min(float(channels.highest[channel]), MOST)
    limit = float(row.dial_limit) if row.dial_limit else None
    found = uses_of(states.values, states.at, limit, highest / multiplier / seconds)
    spans = (states.at - states.at[found.since]) // seconds if len(states.at) else states.at
    is_use = np.isfinite(found.amounts) & (spans > 0) & (spans * seconds <= LONGEST_OUTAGE)
    amounts = np.round(np.where(is_use, found.amounts, 0.0) * multiplier, DECIMALS)
    even = np.round(amounts / np.maximum(spans, 1), DECIMALS)
    is_beyond = is_use & ((even < lowest) | (even > highest))
    ends = np.flatnonzero(is_use & ~is_beyond)
    counts = spans[ends]
    of = np.repeat(np.arange(len(ends)), counts)
    values = even[ends][of]
    # The last of several takes what rounding leaves.
    values[np.cumsum(counts) - 1] = np.round(amounts[ends] - even[ends] * (counts - 1), DECIMALS)
    quality = np.where(counts > 1, flags.ESTIMATED, states.quality[ends]).astype(np.uint8)[of]
    starts = _starts(states.at[ends], counts, seconds)
    return Cells(starts, values, quality, ends[of], found.is_back, is_beyond)


def _starts(ends: NDArray[np.int64], counts: NDArray[np.int64], seconds: int) -> NDArray[np.int64]:
    """When the intervals begin, so many up to each of these ends."""
    of = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts)[of] - np.arange(len(of))
    return np.asarray(ends[of] - before * seconds, dtype=np.int64)


def _placed(
    channels: Channels, states: Readings, days: Days, kept: Mapping[Key, DayStates], changed: NDArray[np.int64]
) -> dict[Key, DayStates]:
    """The days whose states are changed, with what is kept of them."""
    numbers = days.number_of(states.at)
    places = (states.at - days.starts[numbers]) // channels.seconds[states.channel]
    lengths = days.lengths()[numbers] // channels.seconds[states.channel]
    is_changed = np.isin(states.source, changed)
    merged: dict[Key, DayStates] = {}
    bounds = np.flatnonzero((np.diff(states.channel, prepend=-1) != 0) | (np.diff(numbers, prepend=-1) != 0))
    for begins, ends in pairwise([*bounds.tolist(), len(states.at)]):
        if not is_changed[begins:ends].any():
            continue
        key = int(states.channel[begins]), int(numbers[begins]) + days.first
        held, marks = kept.get(key) or (np.full(lengths[begins], np.nan), np.zeros(lengths[begins], dtype=np.uint8))
        held[places[begins:ends]] = states.values[begins:ends]
        marks[places[begins:ends]] = states.quality[begins:ends]
        merged[key] = held, marks
    return merged
