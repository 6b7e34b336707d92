"""What the rules of a channel find in its days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags, validation
from energy.choices import ACROSS_CHANNELS, QualityRule
from energy.models import Channel, RuleSetting
from energy.services.quality.grids import Grid
from energy.services.readings.channels import highest_of, lowest_of

SHORTEST_RUN = 3
"""Two equal values in a row are no value that stands still."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Finding:
    """`fingerprint` is the same as long as the places and the values found there are.

    is_of_park: it tells of meters of several owners, and is the park's to know.
    """

    rule: str
    day: int
    severity: str
    places: tuple[int, ...]
    fingerprint: str
    is_of_park: bool = False


def findings(
    channel: Channel, grid: Grid, rules: Mapping[str, RuleSetting], *, days: Iterable[int], today: int
) -> Iterator[Finding]:
    """What is wrong on these days of the grid. What is missing of a day is known when it is over.

    The days before them in the grid tell what is usual.
    """
    looked_at = sorted(set(days))
    for rule, setting in rules.items():
        if not setting.is_on or rule in ACROSS_CHANNELS:
            continue
        found = _mask(rule, channel, grid, setting.threshold)
        for day in looked_at:
            row = grid.row(day)
            places = np.flatnonzero(found[row])
            if rule == QualityRule.MISSING:
                least = (setting.threshold or 0) / channel.interval_minutes
                if day >= today or len(places) <= least:
                    continue
            if len(places):
                told = tuple(places.tolist())
                yield Finding(rule, day, setting.severity, told, _fingerprint(told, grid.values[row, places]))


def _fingerprint(places: tuple[int, ...], values: NDArray[np.float64]) -> str:
    told = np.asarray(places, dtype=np.int16).tobytes() + np.nan_to_num(values, nan=-1.0).tobytes()
    return blake2b(told, digest_size=16).hexdigest()


def _mask(rule: str, channel: Channel, grid: Grid, threshold: float | None) -> Mask:
    """The cells that one rule finds."""
    values, known, most = grid.values, grid.known, threshold or 0.0
    match rule:
        case QualityRule.MISSING:
            return np.asarray(grid.exists & (grid.quality == flags.MISSING), dtype=bool)
        case QualityRule.SUSPECT:
            return np.asarray(grid.quality == flags.SUSPECT, dtype=bool)
        case QualityRule.NEGATIVE:
            return validation.below(values, known, lowest_of(channel))
        case QualityRule.OVER_CAPACITY:
            return validation.above(values, known, highest_of(channel) * most / 100)
        case QualityRule.SPIKE:
            return validation.spikes(values, known, most)
        case QualityRule.FROZEN:
            return validation.frozen(values, known, grid.exists, _intervals(channel, most))
        case _:
            return validation.zeros(values, known, grid.exists, _intervals(channel, most))


def _intervals(channel: Channel, minutes: float) -> int:
    return max(SHORTEST_RUN, round(minutes / channel.interval_minutes))
