"""Which values of a channel cannot be right, or are missing: rules on consecutive days.

Arrays have a row a day and a column an interval, `width` of them; NaN where nothing is known. `known` marks what was
measured: what somebody estimated or edited is not judged. Each rule gives the cells it finds, as a mask of that shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HISTORY_DAYS = 28
"""How many days before one tell what is usual of it."""
LEAST_DAYS = 7
"""So many of those must be known, or nothing is usual yet."""
MAD_TO_SIGMA = 1.4826
SIGMAS = 6.0
LEAST_SPREAD = 0.05
"""A channel whose highest values hardly differ still may differ by this share of them."""

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


def below(values: Values, known: Mask, lowest: float) -> Mask:
    """
    >>> below(np.array([[-0.1, 0.0]]), np.array([[True, True]]), 0.0).tolist()
    [[True, False]]
    """
    return np.asarray(known & (np.nan_to_num(values) < lowest), dtype=bool)


def above(values: Values, known: Mask, highest: float) -> Mask:
    """
    >>> above(np.array([[25.0, 25.1]]), np.array([[True, True]]), 25.0).tolist()
    [[False, True]]
    """
    return np.asarray(known & (np.nan_to_num(values) > highest), dtype=bool)


def spikes(values: Values, known: Mask, percent: float) -> Mask:
    """What stands `percent` over the third-highest value of its day and beyond what is usual, or over the usual peak.

    180 is the spike check of the Californian rules, (highest - third-highest) / third-highest > 1.8; it finds one or
    two values a day. Where enough days are known, they must be beyond the robust limit of the days' peaks as well; and
    what stands so far over the median of those peaks is found however many there are.

    Source: CPUC, Standards for Validating, Editing and Estimating (DASMMD), spike check.

    >>> day = np.array([[4.0, 5.0, 30.0, 5.0, 4.0]])
    >>> spikes(day, np.ones((1, 5), dtype=bool), 180.0).tolist()
    [[False, False, True, False, False]]
    """
    factor = 1 + percent / 100
    seen = np.where(known, values, -np.inf)
    ordered = np.sort(seen, axis=1)
    third = ordered[:, -3] if values.shape[1] >= 3 else np.full(len(values), -np.inf)
    peaks = np.where(np.isfinite(ordered[:, -1]), ordered[:, -1], np.nan)
    usual, limits = usual_peaks(peaks)
    of_day = (third > 0)[:, None] & (seen > factor * third[:, None]) & (seen > limits[:, None])
    of_history = (usual > 0)[:, None] & (seen > factor * usual[:, None])
    return np.asarray(known & (of_day | of_history), dtype=bool)


def usual_peaks(peaks: Values) -> tuple[Values, Values]:
    """For each day the median of the peaks of the days before, and what none of them should exceed.

    The limit is the median and six times the spread, told by the median absolute deviation, which one wrong day does
    not move. Without enough days before: NaN, and minus infinity.

    >>> usual, limits = usual_peaks(np.array([10.0] * 6 + [90.0, 10.0, 10.0]))
    >>> usual[-1:].tolist(), limits[6:].tolist()
    ([10.0], [-inf, 13.0, 13.0])
    """
    windows = _before(peaks[:, None])[:, 0, :]
    has_history = np.isfinite(windows).sum(axis=1) >= LEAST_DAYS
    usual = np.full(len(peaks), np.nan)
    limits = np.full(len(peaks), -np.inf)
    if has_history.any():
        own = windows[has_history]
        middle = np.nanmedian(own, axis=1)
        spread = np.nanmedian(np.abs(own - middle[:, None]), axis=1) * MAD_TO_SIGMA
        usual[has_history] = middle
        limits[has_history] = middle + SIGMAS * np.maximum(spread, LEAST_SPREAD * np.abs(middle))
    return usual, limits


def frozen(values: Values, known: Mask, exists: Mask, least: int) -> Mask:
    """The same value, not zero, in `least` or more measured intervals that follow each other, also over midnight.

    exists: the cells that are intervals of their day, those of a short day being fewer.

    >>> day = np.array([[1.5, 2.0, 2.0, 2.0, 0.0, 0.0]])
    >>> frozen(day, np.ones((1, 6), dtype=bool), np.ones((1, 6), dtype=bool), 3).tolist()
    [[False, True, True, True, False, False]]
    """
    return _runs(values, known & (values != 0), exists, least)


def zeros(values: Values, known: Mask, exists: Mask, least: int) -> Mask:
    """Zero in `least` or more intervals in a row at times of the day at which it never was before.

    Of days that are shorter or longer than others, as those of a clock change, nothing is said.

    >>> busy = np.full((8, 4), 5.0)
    >>> busy[7, 1:3] = 0.0
    >>> zeros(busy, np.ones((8, 4), dtype=bool), np.ones((8, 4), dtype=bool), 2)[7].tolist()
    [False, True, True, False]
    """
    lengths = exists.sum(axis=1)
    is_usual_day = lengths == np.bincount(lengths).argmax()
    windows = _before(np.where(known & is_usual_day[:, None], values, np.nan))
    counts = np.isfinite(windows).sum(axis=2)
    lowest = np.where(np.isfinite(windows), windows, np.inf).min(axis=2)
    never_zero = (counts >= LEAST_DAYS) & (lowest > 0) & is_usual_day[:, None]
    return _runs(values, known & (values == 0) & never_zero, exists, least)


def _before(rows: Values) -> Values:
    """For each row and column the values of the `HISTORY_DAYS` rows before, on a third axis."""
    padded = np.concatenate([np.full((HISTORY_DAYS, rows.shape[1]), np.nan), rows[:-1]])
    return np.lib.stride_tricks.sliding_window_view(padded, HISTORY_DAYS, axis=0)


def _runs(values: Values, candidates: Mask, exists: Mask, least: int) -> Mask:
    """Runs of `least` or more candidates with the same value, in the order of time."""
    found = np.zeros(values.shape, dtype=bool)
    line, may = values[exists], candidates[exists]
    if not len(line):
        return found
    breaks = np.ones(len(line), dtype=bool)
    breaks[1:] = ~(may[1:] & may[:-1] & (line[1:] == line[:-1]))
    of_run = np.cumsum(breaks) - 1
    is_long = np.bincount(of_run) >= least
    found[exists] = may & is_long[of_run]
    return found
