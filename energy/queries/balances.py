"""What head meters and those below them, and registers and the intervals beside them, counted on single days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q

from energy.calculations.registers import uses_of
from energy.choices import ChannelKind, Flow
from energy.models import Channel, Meter, RegisterDay, SubMeter
from energy.queries.hierarchy import passing, unit_of

A_DAY = timedelta(days=1)
SECONDS = 86_400
TOTALS = """
SELECT channel_id, day, total, present_count = cardinality("values") AND measured_count >= 0.95 * present_count
FROM energy_intervalblock
WHERE park_id = %s AND channel_id = ANY(%s) AND day >= %s AND day < %s
"""
"""The last column: whether the day can be judged by; nothing of it is missing, and hardly anything estimated."""
Days = Mapping[UUID, tuple[date, date]]
Totals = Mapping[tuple[UUID, date], tuple[float | None, bool]]


@dataclass
class Through:
    """What passed a meter on a day; None where a channel of it is not complete."""

    meter: Meter
    total: float | None


@dataclass
class HeadDay:
    """A head meter on a day with those right below it. `channel` is the one that findings are told of."""

    channel: Channel
    day: date
    head: Through
    below: list[Through] = field(default_factory=list)

    @property
    def head_total(self) -> float | None:
        return self.head.total

    @property
    def below_total(self) -> float | None:
        """None where nothing hangs there, or one of them is not complete."""
        known = [each.total for each in self.below if each.total is not None]
        return sum(known) if known and len(known) == len(self.below) else None

    @property
    def is_of_several(self) -> bool:
        """Whether somebody else than the owner of the head meter would be told of by it."""
        return any(each.meter.enterprise_id != self.head.meter.enterprise_id for each in self.below)


@dataclass(frozen=True, slots=True)
class RegisterPair:
    """The intervals of a day and what the register beside them says of it; None where either is not complete.

    step: what the dial can be off by: one unit of it where its states are whole.
    """

    channel: Channel
    day: date
    total: float | None
    opening: float | None
    closing: float | None
    multiplier: Decimal
    register_total: float | None
    step: float

    @property
    def gap_percent(self) -> float | None:
        """How much more the intervals sum up to, of what the register says; None where it stood still."""
        if self.total is None or not self.register_total:
            return None
        return (self.total - self.register_total) / self.register_total * 100


def judged_channels(park_id: int, channel_ids: Iterable[UUID]) -> list[UUID]:
    """All that findings of `head_days` and `register_days` can be told of: the channels of the meters, and of heads."""
    meters = Channel.objects.filter(park_id=park_id, pk__in=list(channel_ids)).values("meter_id")
    heads = SubMeter.objects.filter(park_id=park_id, meter_id__in=meters).values("head_id")
    rows = Channel.objects.filter(Q(meter_id__in=meters) | Q(meter_id__in=heads), park_id=park_id)
    return list(rows.values_list("pk", flat=True))


def head_days(park_id: int, days: Days) -> list[HeadDay]:
    """The days of the head meters that these channels belong to or hang below. days: by channel, half-open.

    Four statements.
    """
    if not days:
        return []
    meter_of = dict(Channel.objects.filter(park_id=park_id, pk__in=list(days)).values_list("pk", "meter_id"))
    first, behind = min(span[0] for span in days.values()), max(span[1] for span in days.values())
    rows = SubMeter.objects.filter(park_id=park_id).between(first, behind)
    touched = list(rows.filter(Q(meter_id__in=meter_of.values()) | Q(head_id__in=meter_of.values())))
    wanted: dict[UUID, set[date]] = defaultdict(set)
    of_meter: dict[UUID, set[date]] = defaultdict(set)
    for channel_id, (since, until) in days.items():
        if channel_id in meter_of:
            of_meter[meter_of[channel_id]] |= {since + step * A_DAY for step in range((until - since).days)}
    for row in touched:
        wanted[row.head_id] |= of_meter[row.meter_id] | of_meter[row.head_id]
    if not any(wanted.values()):
        return []
    placed = list(rows.filter(head_id__in=list(wanted)).select_related("meter", "head").order_by("meter__name", "pk"))
    return _laid_out(park_id, placed, wanted)


def head_day(park_id: int, channel: Channel, day: date) -> HeadDay | None:
    """One day of the head meter that a channel belongs to."""
    rows = head_days(park_id, {channel.pk: (day, day + A_DAY)})
    return next((row for row in rows if row.channel.pk == channel.pk), None)


def _laid_out(park_id: int, placed: Sequence[SubMeter], wanted: Mapping[UUID, set[date]]) -> list[HeadDay]:
    meters = {row.head_id: row.head for row in placed} | {row.meter_id: row.meter for row in placed}
    by_meter: dict[UUID, list[Channel]] = defaultdict(list)
    for channel in Channel.objects.filter(park_id=park_id, meter_id__in=list(meters)).order_by("code", "pk"):
        channel.meter = meters[channel.meter_id]
        by_meter[channel.meter_id].append(channel)
    every = sorted({day for each in wanted.values() for day in each})
    totals = _totals(park_id, [row.pk for rows in by_meter.values() for row in rows], every)
    below: dict[UUID, list[SubMeter]] = defaultdict(list)
    for row in placed:
        below[row.head_id].append(row)
    found = []
    for head_id, own in below.items():
        unit = unit_of(by_meter[head_id])
        parts = passing(by_meter[head_id], unit)
        if not parts:
            continue
        told = next((channel for channel, _sign in parts if channel.flow == Flow.IMPORT), parts[0][0])
        for day in sorted(wanted[head_id]):
            line = HeadDay(told, day, Through(meters[head_id], _through(parts, day, totals)))
            for row in own:
                # What is out of service has no readings that could be missed.
                if row.starts_on <= day < min(row.ends_on or date.max, row.meter.ends_on or date.max):
                    passed = _through(passing(by_meter[row.meter_id], unit), day, totals)
                    line.below.append(Through(row.meter, passed))
            found.append(line)
    return found


def _through(parts: Iterable[tuple[Channel, int]], day: date, totals: Totals) -> float | None:
    known = []
    for channel, sign in parts:
        if channel.service_starts_on > day or (channel.service_ends_on or date.max) <= day:
            continue
        total, is_complete = totals.get((channel.pk, day), (None, False))
        if total is None or not is_complete:
            return None
        known.append(sign * total)
    return sum(known) if known else None


def _totals(park_id: int, ids: Sequence[UUID], days: Sequence[date]) -> Totals:
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [park_id, list(ids), days[0], days[-1] + A_DAY])
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def register_days(park_id: int, days: Days) -> list[RegisterPair]:
    """The days of meters of these channels that have one register beside intervals of the same flow. Four statements.

    Several of one flow, such as those of the hours of a tariff, count parts of it: none is held against the whole.
    """
    meters = Channel.objects.filter(park_id=park_id, pk__in=list(days)).values("meter_id")
    rows = list(Channel.objects.filter(park_id=park_id, meter_id__in=meters).select_related("meter").order_by("pk"))
    registers: dict[tuple[UUID, str, str], list[Channel]] = defaultdict(list)
    for row in rows:
        if row.kind == ChannelKind.REGISTER:
            registers[row.meter_id, row.flow, row.unit].append(row)
    beside = [(row, registers[row.meter_id, row.flow, row.unit]) for row in rows if row.kind == ChannelKind.INTERVAL]
    pairs = [(row, own[0]) for row, own in beside if len(own) == 1]
    wanted = [
        (row, register, since + step * A_DAY)
        for row, register in pairs
        for since, until in {days[each.pk] for each in (row, register) if each.pk in days}
        for step in range((until - since).days)
    ]
    if not wanted:
        return []
    every = sorted({day for _row, _register, day in wanted})
    totals = _totals(park_id, [row.pk for row, _register in pairs], every)
    states = _opening_states(park_id, [register.pk for _row, register in pairs], every)
    unique = {(row.pk, day): (row, register, day) for row, register, day in wanted}
    return [_pair(row, register, day, totals, states) for row, register, day in unique.values()]


def register_day(park_id: int, channel: Channel, day: date) -> RegisterPair | None:
    rows = register_days(park_id, {channel.pk: (day, day + A_DAY)})
    return next((row for row in rows if row.channel.pk == channel.pk), None)


def _opening_states(park_id: int, ids: Sequence[UUID], days: Sequence[date]) -> dict[tuple[UUID, date], float | None]:
    """Where each dial stood at the beginning of each day."""
    kept = RegisterDay.objects.filter(park_id=park_id, channel_id__in=ids, day__gte=days[0], day__lte=days[-1] + A_DAY)
    return {(row[0], row[1]): row[2] for row in kept.values_list("channel_id", "day", "states__0")}


def _pair(
    row: Channel,
    register: Channel,
    day: date,
    totals: Totals,
    states: Mapping[tuple[UUID, date], float | None],
) -> RegisterPair:
    total, is_complete = totals.get((row.pk, day), (None, False))
    opening, closing = states.get((register.pk, day)), states.get((register.pk, day + A_DAY))
    used = None
    if opening is not None and closing is not None:
        limit = float(register.dial_limit) if register.dial_limit else None
        amount = float(uses_of(np.array([opening, closing]), np.array([0, SECONDS]), limit).amounts[1])
        used = None if np.isnan(amount) else amount * float(register.multiplier)
    is_whole = all(state is not None and state == int(state) for state in (opening, closing))
    return RegisterPair(
        channel=row,
        day=day,
        total=total if is_complete else None,
        opening=opening,
        closing=closing,
        multiplier=register.multiplier,
        register_total=used,
        step=float(register.multiplier) if is_whole else 0.0,
    )
