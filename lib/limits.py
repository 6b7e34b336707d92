"""So many acts in a time, counted for all processes together in the cache."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache


def spend(key: str, most: int, within: timedelta) -> bool:
    """Count one act; False where there were `most` already since the first of them, `within` ago or later."""
    name = f"limit:{key}"
    if cache.add(name, 1, timeout=int(within.total_seconds())):
        return True
    try:
        return int(cache.incr(name)) <= most
    except ValueError:
        # It ended between the two.
        return spend(key, most, within)
