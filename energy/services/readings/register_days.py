"""The kept states of registers, between arrays and the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from energy.calculations.clock import EPOCH
from energy.models import RegisterDay
from energy.services.readings.blocks_io import ARRAY_HEADER_BYTES, ELEMENT, Source, runs
from energy.services.readings.channels import Channels

AROUND = 3
"""So many kept days before and behind those that a file brings: each has a state, and no use depends on one further."""
KEPT = """
SELECT w.place, k.day - DATE '1970-01-01', array_send(array_replace(k.states, NULL, 'NaN'::float8)), k.flags
FROM unnest(%(places)s::int8[], %(ids)s::uuid[], %(firsts)s::date[], %(lasts)s::date[])
    AS w (place, channel_id, first, last)
CROSS JOIN LATERAL (
    (SELECT day, states, flags FROM energy_registerday
     WHERE park_id = %(park)s AND channel_id = w.channel_id AND day < w.first ORDER BY day DESC LIMIT %(around)s)
    UNION ALL
    (SELECT day, states, flags FROM energy_registerday
     WHERE park_id = %(park)s AND channel_id = w.channel_id AND day BETWEEN w.first AND w.last)
    UNION ALL
    (SELECT day, states, flags FROM energy_registerday
     WHERE park_id = %(park)s AND channel_id = w.channel_id AND day > w.last ORDER BY day LIMIT %(around)s)
) AS k
"""
FORGET = """
DELETE FROM energy_registerday AS d USING unnest(%s::uuid[], %s::date[]) AS w (channel_id, day)
WHERE d.park_id = %s AND d.channel_id = w.channel_id AND d.day = w.day
"""
Key = tuple[int, int]
"""The place of a channel, and a day since 1970."""
DayStates = tuple[NDArray[np.float64], NDArray[np.uint8]]
"""The states at the beginning of each interval of a day, NaN where there is none, and their quality."""


def kept_days(
    channels: Channels, places: NDArray[np.int64], days: NDArray[np.int64], park_id: int
) -> dict[Key, DayStates]:
    """What is kept of these days of these channels, and of the kept days next to them."""
    pairs = np.unique(np.column_stack([places, days]), axis=0)
    wanted = runs(pairs[:, 0], pairs[:, 1])
    asked: dict[str, Any] = {
        "places": [place for place, _first, _last in wanted],
        "ids": [channels.rows[place].pk for place, _first, _last in wanted],
        "firsts": [EPOCH + timedelta(days=first) for _place, first, _last in wanted],
        "lasts": [EPOCH + timedelta(days=last) for _place, _first, last in wanted],
        "park": park_id,
        "around": AROUND,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEPT, asked)
        return {(place, day): _day(bytes(states), bytes(quality)) for place, day, states, quality in cursor.fetchall()}


def _day(states: bytes, quality: bytes) -> DayStates:
    elements = np.frombuffer(states, dtype=ELEMENT, offset=ARRAY_HEADER_BYTES)
    return elements["value"].astype(np.float64), np.frombuffer(quality, dtype=np.uint8).copy()


def keep_days(channels: Channels, days: Mapping[Key, DayStates], source: Source) -> None:
    """Write these days. Whoever calls holds their channels."""
    rows = [
        RegisterDay(
            park_id=source.park_id,
            enterprise_id=channels.rows[place].enterprise_id,
            channel_id=channels.rows[place].pk,
            day=EPOCH + timedelta(days=day),
            states=[None if state != state else state for state in states.tolist()],  # noqa: PLR0124 - NaN
            flags=quality.tobytes(),
            import_id=source.pk,
        )
        for (place, day), (states, quality) in days.items()
    ]
    RegisterDay.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["park", "channel", "day"],
        update_fields=["enterprise", "states", "flags", "import_id"],
    )


def forget_days(channels: Channels, keys: Sequence[Key], park_id: int) -> None:
    """Let go of days on which no state is left: whoever looks for those around would take them for some."""
    asked: list[Any] = [
        [channels.rows[place].pk for place, _day in keys],
        [EPOCH + timedelta(days=day) for _place, day in keys],
        park_id,
    ]
    with connection.cursor() as cursor:
        cursor.execute(FORGET, asked)
