"""Meters and feeds of a park; write them inside the park's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from energy.choices import FeedFormat
from energy.models import Channel, Feed, Meter
from parks.models import Park
from tests.factories.measured import CONFIRMED_AT


def meter_with_channel(park: Park, serial: str = "M1", enterprise: Any = None, **facts: Any) -> Channel:
    """A meter in service since 2010 with one channel; facts of the channel, `code` among them."""
    known = Meter.objects.filter(park=park, serial=serial, enterprise=enterprise).first()
    meter = known or Meter.objects.create(
        park=park,
        serial=serial,
        name=f"Meter {serial}",
        enterprise=enterprise,
        starts_on=date(2000, 1, 1),
        confirmed_at=CONFIRMED_AT if enterprise else None,
    )
    return Channel.objects.create(park=park, meter=meter, enterprise=enterprise, **facts)


def feed_of(park: Park, file_format: str = FeedFormat.LONG_TABLE, **facts: Any) -> Feed:
    facts = {"name": f"Feed {file_format}", "time_zone": park.time_zone} | facts
    return Feed.objects.create(park=park, format=file_format, **facts)
