"""Days as people of a place count them."""

from __future__ import annotations

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


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`, Monday to Friday.

    Public holidays and the working weekends that make up for them are not known here: they come with the calendar
    table of the park, which is edited as the State Council announces each year.

    >>> add_working_days(date(2026, 11, 20), 5)
    datetime.date(2026, 11, 27)
    >>> add_working_days(date(2026, 11, 21), 1)
    datetime.date(2026, 11, 23)
    """
    while count:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day


def working_days_after(instant: datetime, count: int, zone_name: str) -> datetime:
    """The last moment of the `count`-th working day after the local day of `instant`.

    >>> from datetime import timezone
    >>> working_days_after(datetime(2026, 11, 20, 17, 0, tzinfo=timezone.utc), 5, "Asia/Shanghai").isoformat()
    '2026-11-27T23:59:59.999999+08:00'
    """
    return last_moment(add_working_days(local_day(instant, zone_name), count), zone_name)
