"""How complete each day of a year is, and what waits to be decided of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from energy.models import WAITING_ISSUES, Channel, IntervalBlock, ReadingIssue
from energy.queries import register
from energy.queries.use import Period, expected_intervals, with_service
from parks.actors import Actor

A_DAY = timedelta(days=1)


@dataclass
class QualityDay:
    """A day of all channels that are asked for; `waiting`: how many issues of it wait for a decision."""

    period: Period
    waiting: int = 0

    @property
    def day(self) -> date:
        return self.period.starts_on


def channels_asked(actor: Actor, *, words: str, commodity: str, owner: str, channel: str) -> Any:
    """Those the actor may see, of meters in which every word occurs, of a commodity, of the park or of enterprises.

    For officials without the meters that the park has not confirmed: until then its files do not fill them.
    """
    rows = Channel.objects.visible_to(actor).order_by()
    if actor.is_official:
        rows = rows.exclude(Q(meter__enterprise__isnull=False) & Q(meter__confirmed_at=None))
    if words:
        rows = rows.filter(meter__in=register.found(actor, words).order_by().values("pk"))
    if commodity:
        rows = rows.filter(meter__commodity=commodity)
    if owner:
        rows = rows.filter(enterprise__isnull=owner == register.OF_THE_PARK)
    return rows.filter(pk=channel) if channel else rows


def days_of_year(channels: Any, year: int, *, zone_name: str, today: date) -> list[QualityDay]:
    """Every day of a year, in three statements however many channels there are."""
    first, behind = date(year, 1, 1), date(year + 1, 1, 1)
    count = (behind - first).days
    days = {first + A_DAY * place: QualityDay(Period(first + A_DAY * place)) for place in range(count)}
    alike = with_service(channels).values_list("service_from", "service_until", "interval_minutes")
    for starts_on, ends_on, minutes, together in alike.annotate(count=Count("pk")):
        for day, found in days.items():
            until = min(day + A_DAY, today)
            service = (starts_on, ends_on)
            found.period.expected += together * expected_intervals(day, until, service, minutes, zone_name)
    held = IntervalBlock.objects.filter(channel_id__in=channels.values("pk")).between(first, min(behind, today))
    sums = held.order_by().values_list("day").annotate(present=Sum("present_count"), measured=Sum("measured_count"))
    for day, present, measured in sums:
        days[day].period.present, days[day].period.measured = present, measured
    waiting = ReadingIssue.objects.filter(channel_id__in=channels.values("pk"), state__in=WAITING_ISSUES)
    counted = waiting.filter(day__gte=first, day__lt=behind).order_by().values_list("day")
    for day, issues in counted.annotate(count=Count("pk")):
        days[day].waiting = issues
    return list(days.values())
