"""Days and periods in the time zone of a park."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def local_day(instant: datetime, zone_name: str) -> date:
    """The day of an aware instant in a zone.

    >>> from datetime import UTC
    >>> local_day(datetime(2026, 11, 18, 16, 30, tzinfo=UTC), "Asia/Shanghai")
    datetime.date(2026, 11, 19)
    """
    return instant.astimezone(ZoneInfo(zone_name)).date()
