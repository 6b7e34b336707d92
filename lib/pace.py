"""How long work that a page watches will still take, and whether anybody is at it."""

from __future__ import annotations

from datetime import datetime, timedelta

USUAL_SILENCE = timedelta(seconds=15)


def silent_seconds(beat_at: datetime | None, now: datetime) -> int:
    """Since when a worker gave no sign, once that is longer than its steps usually take; 0 before its first.

    >>> silent_seconds(datetime(2026, 11, 22, 9, 0, 0), datetime(2026, 11, 22, 9, 0, 40))
    40
    >>> silent_seconds(datetime(2026, 11, 22, 9, 0, 0), datetime(2026, 11, 22, 9, 0, 14))
    0
    """
    if beat_at is None or now - beat_at < USUAL_SILENCE:
        return 0
    return int((now - beat_at).total_seconds())


def seconds_left(started_at: datetime | None, now: datetime, done: int, whole: int) -> int | None:
    """How long the rest takes at the pace so far; None before anything is done, and when nothing is left.

    >>> seconds_left(datetime(2026, 11, 22, 9, 0, 0), datetime(2026, 11, 22, 9, 0, 30), 25, 100)
    90
    """
    if not done or whole <= done or started_at is None:
        return None
    return max(1, round((now - started_at).total_seconds() / done * (whole - done)))
