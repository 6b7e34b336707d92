"""What channels, enterprises and the park have used, by day and month, with how complete it is.

A total is that of the intervals of which something is known. Beside it stand how many of them were measured and how
many there should be: those of the channel's time in service that are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Sum
from django.db.models.functions import Greatest, Least

from energy.choices import Flow
from energy.models import Channel, IntervalBlock, MonthTotal
from energy.queries import counted_once
from parks.actors import Actor

HOURS = 24


@dataclass(frozen=True, slots=True)
class Series:
    """Channels that can be added up: what is counted, which way, in which unit."""

    commodity: str
    flow: str
    unit: str

    @property
    def key(self) -> str:
        return f"{self.commodity}.{self.flow}.{self.unit}"

    @property
    def is_state(self) -> bool:
        return self.flow == Flow.STATE


@dataclass
class Period:
    """The use of a time; `present`, `measured`, `expected`: intervals with a value, measured ones, all of them."""

    starts_on: date
    total: float | None = None
    peak: float | None = None
    present: int = 0
    measured: int = 0
    expected: int = 0

    @property
    def completeness_percent(self) -> float | None:
        """The measured share of what should be there; None where nothing should."""
        return min(self.measured / self.expected * 100, 100.0) if self.expected else None

    @property
    def estimated_percent(self) -> float:
        """The share of what should be there that was estimated or edited: it is in the total, and not complete."""
        return max(self.present - self.measured, 0) / self.expected * 100 if self.expected else 0.0


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it is kept: `flags` has a byte of `energy.calculations.flags` for each of the values."""

    values: Sequence[float | None]
    flags: bytes
    total: float | None
    peak: float | None
    measured: int


@dataclass
class User:
    """What one owner, or one meter, used of a series in a month."""

    owner_id: UUID | None
    use: Period
    channels: int = 0


def days_between(channel: Channel, starts_on: date, ends_on: date) -> dict[date, Day]:
    """The kept days from `starts_on` up to, not including, `ends_on`."""
    kept = IntervalBlock.objects.filter(park_id=channel.park_id, channel_id=channel.pk).between(starts_on, ends_on)
    rows = kept.order_by("day").values_list("day", "values", "flags", "total", "peak", "measured_count")
    return {day: Day(values, bytes(flags), total, peak, count) for day, values, flags, total, peak, count in rows}


@lru_cache(maxsize=10_000)
def seconds_between(starts_on: date, ends_on: date, zone_name: str) -> int:
    """From the first instant of one local day to that of another; 0 if there is none between.

    >>> seconds_between(date(2026, 3, 29), date(2026, 3, 30), "Europe/London") // 3600
    23
    """
    if ends_on <= starts_on:
        return 0
    zone = ZoneInfo(zone_name)
    start, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (starts_on, ends_on))
    return int((end - start).total_seconds())


def expected_intervals(
    starts_on: date,
    ends_on: date,
    service: tuple[date, date | None],
    minutes: int,
    zone_name: str,
) -> int:
    """How many intervals there should be of the days in which a channel was in service."""
    first, last = max(starts_on, service[0]), ends_on if service[1] is None else min(ends_on, service[1])
    return seconds_between(first, last, zone_name) // (60 * minutes)


