"""From the states of a dial to what was used between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 6
"""To which the states of dials are exact; what binary fractions add behind them is no use."""
MOST_OF_DIAL = 0.5
"""A register that went back by more than this share of its dial has rolled over, by less it was set back."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What was used up to each state since the one before it. NaN where that cannot be said."""

    amounts: NDArray[np.float64]
    is_reset: NDArray[np.bool_]


def uses_of(states: NDArray[np.float64], dial_limit: float | None) -> Uses:
    """Differences of the states of one dial in the order of time; the first has none.

    A dial of 1,000 that goes from 998.5 to 1.25 has rolled over: 2.75. One that goes back otherwise was set back or
    exchanged: what was used meanwhile is not known.

    >>> uses_of(np.array([10.1, 10.4, 998.5, 1.25]), 1000.0).amounts.tolist()
    [nan, 0.3, 988.1, 2.75]
    >>> uses_of(np.array([500.0, 20.0, 21.0]), 1000.0).is_reset.tolist()
    [False, True, False]
    """
    amounts = np.full(len(states), np.nan)
    amounts[1:] = np.diff(states)
    back = np.zeros(len(states), dtype=bool)
    back[1:] = amounts[1:] < 0
    if dial_limit:
        rolled = back & (amounts < -MOST_OF_DIAL * dial_limit)
        amounts[rolled] += dial_limit
        back &= ~rolled
    amounts[back] = np.nan
    return Uses(np.round(amounts, DECIMALS), back)
