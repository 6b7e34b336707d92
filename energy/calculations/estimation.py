"""What stands in for values that are missing or wrong: interpolated, as on days like it, and to a known total.

Source: CPUC, Standards for Validating, Editing and Estimating (DASMMD): gaps of at most two hours point to point,
longer ones by the mean of reference days; a day with an outage is no reference day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 9
LONGEST_LINE_MINUTES = 120
MOST_REFERENCES, LEAST_REFERENCES = 4, 2
BY_LINE, BY_LIKE_DAYS, BY_TOTAL = "line", "like_days", "total"

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The values of the wanted intervals in their order, NaN where there is none; and by which ways they were found.

    references: how many days like it were used, 0 where none was.
    """

    values: Values
    methods: tuple[str, ...]
    references: int

    @property
    def is_whole(self) -> bool:
        return not bool(np.isnan(self.values).any())


def interpolated(line: Values, wanted: Mask, longest: int) -> Values:
    """The straight line over each run of at most `longest` wanted values between the known ones beside it.

    `line` has consecutive values, NaN for unknown ones; what is not filled of the wanted is NaN.

    >>> interpolated(np.array([2.0, np.nan, np.nan, np.nan, 10.0]), np.array([0, 1, 1, 1, 0], dtype=bool), 8).tolist()
    [2.0, 4.0, 6.0, 8.0, 10.0]
    """
    filled = np.where(wanted, np.nan, line)
    for begin, end in runs_of(wanted):
        if begin == 0 or end == len(line) or end - begin > longest:
            continue
        before, after = filled[begin - 1], filled[end]
        steps = np.arange(1, end - begin + 1) / (end - begin + 1)
        filled[begin:end] = np.round(before + (after - before) * steps, DECIMALS)
    return filled


def runs_of(wanted: Mask) -> list[tuple[int, int]]:
    """(begin, end) of each run of marked places, the end not included.

    >>> runs_of(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def mean_of_days(days: Values, wanted: Mask) -> tuple[Values, int]:
    """The mean of the nearest reference days at the wanted intervals, and how many there were; NaN of too few.

    days: a row for each day like it, the nearest first. One that lacks any of the wanted is no reference.

    >>> like = np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, 7.0]])
    >>> mean, used = mean_of_days(like, np.array([True, False]))
    >>> mean.tolist(), used
    ([2.0, nan], 2)
    """
    mean = np.full(len(wanted), np.nan)
    whole = days[np.isfinite(days[:, wanted]).all(axis=1)][:MOST_REFERENCES]
    if len(whole) < LEAST_REFERENCES:
        return mean, 0
    mean[wanted] = np.round(whole[:, wanted].mean(axis=0), DECIMALS)
    return mean, len(whole)


def brought_to_total(values: Values, total: float) -> Values:
    """The values in their proportions, so that their sum is the total; spread evenly where they are all nothing.

    The largest takes what rounding leaves.

    >>> brought_to_total(np.array([1.0, 1.0, 2.0]), 10.0).tolist()
    [2.5, 2.5, 5.0]
    >>> brought_to_total(np.zeros(3), 1.0).tolist()
    [0.333333333, 0.333333333, 0.333333334]
    """
    known = float(values.sum())
    scaled = values * (total / known) if known > 0 else np.full(len(values), total / len(values))
    scaled = np.round(scaled, DECIMALS)
    largest = len(scaled) - 1 - int(np.argmax(scaled[::-1]))
    scaled[largest] = np.round(total - (scaled.sum() - scaled[largest]), DECIMALS)
    return np.asarray(scaled, dtype=np.float64)


def estimated(
    *, before: Values, day: Values, after: Values, wanted: Mask, like: Values, minutes: int, total: float | None = None
) -> Estimate:
    """What stands in for the wanted intervals of a day.

    before, after: the values of the days next to it; `like`: the reference days, the nearest first. total: what the
    wanted ones sum up to, as a register tells it.

    >>> day = np.array([4.0, np.nan, 6.0, np.nan, np.nan, np.nan])
    >>> like = np.array([[4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [4.0, 5.0, 6.0, 9.0, 10.0, 11.0]])
    >>> found = estimated(before=day[:0], day=day, after=day[:0], wanted=np.isnan(day), like=like, minutes=60)
    >>> found.values.tolist(), found.methods, found.references
    ([5.0, 8.0, 9.0, 10.0], ('line', 'like_days'), 2)
    """
    line = np.concatenate([before, day, after])
    marked = np.zeros(len(line), dtype=bool)
    marked[len(before) : len(before) + len(day)] = wanted
    filled = interpolated(line, marked, LONGEST_LINE_MINUTES // minutes)[len(before) : len(before) + len(day)]
    methods = [BY_LINE] if np.isfinite(filled[wanted]).any() else []
    rest = wanted & np.isnan(filled)
    used = 0
    if rest.any():
        mean, used = mean_of_days(like, rest)
        filled[rest] = mean[rest]
        methods += [BY_LIKE_DAYS] if used else []
    values = filled[wanted]
    if total is not None:
        # Where nothing tells how the total was spread over the intervals, it is spread evenly.
        is_known = not np.isnan(values).any()
        methods = [*methods, BY_TOTAL] if is_known else [BY_TOTAL]
        values, used = brought_to_total(values if is_known else np.zeros(len(values)), total), used if is_known else 0
    return Estimate(values, tuple(methods), used)