def next_month(month: date) -> date:
    """
    >>> next_month(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_before(month: date, count: int) -> list[date]:
    """The first days of so many months, up to that of `month`.

    >>> months_before(date(2026, 2, 14), 3)
    [datetime.date(2025, 12, 1), datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)]
    """
    number = month.year * 12 + month.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(number - count + 1, number + 1)]


def months_of_channel(channel: Channel, last: date, zone_name: str, today: date) -> list[Period]:
    """The twelve months up to that of `last`, those to come without anything."""
    months = months_before(last, 12)
    service = (channel.service_starts_on, channel.service_ends_on)
    kept = MonthTotal.objects.filter(park_id=channel.park_id, channel_id=channel.pk)
    found = {row.month: row for row in kept.between(months[0], next_month(months[-1]))}
    periods = []
    for month in months:
        until = min(next_month(month), today)
        period = Period(month, expected=expected_intervals(month, until, service, channel.interval_minutes, zone_name))
        if row := found.get(month):
            period.total, period.peak = row.total, row.peak
            period.present, period.measured = row.present_count, row.measured_count
        periods.append(period)
    return periods


def hours_of_year(channel: Channel, year: int, zone_name: str) -> list[list[float | None]]:
    """For each day of a year its 24 hours: the mean of the values of the intervals that begin in them."""
    first, last = date(year, 1, 1), date(year + 1, 1, 1)
    kept = days_between(channel, first, last)
    count = (last - first).days
    return [
        hours_of(kept[day].values, day, channel.interval_minutes, zone_name) if day in kept else [None] * HOURS
        for day in (first + timedelta(days=place) for place in range(count))
    ]


def hours_of(values: Sequence[float | None], day: date, minutes: int, zone_name: str) -> list[float | None]:
    """The mean value of the intervals of each hour of the clock; the repeated hour of a clock change counts as one.

    >>> hours_of([1.0, 3.0] + [None] * 46, date(2026, 11, 3), 30, "Asia/Shanghai")[:2]
    [2.0, None]
    """
    by_hour: list[list[float]] = [[] for _hour in range(HOURS)]
    an_hour = 60 // minutes
    if len(values) == HOURS * an_hour:
        places: Iterable[int] = (place // an_hour for place in range(len(values)))
    else:
        places = (moment.hour for moment in interval_starts(day, len(values), minutes, zone_name))
    for hour, value in zip(places, values, strict=True):
        if value is not None:
            by_hour[hour].append(value)
    return [sum(known) / len(known) if known else None for known in by_hour]


def interval_starts(day: date, count: int, minutes: int, zone_name: str) -> list[datetime]:
    """When each interval of a local day begins, by the clock of the place."""
    zone = ZoneInfo(zone_name)
    start = datetime.combine(day, time.min, zone).astimezone(UTC)
    return [(start + timedelta(minutes=minutes * place)).astimezone(zone) for place in range(count)]


def series_of(actor: Actor) -> list[Series]:
    """What is counted at all by the channels that the actor may see."""
    rows = Channel.objects.visible_to(actor).order_by().values_list("meter__commodity", "flow", "unit").distinct()
    return sorted((Series(*row) for row in rows), key=_rank)


def _rank(series: Series) -> tuple[int, int, str]:
    return _COMMODITIES.index(series.commodity), _FLOWS.index(series.flow), series.unit


_COMMODITIES = ("electricity", "gas", "heat", "steam", "cooling", "water", "environment")
_FLOWS = ("import", "generation", "ev_charging", "export", "discharge", "charge", "state")


def channels_of(actor: Actor, series: Series) -> Any:
    """The channels that a series is added up from, with their time in service."""
    rows = counted_once.channels(Channel.objects.visible_to(actor).order_by())
    return with_service(rows.filter(meter__commodity=series.commodity, flow=series.flow, unit=series.unit))


def with_service(channels: Any) -> Any:
    """Channels with their time in service as `service_from` and `service_until`."""
    return channels.annotate(
        service_from=Greatest("starts_on", "meter__starts_on"), service_until=Least("ends_on", "meter__ends_on")
    )


def months_of_series(actor: Actor, series: Series, months: Sequence[date], zone_name: str, today: date) -> list[Period]:
    """What all channels of a series used in each of some months that follow each other.

    What a meter counts below a head meter of the same series is counted there.
    """
    periods = {month: Period(month) for month in months}
    below = counted_once.placements(actor, series.flow, series.unit)
    kept = MonthTotal.objects.filter(channel_id__in=channels_of(actor, series).values("pk"))
    kept = kept.exclude(counted_once.is_wholly_below(below))
    sums = kept.between(months[0], next_month(months[-1])).order_by().values("month")
    for row in sums.annotate(
        use=Sum("total"), highest=Max("peak"), present=Sum("present_count"), measured=Sum("measured_count")
    ):
        period = periods[row["month"]]
        period.total, period.peak = row["use"], row["highest"]
        period.present, period.measured = row["present"], row["measured"]
    alike = channels_of(actor, series).values_list("service_from", "service_until", "interval_minutes")
    for starts_on, ends_on, minutes, count in alike.annotate(count=Count("pk")):
        for month, period in periods.items():
            until = min(next_month(month), today)
            period.expected += count * expected_intervals(month, until, (starts_on, ends_on), minutes, zone_name)
    below_spans = counted_once.spans(channels_of(actor, series), below, months, next_month(months[-1]))
    _take_off(actor.park_id, periods, below_spans, zone_name, today)
    return list(periods.values())


def _take_off(
    park_id: int | None, periods: dict[date, Period], spans: Sequence[counted_once.Span], zone_name: str, today: date
) -> None:
    """What was counted below a head meter: of months in part what is in the sums, of all what should have been."""
    for span in spans:
        until = min(span.ends_on, today)
        expected = expected_intervals(span.starts_on, until, span.service, span.minutes, zone_name)
        periods[span.month].expected -= span.count * expected
    cut = [(span, span.channel_id) for span in spans if span.channel_id is not None]
    asked = [(channel_id, span.starts_on, span.ends_on) for span, channel_id in cut]
    sums = counted_once.days_together(park_id or 0, asked)
    for (span, _channel_id), (total, present, measured) in zip(cut, sums, strict=True):
        period = periods[span.month]
        if total is not None:
            period.total = (period.total or 0.0) - total
        period.present -= present
        period.measured -= measured


def users_of_series(actor: Actor, series: Series, month: date, zone_name: str, today: date, *, by: str) -> list[User]:
    """Who used how much of a series in a month, the largest first. by: "enterprise_id" or "meter_id".

    What is counted below a head meter is taken off what its owner used: what stays is the own use with the losses. By
    meter, those below a head meter are left out for the days that they hung there.
    """
    kept = MonthTotal.objects.filter(month=month, channel_id__in=channels_of(actor, series).values("pk"))
    columns = ("channel_id", "total", "peak", "present_count", "measured_count")
    totals = {row[0]: row[1:] for row in kept.values_list(*columns)}
    users: dict[UUID | None, User] = {}
    until = min(next_month(month), today)
    rows = channels_of(actor, series).values_list("pk", F(by), "service_from", "service_until", "interval_minutes")
    for channel_id, owner_id, starts_on, ends_on, minutes in rows:
        user = users.setdefault(owner_id, User(owner_id, Period(month)))
        use = user.use
        user.channels += 1
        use.expected += expected_intervals(month, until, (starts_on, ends_on), minutes, zone_name)
        total, peak, present, measured = totals.get(channel_id, (None, None, 0, 0))
        if total is not None:
            use.total = (use.total or 0.0) + total
        if peak is not None:
            use.peak = max(peak, use.peak) if use.peak is not None else peak
        use.present += present
        use.measured += measured
    _share_out(users, _below(actor, series, month), zone_name, today, by=by)
    left = [user for user in users.values() if user.channels > 0]
    return sorted(left, key=lambda user: -(user.use.total or 0.0))


def _below(actor: Actor, series: Series, month: date) -> list[tuple[Any, Period]]:
    """The channels that a head meter counts again in a month, each with what it counted on those days.

    Rows have `head_owner_id` and the days `since` and `until` beside what `channels_of` gives.
    """
    behind = next_month(month)
    held = counted_once.placements(actor, series.flow, series.unit).between(month, behind)
    told = channels_of(actor, series).filter(meter__placements__in=held.values("pk"))
    rows = list(
        told.annotate(
            since=Greatest(F("meter__placements__starts_on"), month),
            until=Least(counted_once.HANGS_UNTIL, behind),
            head_owner_id=F("meter__placements__head__enterprise_id"),
        ).order_by("pk")
    )
    sums = counted_once.days_together(actor.park_id or 0, [(row.pk, row.since, row.until) for row in rows])
    return [
        (row, Period(month, total=total, present=present, measured=measured))
        for row, (total, present, measured) in zip(rows, sums, strict=True)
    ]


def _share_out(
    users: dict[UUID | None, User], below: Sequence[tuple[Any, Period]], zone_name: str, today: date, *, by: str
) -> None:
    """Take what is counted twice off the owner of the head meter, or off the meter below it."""
    for row, use in below:
        service = (row.service_from, row.service_until)
        expected = expected_intervals(row.since, min(row.until, today), service, row.interval_minutes, zone_name)
        # What is left of a head meter is as sure as all that it is worked out from.
        is_by_meter = by == "meter_id"
        user, sign = (users[row.meter_id], -1) if is_by_meter else (users[row.head_owner_id], 1)
        if is_by_meter:
            user.channels -= (row.since, row.until) == (use.starts_on, next_month(use.starts_on))
        if user.use.total is not None and use.total is not None:
            user.use.total -= use.total
        user.use.present += sign * use.present
        user.use.measured += sign * use.measured
        user.use.expected += sign * expected
