"""Totals of many channels by day, month and year, each with how complete it is.

Every function asks a few statements, however many channels there are: for what is held, for how much there should be,
and for what a head meter counts again (`energy.queries.counted_once`). Days and months are those of the park's clock.
States, which cannot be added up, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Sum

from energy.models import IntervalBlock
from energy.queries import counted_once
from energy.queries.use import (
    Period,
    Series,
    channels_of,
    expected_intervals,
    months_of_series,
    series_of,
)
from parks.actors import Actor

A_DAY = timedelta(days=1)
SUMS: dict[str, Any] = {
    "use": Sum("total"),
    "highest": Max("peak"),
    "present": Sum("present_count"),
    "measured": Sum("measured_count"),
}


def days_of_series(
    actor: Actor, series: Series, starts_on: date, ends_on: date, *, zone_name: str, today: date
) -> list[Period]:
    """What all channels of a series used on each day from `starts_on` up to, not including, `ends_on`."""
    days = [starts_on + A_DAY * place for place in range((ends_on - starts_on).days)]
    periods = {day: Period(day) for day in days}
    below = counted_once.placements(actor, series.flow, series.unit)
    held = IntervalBlock.objects.filter(channel_id__in=channels_of(actor, series).values("pk"))
    sums = (
        held.exclude(counted_once.is_below_on(below))
        .between(starts_on, ends_on)
        .order_by()
        .values("day")
        .annotate(**SUMS)
    )
    for row in sums:
        _fill(periods[row["day"]], row)
    for starts, ends, minutes, count in _alike(channels_of(actor, series)):
        for day, period in periods.items():
            until = min(day + A_DAY, today)
            period.expected += count * expected_intervals(day, until, (starts, ends), minutes, zone_name)
    held_below = below.between(starts_on, ends_on)
    for since, until, *service, minutes in _hanging(actor, series, held_below):
        for day, period in periods.items():
            if since <= day and (until is None or day < until):
                service_days = (service[0], service[1])
                period.expected -= expected_intervals(day, min(day + A_DAY, today), service_days, minutes, zone_name)
    return list(periods.values())


def months_of_every_series(
    actor: Actor, months: Sequence[date], *, zone_name: str, today: date
) -> dict[Series, list[Period]]:
    """Of everything that is counted, what all channels used in each of some months that follow each other.

    A few statements for each series, of which a park has a handful.
    """
    every = [series for series in series_of(actor) if not series.is_state]
    return {series: months_of_series(actor, series, months, zone_name, today) for series in every}


def together(periods: Iterable[Period], starts_on: date) -> Period:
    """Several periods as one: a year of its months, all owners of a park.

    >>> half = Period(date(2026, 1, 1), 5.0, 2.0, 10, 9, 12)
    >>> together([half, Period(date(2026, 2, 1), None, None, 0, 0, 8)], date(2026, 1, 1))
    Period(starts_on=datetime.date(2026, 1, 1), total=5.0, peak=2.0, present=10, measured=9, expected=20)
    """
    every = list(periods)
    totals = [period.total for period in every if period.total is not None]
    return Period(
        starts_on,
        total=sum(totals) if totals else None,
        peak=max((period.peak for period in every if period.peak is not None), default=None),
        present=sum(period.present for period in every),
        measured=sum(period.measured for period in every),
        expected=sum(period.expected for period in every),
    )


def years_of(months: Iterable[Period]) -> list[Period]:
    """Months as the years that they are of, in their order."""
    by_year: dict[int, list[Period]] = {}
    for month in months:
        by_year.setdefault(month.starts_on.year, []).append(month)
    return [together(every, date(year, 1, 1)) for year, every in by_year.items()]


def _hanging(actor: Actor, series: Series, below: Any) -> Any:
    """Of each channel below a head meter since when, until when, its time in service and its interval."""
    rows = channels_of(actor, series).filter(meter__placements__in=below.values("pk"))
    return rows.values_list(
        "meter__placements__starts_on",
        counted_once.HANGS_UNTIL,
        "service_from",
        "service_until",
        "interval_minutes",
    )


def _alike(channels: Any) -> Any:
    """Channels that are in service at the same time, by how many they are."""
    return channels.values_list("service_from", "service_until", "interval_minutes").annotate(count=Count("pk"))


def _fill(period: Period, row: Mapping[str, Any]) -> None:
    period.total, period.peak = row["use"], row["highest"]
    period.present, period.measured = row["present"], row["measured"]
