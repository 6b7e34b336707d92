"""Days as people of a place count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def local_day(instant: datetime, zone_name: str) -> date:
    """The day on the calendar of `zone_name` at an aware instant.

    >>> from datetime import timezone
    >>> local_day(datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc), "Asia/Shanghai")
    datetime.date(2027, 1, 1)
    """
    return instant.astimezone(ZoneInfo(zone_name)).date()


def last_moment(day: date, zone_name: str) -> datetime:
    """The last microsecond of a day, so that a deadline shows the day it is meant for.

    >>> last_moment(date(2026, 11, 27), "Asia/Shanghai").isoformat()
    '2026-11-27T23:59:59.999999+08:00'
    """
    return datetime.combine(day, time.max, ZoneInfo(zone_name))


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def add_working_days(day: date, count: int, exceptions: Mapping[date, bool]) -> date:
    """The `count`-th working day after `day`: Monday to Friday, but for the days that `exceptions` knows better.

    exceptions: whether the day is worked; days off from Monday to Friday, and weekend days that make up for them.

    >>> add_working_days(date(2026, 11, 20), 5, {})
    datetime.date(2026, 11, 27)
    >>> add_working_days(date(2026, 9, 30), 1, {date(2026, 10, 1): False, date(2026, 10, 2): False})
    datetime.date(2026, 10, 5)
    >>> add_working_days(date(2026, 10, 9), 1, {date(2026, 10, 10): True})
    datetime.date(2026, 10, 10)
    """
    while count:
        day += timedelta(days=1)
        if exceptions.get(day, not is_weekend(day)):
            count -= 1
    return day


def band_of(days_left: int, bands: Iterable[int]) -> int | None:
    """Which reminder is due so many days before the last one: the latest whose day has come; none before the first,
    and none once it is over.

    >>> [band_of(days, (5, 1)) for days in (6, 5, 2, 1, 0, -1)]
    [None, 5, 5, 1, 1, None]
    """
    return min((band for band in bands if 0 <= days_left <= band), default=None)
