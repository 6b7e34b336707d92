"""So many acts, or so much, in a time, counted for all processes together in the cache."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.core.cache import cache


def spend(key: str, most: int, within: timedelta, amount: int = 1) -> bool:
    """Count an act, or what it takes; False where it would make more than `most` since the first, and is not counted.

    The first was `within` ago or later.
    """
    name = f"limit:{key}"
    cache.add(name, 0, timeout=int(within.total_seconds()))
    try:
        if int(cache.incr(name, amount)) <= most:
            return True
        cache.decr(name, amount)
    except ValueError:
        # It ended between the two.
        return spend(key, most, within, amount)
    return False


def give_back(key: str, amount: int = 1) -> None:
    """Uncount an act, or what it took, that was spent and then came to nothing."""
    with suppress(ValueError):  # The time of the limit ended meanwhile.
        cache.decr(f"limit:{key}", amount)
