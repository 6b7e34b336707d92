"""From the states of a dial to what was used between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 6
"""To which the states of dials are exact; what binary fractions add behind them is no use."""
MOST_OF_DIAL = 0.1
"""A dial that seems to have run on over its end by more than this share of it was set back or exchanged: nobody puts
in a meter whose dial goes round in ten readings."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What was used up to each state since another, whose place is `since`. NaN where that cannot be said.

    `is_back` marks the states that went back without a rollover: the dial was set back or exchanged, or, where the
    next one goes on from before, read wrongly.
    """

    amounts: NDArray[np.float64]
    since: NDArray[np.int64]
    is_back: NDArray[np.bool_]


def uses_of(
    states: NDArray[np.float64], at: NDArray[np.int64], dial_limit: float | None, most_a_second: float = np.inf
) -> Uses:
    """Differences of the states of one dial in the order of time; the first has none.

    A dial of 1,000 that goes from 998.5 to 1.25 has rolled over: 2.75, if as much can be used in that time.

    >>> hours = np.arange(4) * 3600
    >>> uses_of(np.array([10.1, 10.4, 998.5, 1.25]), hours, 1000.0).amounts.tolist()
    [nan, 0.3, 988.1, 2.75]

    One that goes back otherwise was set back or exchanged: what was used meanwhile is not known. Where the next state
    goes on from before, a wrong one stood between, and is left out.

    >>> uses_of(np.array([500.0, 20.0, 21.0, 25.0]), hours, 1000.0).amounts.tolist()
    [nan, nan, 1.0, 4.0]
    >>> wrong_zero = uses_of(np.array([700.0, 0.0, 701.0, 703.0]), hours, 1000.0)
    >>> wrong_zero.amounts.tolist(), wrong_zero.since.tolist(), wrong_zero.is_back.tolist()
    ([nan, nan, 1.0, 2.0], [-1, 0, 0, 2], [False, True, False, False])

    What is said of a state depends on the two before it and the one behind it alone.
    """
    is_wrong = np.zeros(len(states), dtype=bool)
    is_wrong[1:-1] = (states[1:-1] < states[:-2]) & (states[2:] >= states[:-2])
    since = np.arange(len(states)) - 1
    # Two of them never follow each other: each stands above its predecessor or is none.
    since[1:] -= is_wrong[:-1]
    amounts = np.full(len(states), np.nan)
    amounts[1:] = states[1:] - states[since[1:]]
    is_back = is_wrong | (amounts < 0)
    if dial_limit:
        rolled = amounts + dial_limit
        is_rolled = is_back & ~is_wrong & (rolled >= 0) & (rolled <= MOST_OF_DIAL * dial_limit)
        is_rolled &= rolled / np.maximum(at - at[since], 1) <= most_a_second
        amounts[is_rolled] = rolled[is_rolled]
        is_back &= ~is_rolled
    amounts[is_back] = np.nan
    return Uses(np.round(amounts, DECIMALS), since, is_back)
