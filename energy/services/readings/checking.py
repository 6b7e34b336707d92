"""From what a file says to values of intervals of channels, and which rule keeps a reading from being one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from energy.calculations.clock import Days
from energy.calculations.units import unit_factor
from energy.choices import Rule
from energy.formats import Batch, Refused
from energy.services.readings.channels import NOWHERE, Channels

DECIMALS = 9
MOST = 1e12
"""What no meter shows and no interval uses: values below it can be added up without end."""
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Report:
    """What a chunk rejects: how many by rule, and the rows of it that are kept one by one, at most `room`."""

    room: int
    rows: list[Refused] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, refused: Refused) -> None:
        self.counts[refused.rule] += refused.readings
        if len(self.rows) < self.room:
            self.rows.append(refused)

    def add_each(self, batch: Batch, readings: NDArray[np.int64], rule: Rule) -> None:
        """The readings at these places of a batch, each a row of its own."""
        kept = readings[: max(0, self.room - len(self.rows))]
        for place in kept.tolist():
            self.rows.append(
                Refused(
                    int(batch.lines[place]), rule, int(batch.columns[place]), 1, batch.names[batch.name_of[place]],
                    int(batch.at[place]), f"{batch.values[place]:g}",
                )
            )  # fmt: skip
        if len(readings):
            self.counts[rule] += len(readings)

    @property
    def rejected(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Readings:
    """Readings of a batch that have a channel. `source` is the place of each in the batch.

    `values` are in the unit of the channel. The multiplier is in those of intervals; of registers they are states of
    the dial, and it comes into what was used between them.
    """

    source: NDArray[np.int64]
    channel: NDArray[np.int64]
    at: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def only(self, mask: Mask | NDArray[np.int64] | slice) -> Readings:
        """Those of a mask, of places, or of a range."""
        return Readings(self.source[mask], self.channel[mask], self.at[mask], self.values[mask], self.quality[mask])

    @classmethod
    def together(cls, parts: Sequence[Readings]) -> Readings:
        names = ("source", "channel", "at", "values", "quality")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def with_channels(batch: Batch, channels: Channels, report: Report) -> Readings:
    """The readings whose name, unit and interval a channel of the park has, in service at the time."""
    channel_of = _named(batch, channels, report)
    source = np.flatnonzero(channel_of[batch.name_of] != NOWHERE)
    readings = Readings(
        source,
        channel_of[batch.name_of[source]],
        batch.at[source],
        batch.values[source],
        batch.quality[source],
    )
    _choose_owner(batch, channels, readings)
    readings, factor = _fitting(batch, channels, readings, channel_of, report)
    if batch.stamp == "end":
        readings.at = readings.at - np.where(channels.is_register, 0, channels.seconds)[readings.channel]
    if (channels.multiplier != 1.0).any() or (factor != 1.0).any():
        scaled = factor * np.where(channels.is_register, 1.0, channels.multiplier)[readings.channel]
        with np.errstate(over="ignore"):
            # What becomes infinite is beyond `MOST`.
            readings.values = np.where(scaled == 1.0, readings.values, np.round(readings.values * scaled, DECIMALS))
    readings = _keep(batch, readings, np.abs(readings.values) < MOST, Rule.OUT_OF_RANGE, report)
    return _shared(batch, channels, _in_service(batch, channels, readings, report))


def _named(batch: Batch, channels: Channels, report: Report) -> NDArray[np.int64]:
    """By name: a channel that it may mean, or `NOWHERE`."""
    channel_of = np.full(max(len(batch.names), 1), NOWHERE, dtype=np.int64)
    wrong: dict[int, tuple[int, Rule]] = {}
    for place, name in enumerate(batch.names):
        if found := channels.candidates(name, batch.other_names[place]):
            channel_of[place] = found[0]
        else:
            wrong[place] = place, Rule.UNKNOWN_METER
    _refuse_groups(batch, wrong, batch.name_of, np.arange(len(batch.name_of)), report)
    return channel_of


def _fitting(
    batch: Batch, channels: Channels, readings: Readings, channel_of: NDArray[np.int64], report: Report
) -> tuple[Readings, NDArray[np.float64]]:
    """Those of channels that the feed fills, in a unit and of an interval that fit, and the factors to their units.

    A pair of a name and a channel has the number of the name; those of other owners follow.
    """
    name_of = batch.name_of[readings.source].astype(np.int64)
    moved = np.flatnonzero(readings.channel != channel_of[name_of])
    others, other_of = np.unique(
        np.column_stack([name_of[moved], readings.channel[moved]]), axis=0, return_inverse=True
    )
    name_of[moved] = len(batch.names) + other_of.ravel()
    pair_of, pairs = name_of, [*enumerate(channel_of[: len(batch.names)].tolist()), *others.tolist()]
    factor_of = np.ones(max(len(pairs), 1))
    wrong: dict[int, tuple[int, Rule]] = {}
    for place, (name, channel) in enumerate(pairs):
        if channel == NOWHERE:
            continue
        fits = _factor(batch, name, channels, channel)
        if isinstance(fits, Rule):
            wrong[place] = name, fits
        else:
            factor_of[place] = fits
    if not wrong:
        return readings, factor_of[pair_of]
    _refuse_groups(batch, wrong, pair_of, readings.source, report)
    fine = ~np.isin(pair_of, list(wrong))
    return readings.only(fine), factor_of[pair_of[fine]]


def _factor(batch: Batch, name: int, channels: Channels, channel: int) -> float | Rule:
    """What turns readings of a name into the unit of a channel, or why that does not take them."""
    row = channels.rows[channel]
    factor = unit_factor(batch.units[name], row.unit)
    if channels.is_to_confirm[channel]:
        return Rule.UNCONFIRMED_METER
    if factor is None:
        return Rule.UNKNOWN_UNIT
    return factor if batch.minutes[name] in {0, row.interval_minutes} else Rule.WRONG_INTERVAL


def _refuse_groups(
    batch: Batch,
    wrong: dict[int, tuple[int, Rule]],
    group_of: NDArray[Any],
    sources: NDArray[np.int64],
    report: Report,
) -> None:
    """A row of the report for each wrong group of readings, not for each of its readings: at the first of them.

    wrong: of a group the place of its name, and the rule.
    """
    if not wrong or not len(group_of):
        return
    counts = np.bincount(group_of, minlength=max(wrong) + 1)
    first = np.zeros(len(counts), dtype=np.int64)
    first[group_of[::-1]] = sources[::-1]
    for group, (name, rule) in wrong.items():
        if counts[group]:
            at, count = int(first[group]), int(counts[group])
            value = batch.units[name] if rule == Rule.UNKNOWN_UNIT else ""
            report.add(Refused(int(batch.lines[at]), rule, 0, count, batch.names[name], int(batch.at[at]), value))


def _choose_owner(batch: Batch, channels: Channels, readings: Readings) -> None:
    """Where a device had several owners after each other, give each reading to the one of its time."""
    # What ends at the midnight of a change was used by the owner of before.
    held_at = readings.at - (1 if batch.stamp == "end" else 0)
    for place, name in enumerate(batch.names):
        found = channels.candidates(name, batch.other_names[place])
        for channel in found[1:]:
            own = (batch.name_of[readings.source] == place) & (held_at >= channels.service_from[channel])
            readings.channel[own & (held_at < channels.service_until[channel])] = channel


def _shared(batch: Batch, channels: Channels, readings: Readings) -> Readings:
    """The state of a dial at the midnight of a change of owner closes one's last day and opens the other's first."""
    parts = [readings]
    since, until = channels.service_from, channels.service_until
    for place, name in enumerate(batch.names):
        found = channels.candidates(name, batch.other_names[place])
        registers = [channel for channel in found if channels.is_register[channel] and since[channel] < until[channel]]
        for known, other in permutations(registers, 2):
            factor = _factor(batch, place, channels, other)
            is_change = (readings.at == since[known]) & (since[known] == until[other])
            is_change |= (readings.at == until[known]) & (until[known] == since[other])
            is_shared = is_change & (readings.channel == known) & (batch.name_of[readings.source] == place)
            if isinstance(factor, Rule) or not is_shared.any():
                continue
            both = readings.only(is_shared)
            both.channel = np.full(len(both.at), other, dtype=np.int64)
            both.values = np.round(batch.values[both.source] * factor, DECIMALS)
            parts.append(both.only(np.abs(both.values) < MOST))
    return Readings.together(parts) if len(parts) > 1 else readings


def _in_service(batch: Batch, channels: Channels, readings: Readings, report: Report) -> Readings:
    fine = (readings.at >= channels.service_from[readings.channel]) & (
        readings.at < channels.service_until[readings.channel]
    )
    # The state of a dial at the end of service closes its last interval.
    fine |= channels.is_register[readings.channel] & (readings.at == channels.service_until[readings.channel])
    return _keep(batch, readings, fine, Rule.OUTSIDE_VALIDITY, report)


def _keep(batch: Batch, readings: Readings, fine: Mask, rule: Rule, report: Report) -> Readings:
    """The readings that are fine; the others are rejected, each once, with all that follows from it."""
    if fine.all():
        return readings
    is_rejected = np.zeros(len(batch.at), dtype=bool)
    is_rejected[readings.source[~fine]] = True
    report.add_each(batch, np.flatnonzero(is_rejected), rule)
    return readings.only(~is_rejected[readings.source])


def on_grid(batch: Batch, channels: Channels, readings: Readings, days: Days, report: Report) -> Readings:
    """Those that are the beginning of an interval of the local day (of a register: the end of one)."""
    begins = days.starts[days.number_of(readings.at)]
    fine = (readings.at - begins) % channels.seconds[readings.channel] == 0
    return _keep(batch, readings, fine, Rule.OFF_GRID, report)


def not_in_future(batch: Batch, readings: Readings, now: int, report: Report) -> Readings:
    return _keep(batch, readings, readings.at <= now, Rule.FUTURE, report)


def within_limits(batch: Batch, channels: Channels, readings: Readings, report: Report) -> Readings:
    """Those that are not beyond what their channel can measure."""
    lowest, highest = channels.lowest[readings.channel], channels.highest[readings.channel]
    is_negative = (readings.values < 0) & (lowest == 0)
    readings = _keep(batch, readings, ~is_negative, Rule.NEGATIVE, report)
    lowest, highest = channels.lowest[readings.channel], channels.highest[readings.channel]
    is_possible = (readings.values >= lowest) & (readings.values <= highest) & (np.abs(readings.values) < MOST)
    return _keep(batch, readings, is_possible, Rule.OUT_OF_RANGE, report)
