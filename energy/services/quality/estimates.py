"""What would stand in for the readings that an issue is about: worked out, shown, and only then written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.calculations.estimation import Estimate, estimated
from energy.choices import ChannelKind, QualityRule
from energy.models import WAITING_ISSUES, Channel, ReadingIssue, RegisterDay
from energy.queries.use import interval_starts
from energy.services.quality.grids import Grid, grid_of, read_blocks
from lib.refusals import Refusal
from parks.queries.work_calendar import working_days

REACH_DAYS = 42
"""How far before and behind a day its reference days may lie."""


class NoEstimate(Refusal):
    """Nothing near the day tells what the readings may have been."""

    code = "no_estimate"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would stand in the intervals `places` of the day, beside what stands there. NaN: nothing."""

    places: tuple[int, ...]
    before: NDArray[np.float64]
    before_flags: NDArray[np.uint8]
    after: NDArray[np.float64]
    methods: tuple[str, ...]
    references: int

    @property
    def fingerprint(self) -> str:
        """Tells these values from others."""
        return blake2b(
            np.asarray(self.places, dtype=np.int16).tobytes() + self.after.tobytes(), digest_size=16
        ).hexdigest()


def proposed(issue: ReadingIssue, zone_name: str, *, total: float | None = None) -> Proposal:
    """Lines over short gaps, days like it for longer ones, and the sum that a register of the meter tells.

    total: what somebody knows the intervals to sum up to. Raises `NoEstimate`.
    """
    channel, day = issue.channel, (issue.day - EPOCH).days
    grid = _around(channel, day, zone_name)
    row, length = grid.row(day), grid.length(day)
    wanted = np.zeros(length, dtype=bool)
    wanted[[place for place in issue.places if place < length]] = True
    known = np.where(grid.quality == flags.MISSING, np.nan, grid.values)
    if total is None and not channel.is_state:
        total = register_total(channel, issue.day, wanted, known[row, :length])
    found: Estimate = estimated(
        before=known[row - 1][grid.exists[row - 1]],
        day=known[row, :length],
        after=known[row + 1][grid.exists[row + 1]],
        wanted=wanted,
        like=_like(issue, grid, day, zone_name),
        minutes=channel.interval_minutes,
        total=None if channel.is_state else total,
    )
    if not found.is_whole:
        raise NoEstimate(
            _("No estimate: there are not two complete days like this one near it. Edit the readings by hand.")
        )
    return Proposal(
        places=tuple(np.flatnonzero(wanted).tolist()),
        before=known[row, :length][wanted],
        before_flags=grid.quality[row, :length][wanted],
        after=found.values,
        methods=found.methods,
        references=found.references,
    )


def _around(channel: Channel, day: int, zone_name: str) -> Grid:
    first, last = day - REACH_DAYS, day + REACH_DAYS
    blocks = read_blocks(channel.park_id, [(channel.pk, first, last)])[channel.pk]
    return grid_of(channel, blocks, first, last, ZoneInfo(zone_name))


def _like(issue: ReadingIssue, grid: Grid, day: int, zone_name: str) -> NDArray[np.float64]:
    """The days of the same kind, worked or not, the nearest first, as far as they were measured and nobody doubts them.

    Their intervals are those of the same times of the clock: a day of 23 hours has none of its own kind.
    """
    minutes, length = issue.channel.interval_minutes, grid.length(day)
    whole = 24 * 60 // minutes
    clock = interval_starts(issue.day, length, minutes, zone_name)
    slots = [(moment.hour * 60 + moment.minute) // minutes for moment in clock]
    doubtful = _doubtful(issue)
    alike = [
        each
        for each in _same_kind(issue.day)
        if each not in doubtful and grid.length((each - EPOCH).days) == whole and each != issue.day
    ]
    alike.sort(key=lambda each: (abs((each - issue.day).days), each))
    rows = [grid.row((each - EPOCH).days) for each in alike]
    measured = np.where(grid.quality == flags.MEASURED, grid.values, np.nan)
    return measured[rows][:, slots] if rows else np.zeros((0, length))


def _same_kind(day: date) -> Iterable[date]:
    first, last = day - timedelta(days=REACH_DAYS), day + timedelta(days=REACH_DAYS)
    worked = set(working_days(first, last))
    every = (first + timedelta(days=step) for step in range(2 * REACH_DAYS + 1))
    return [each for each in every if (each in worked) == (day in worked)]


def _doubtful(issue: ReadingIssue) -> set[date]:
    """Days of the channel with something to decide; what is missing is left out by itself."""
    near = (issue.day - timedelta(days=REACH_DAYS), issue.day + timedelta(days=REACH_DAYS))
    rows = ReadingIssue.objects.filter(
        park_id=issue.park_id, channel_id=issue.channel_id, day__range=near, state__in=WAITING_ISSUES
    )
    return set(rows.exclude(rule=QualityRule.MISSING).values_list("day", flat=True))


def register_total(channel: Channel, day: date, wanted: NDArray[np.bool_], values: NDArray[np.float64]) -> float | None:
    """What a register of the same meter counted in the wanted intervals; None where it does not tell.

    It has to be read at the beginning of the first and at the end of the last of them; what was measured between is
    taken off.
    """
    register = (
        Channel.objects.filter(
            park_id=channel.park_id,
            meter_id=channel.meter_id,
            kind=ChannelKind.REGISTER,
            flow=channel.flow,
            unit=channel.unit,
            interval_minutes=channel.interval_minutes,
        )
        .exclude(pk=channel.pk)
        .first()
    )
    if register is None or not wanted.any():
        return None
    first, end = int(np.flatnonzero(wanted)[0]), int(np.flatnonzero(wanted)[-1]) + 1
    between = ~wanted[first:end]
    if np.isnan(values[first:end][between]).any():
        return None
    states = dict(
        RegisterDay.objects.filter(
            park_id=channel.park_id, channel=register, day__in=(day, day + timedelta(days=1))
        ).values_list("day", "states")
    )
    line = [*states.get(day, [None] * len(wanted)), *states.get(day + timedelta(days=1), [None])]
    opening, closing = line[first], line[end]
    if opening is None or closing is None or closing < opening:
        return None
    used = (closing - opening) * float(register.multiplier)
    total = round(used - float(values[first:end][between].sum()), 9)
    return total if total >= 0 else None
