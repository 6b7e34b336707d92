"""How long to leave something alone that has failed."""

from __future__ import annotations

from datetime import timedelta


def delay_after(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """`first`, then twice as long after each further attempt, `longest` at most. `attempts` is at least 1.

    >>> minute, hours = timedelta(minutes=1), timedelta(hours=6)
    >>> [str(delay_after(attempts, minute, hours)) for attempts in (1, 2, 5, 12, 5000)]
    ['0:01:00', '0:02:00', '0:16:00', '6:00:00', '6:00:00']
    """
    # Beyond thirty doublings every delay is the longest, and the number would not fit.
    return min(first * (1 << min(attempts - 1, 30)), longest)
