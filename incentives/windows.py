"""The windows in which a programme takes applications, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Window:
    """Both days count."""

    opens_on: date
    closes_on: date

    def holds(self, day: date) -> bool:
        return self.opens_on <= day <= self.closes_on


def window_at(windows: Sequence[Window], day: date) -> Window:
    """The one that is open on a day, otherwise the next, otherwise the last; they are in order.

    >>> spring = Window(date(2026, 3, 1), date(2026, 4, 30))
    >>> autumn = Window(date(2026, 9, 1), date(2026, 10, 31))
    >>> [window_at([spring, autumn], date(2026, month, 15)) is autumn for month in (2, 4, 5, 10, 12)]
    [False, False, True, True, True]
    """
    return next((window for window in windows if day <= window.closes_on), windows[-1])
