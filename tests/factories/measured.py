"""Meters, feeds and files of readings, made as they stand in the store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from energy.choices import FeedFormat
from energy.models import Channel, Feed, IntervalBlock, Meter, MonthTotal, ReadingImport
from enterprises.models import Enterprise
from lib.identifiers import uuid7
from parks.models import Park

CONFIRMED_AT = datetime(2025, 1, 1, tzinfo=UTC)
MISSING, MEASURED, ESTIMATED = 0, 1, 2


def meter(park: Park, enterprise: Enterprise | None = None, **facts: Any) -> Meter:
    """One of an enterprise is confirmed, unless `confirmed_at` is given."""
    told = {"name": "Main intake", "serial": f"M-{uuid7().hex[-8:]}", "starts_on": date(2025, 1, 1), **facts}
    if enterprise is not None:
        told.setdefault("confirmed_at", CONFIRMED_AT)
    return Meter.objects.create(park=park, enterprise=enterprise, **told)


def channel(of: Meter, **facts: Any) -> Channel:
    return Channel.objects.create(park_id=of.park_id, enterprise_id=of.enterprise_id, meter=of, **facts)


def feed(park: Park, enterprise: Enterprise | None = None, **facts: Any) -> Feed:
    told = {"name": "Gateway", "format": FeedFormat.LONG_TABLE, "time_zone": "Asia/Shanghai", **facts}
    return Feed.objects.create(park=park, enterprise=enterprise, **told)


def reading_import(of: Feed, by: User, name: str = "readings.csv", **facts: Any) -> ReadingImport:
    return ReadingImport.objects.create(
        park_id=of.park_id,
        enterprise_id=of.enterprise_id,
        feed=of,
        name=name,
        content_type="text/csv",
        size_bytes=12,
        sha256=uuid7().hex * 2,
        file=ContentFile(b"meter,value\n", "readings.csv"),
        uploaded_by=by,
        uploaded_by_name=by.name,
        **facts,
    )


def day_of(of: Channel, day: date, values: list[float | None], flags: list[int] | None = None) -> IntervalBlock:
    """A day of readings and the month it is in, rewritten from all the days there are."""
    known = [value for value in values if value is not None]
    marked = flags or [MISSING if value is None else MEASURED for value in values]
    owned = {"park_id": of.park_id, "enterprise_id": of.enterprise_id, "channel": of}
    block = IntervalBlock.objects.create(
        day=day,
        values=values,
        flags=bytes(marked),
        total=sum(known) if known else None,
        peak=max(known, default=None),
        present_count=len(known),
        measured_count=sum(flag == MEASURED for flag in marked),
        import_id=uuid7(),
        **owned,
    )
    month = day.replace(day=1)
    days = [held for held in IntervalBlock.objects.filter(channel=of) if held.day.replace(day=1) == month]
    totals = [held.total for held in days if held.total is not None]
    told = {
        "total": sum(totals) if totals else None,
        "peak": max((held.peak for held in days if held.peak is not None), default=None),
        "present_count": sum(value is not None for held in days for value in held.values),
        "measured_count": sum(held.measured_count for held in days),
    }
    if not MonthTotal.objects.filter(channel=of, month=month).update(**told):
        MonthTotal.objects.create(month=month, **told, **owned)
    return block
