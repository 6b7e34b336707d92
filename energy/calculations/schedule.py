"""When a feed is fetched next, by the clock of its park."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = 24 * 60


def next_fetch(after: datetime, every_minutes: int, daily_at: time | None, zone: ZoneInfo) -> datetime:
    """The first moment behind `after`, in UTC. Periods are counted from each local midnight, so that days begin alike.

    A time of the day that a clock change leaves out is taken as the moment at which the clock passes over it.

    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> next_fetch(datetime(2026, 11, 2, 4, 7, tzinfo=UTC), 60, None, shanghai).isoformat()
    '2026-11-02T05:00:00+00:00'
    >>> next_fetch(datetime(2026, 11, 2, 4, 7, tzinfo=UTC), 1440, time(2, 30), shanghai).isoformat()
    '2026-11-02T18:30:00+00:00'
    """
    local = after.astimezone(zone)
    for number in range(3):
        day = local.date() + timedelta(days=number)
        begins = datetime.combine(day, time(), zone).astimezone(UTC)
        ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        if every_minutes == A_DAY:
            found = datetime.combine(day, daily_at or time(), zone).astimezone(UTC)
        else:
            period = timedelta(minutes=every_minutes)
            found = begins + max(0, (after - begins) // period + 1) * period
        if after < found < ends:
            return found
    raise ValueError(every_minutes)
