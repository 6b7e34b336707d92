"""Which channel of the park a name of a file means, and what a chunk must know of it, as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from energy.calculations.clock import EPOCH, day_starts
from energy.choices import OF_DEVICES, ChannelKind, Unit
from energy.formats import Batch
from energy.models import Channel, Feed, Meter

FOREVER = np.iinfo(np.int64).max
NOWHERE = -1
# Those who change a meter hold its enterprise before the meter; what an import rejects refers to that enterprise.
HOLD_ENTERPRISE = "SELECT 1 FROM enterprises_enterprise WHERE park_id = %s AND id = %s FOR KEY SHARE"


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that a batch may mean; each array has an element for each of them.

    service_from, service_until: instants. lowest, highest: of an interval's value; minus infinity and infinity if none.
    is_to_confirm: those whose meter the feed does not fill yet.
    """

    rows: list[Channel]
    by_name: dict[str, list[int]]
    seconds: NDArray[np.int64]
    multiplier: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    service_from: NDArray[np.int64]
    service_until: NDArray[np.int64]
    is_register: NDArray[np.bool_]
    is_to_confirm: NDArray[np.bool_]

    def candidates(self, name: str, other: str) -> list[int]:
        return self.by_name.get(name) or self.by_name.get(other) or []


def channels_for(feed: Feed, batch: Batch, zone: ZoneInfo) -> Channels:
    """The channels that the names of a batch may mean, of the feed's enterprise or, for one of the park, of anybody.

    Their meters are held until the end of the transaction: what is said of them here stays true until it is committed.
    """
    aliases: dict[str, str] = feed.mapping.get("names", {})
    names = [aliases.get(name, name) for name in (*batch.names, *batch.other_names) if name]
    rows = _rows(feed, {part for name in names for part in (name, name.rpartition("/")[0]) if part})
    by_name = _by_name(rows)
    for alias, name in aliases.items():
        if name in by_name:
            by_name[alias] = by_name[name]
    # Its own files an enterprise answers for; with those of the park it would read what is perhaps another's.
    return _channels(rows, by_name, zone, [feed.enterprise_id is None and row.meter.is_to_confirm for row in rows])


def held_channels(ids: Sequence[UUID], park_id: int, zone: ZoneInfo) -> Channels:
    """Channels by their ids, held with their meters until the end of the transaction as an import holds them."""
    meters = Meter.objects.filter(park_id=park_id, channels__in=ids).order_by("pk").values_list("pk", flat=True)
    list(Meter.objects.filter(pk__in=list(meters)).order_by("pk").select_for_update(no_key=True))
    hold_rows(ids, park_id)
    rows = list(Channel.objects.filter(park_id=park_id, pk__in=ids).select_related("meter").order_by("pk"))
    return channels_of(rows, zone)


def channels_of(rows: list[Channel], zone: ZoneInfo) -> Channels:
    """Channels that no file names, with their meters."""
    return _channels(rows, {}, zone, [False] * len(rows))


def _channels(
    rows: list[Channel], by_name: dict[str, list[int]], zone: ZoneInfo, is_to_confirm: Sequence[bool]
) -> Channels:
    return Channels(
        rows=rows,
        by_name=by_name,
        seconds=np.array([row.interval_minutes * 60 for row in rows], dtype=np.int64),
        multiplier=np.array([float(row.multiplier) for row in rows]),
        lowest=np.array([lowest_of(row) for row in rows]),
        highest=np.array([highest_of(row) for row in rows]),
        service_from=_instants([row.service_starts_on for row in rows], zone),
        service_until=_instants([row.service_ends_on or date.max for row in rows], zone),
        is_register=np.array([row.kind == ChannelKind.REGISTER for row in rows], dtype=bool),
        is_to_confirm=np.array(is_to_confirm, dtype=bool),
    )


def _rows(feed: Feed, serials: Iterable[str]) -> list[Channel]:
    own = {"enterprise_id": feed.enterprise_id} if feed.enterprise_id else {}
    if feed.enterprise_id:
        with connection.cursor() as cursor:
            cursor.execute(HOLD_ENTERPRISE, [feed.park_id, feed.enterprise_id])
    meters = Meter.objects.filter(park_id=feed.park_id, serial__in=list(serials), **own).order_by("pk")
    held = list(meters.select_for_update(no_key=True).values_list("pk", flat=True))
    # Read by a statement of its own: what was changed while the meters were waited for is seen.
    channels = Channel.objects.filter(park_id=feed.park_id, meter_id__in=held, kind__in=OF_DEVICES).select_related(
        "meter"
    )
    return list(channels.order_by("pk"))


def hold(channels: Channels, places: NDArray[np.int64], park_id: int) -> None:
    """Hold these channels until the end of the transaction, so that imports of one come one after another."""
    hold_rows([channels.rows[place].pk for place in np.flatnonzero(np.bincount(places)).tolist()], park_id)


def hold_rows(ids: Sequence[UUID], park_id: int) -> None:
    """Hold channels by their ids, all of them in one order."""
    rows = Channel.objects.filter(park_id=park_id, pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _by_name(rows: Sequence[Channel]) -> dict[str, list[int]]:
    """ "serial/code" of every channel, and the serial number alone of the meters that have only one."""
    found: dict[str, list[int]] = defaultdict(list)
    of_meter: dict[object, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        of_meter[row.meter_id].append(place)
        if row.code:
            found[f"{row.meter.serial}/{row.code}"].append(place)
    for places in of_meter.values():
        if len(places) == 1:
            found[rows[places[0]].meter.serial].append(places[0])
    return dict(found)


def _instants(days: Sequence[date], zone: ZoneInfo) -> NDArray[np.int64]:
    known = {day: _instant(day, zone) for day in set(days)}
    return np.array([known[day] for day in days], dtype=np.int64)


def _instant(day: date, zone: ZoneInfo) -> int:
    if day == date.max:
        return int(FOREVER)
    number = (day - EPOCH).days
    return int(day_starts(number, number, zone)[0])


def lowest_of(row: Channel) -> float:
    if row.lowest is not None:
        return row.lowest
    return -np.inf if row.is_state else 0.0


def highest_of(row: Channel) -> float:
    if row.highest is not None:
        return row.highest
    if row.rated_power_kw is None or row.unit != Unit.KWH or row.is_state:
        return np.inf
    return float(row.rated_power_kw) * row.interval_minutes / 60
