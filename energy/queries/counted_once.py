"""What is counted twice, and leaves the sums of many channels once: by a register beside intervals, below a head meter.

What is worked out from other channels counts nothing besides them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, DateField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Least

from energy.choices import OF_DEVICES, ChannelKind
from energy.models import Channel, SubMeter
from energy.querysets import ChannelQuerySet, SubMeterQuerySet
from parks.actors import Actor

DAYS_TOGETHER = """
SELECT w.place - 1, sum(b.total), sum(b.present_count), sum(b.measured_count)
FROM unnest(%s::uuid[], %s::date[], %s::date[]) WITH ORDINALITY AS w (channel_id, first, behind, place)
JOIN energy_intervalblock AS b
    ON b.park_id = %s AND b.channel_id = w.channel_id AND b.day >= w.first AND b.day < w.behind
GROUP BY w.place
"""
HELD_UNTIL = Least("ends_on", "head__ends_on")
"""Of a placement the day on which its head meter counts it no more: it is taken away, or the head out of service."""
HANGS_UNTIL = Least("meter__placements__ends_on", "meter__placements__head__ends_on")
"""The same of a channel whose meter is placed."""
Sums = tuple[float | None, int, int]
NOTHING: Sums = (None, 0, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a month on which channels that are alike were counted by a head meter as well.

    channel_id: of a part of a month the one channel, whose days are in the sums; None where the month is whole.
    """

    month: date
    starts_on: date
    ends_on: date
    service: tuple[date, date | None]
    minutes: int
    count: int
    channel_id: UUID | None


def days_together(park_id: int, spans: Sequence[tuple[UUID, date, date]]) -> list[Sums]:
    """Of each (channel, first day, day behind the last) its total, and how many intervals are present and measured.

    One statement, none where nothing is asked.
    """
    if not spans:
        return []
    found = [NOTHING] * len(spans)
    ids, firsts, behinds = (list(column) for column in zip(*spans, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(DAYS_TOGETHER, [ids, firsts, behinds, park_id])
        for place, *sums in cursor.fetchall():
            found[place] = (sums[0], sums[1], sums[2])
    return found


def channels(rows: ChannelQuerySet) -> ChannelQuerySet:
    """Without the registers that count what intervals of their meter tell already, and without what is worked out."""
    alike = Channel.objects.filter(meter_id=OuterRef("meter_id"), flow=OuterRef("flow"), unit=OuterRef("unit"))
    by_interval = Exists(alike.filter(kind=ChannelKind.INTERVAL))
    return rows.exclude(Q(kind=ChannelKind.REGISTER) & by_interval).exclude(kind=ChannelKind.VIRTUAL)


def placements(actor: Actor, flow: str, unit: str) -> SubMeterQuerySet:
    """Those below a head meter that counts the same; they hold up to, not including, `held_until`."""
    rows = SubMeter.objects.visible_to(actor).annotate(held_until=HELD_UNTIL)
    return rows.filter(_counts_alike(flow, unit)).order_by()


def _counts_alike(flow: Any, unit: Any) -> Exists:
    """Of a placement: whether a device of its head meter counts that. What is worked out is in no sum."""
    return Exists(Channel.objects.filter(meter_id=OuterRef("head_id"), flow=flow, unit=unit, kind__in=OF_DEVICES))


def is_wholly_below(below: SubMeterQuerySet) -> Exists:
    """Of a month of a channel: whether its meter hung below a head meter on all of its days."""
    behind = Func(OuterRef("month"), template="(%(expressions)s + interval '1 month')::date", output_field=DateField())
    open_or_later = Q(held_until=None) | Q(held_until__gte=behind)
    return Exists(below.filter(open_or_later, meter_id=OuterRef("channel__meter_id"), starts_on__lte=OuterRef("month")))


def is_below_on(below: SubMeterQuerySet) -> Exists:
    """Of a day of a channel: whether its meter hung below a head meter on it."""
    open_or_later = Q(held_until=None) | Q(held_until__gt=OuterRef("day"))
    return Exists(below.filter(open_or_later, meter_id=OuterRef("channel__meter_id"), starts_on__lte=OuterRef("day")))


def hangs_in(actor: Actor) -> Exists:
    """Of a month of a channel: whether its meter hung on any of its days below one that counts the same flow."""
    alike = _counts_alike(OuterRef(OuterRef("channel__flow")), OuterRef(OuterRef("channel__unit")))
    behind = Func(OuterRef("month"), template="(%(expressions)s + interval '1 month')::date", output_field=DateField())
    open_or_later = Q(held_until=None) | Q(held_until__gt=OuterRef("month"))
    held = (
        SubMeter.objects.visible_to(actor)
        .annotate(held_until=HELD_UNTIL)
        .filter(open_or_later, starts_on__lt=behind)
        .order_by()
    )
    return Exists(held.filter(alike, meter_id=OuterRef("channel__meter_id")))


def hanging(actor: Actor, day: date, meter: str, flow: str, unit: str) -> Exists:
    """Whether a meter hangs on a day below one that counts the same flow; meter and flow: columns of the query."""
    held = SubMeter.objects.visible_to(actor).between(day, day + timedelta(days=1)).order_by()
    held = held.filter(Q(head__ends_on=None) | Q(head__ends_on__gt=day))
    return Exists(held.filter(_counts_alike(OuterRef(OuterRef(flow)), unit), meter_id=OuterRef(meter)))


def spans(rows: Any, below: SubMeterQuerySet, months: Sequence[date], behind: date) -> list[Span]:
    """rows: the channels of a series with `service_from` and `service_until`; months that follow each other.

    Two statements at most, one where no meter hung below another.
    """
    held = below.between(months[0], behind)
    told = rows.filter(meter__placements__in=held.values("pk")).annotate(
        hangs_from=F("meter__placements__starts_on"), hangs_until=HANGS_UNTIL
    )
    columns = ("service_from", "service_until", "interval_minutes", "hangs_from", "hangs_until")
    found: list[Span] = []
    in_part = False
    for starts, ends, minutes, since, until, count in told.values_list(*columns).annotate(count=Count("pk")):
        for month, first, last, is_whole in _months(months, behind, since, until):
            in_part = in_part or not is_whole
            if is_whole:
                found.append(Span(month, first, last, (starts, ends), minutes, count, None))
    if in_part:
        for starts, ends, minutes, since, until, pk in told.values_list(*columns, "pk"):
            for month, first, last, is_whole in _months(months, behind, since, until):
                if not is_whole:
                    found.append(Span(month, first, last, (starts, ends), minutes, 1, pk))
    return found


def _months(
    months: Sequence[date], behind: date, since: date, until: date | None
) -> Iterator[tuple[date, date, date, bool]]:
    """Of each month the days of a placement, and whether they are all of it."""
    for month, end in zip(months, (*months[1:], behind), strict=True):
        first, last = max(month, since), min(end, until or date.max)
        if first < last:
            yield month, first, last, (first, last) == (month, end)
