"""Feeds of the demo beside the one that brought its readings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from config.demo.readings import METERS, table
from energy.choices import FeedFormat, FeedSource
from energy.services import feeds
from lib.periods import local_day
from parks.actors import Actor
from parks.models import Park
from tenancy.scopes import open_scope

FEEDS: tuple[tuple[str, FeedSource, Mapping[str, Any], bool], ...] = (
    (
        "Substation 1, folder",
        FeedSource.FOLDER,
        {"address": "substation-1", "file_pattern": "*.csv", "every_minutes": 60, "silent_after_hours": 48},
        False,
    ),
    (
        "Grid company, daily file",
        FeedSource.HTTPS,
        {
            "address": "https://meters.example.com/torch/daily.csv",
            "account": "torch",
            "every_minutes": 1440,
            "daily_at": time(6, 30),
            "silent_after_hours": 36,
        },
        True,
    ),
    ("Charging station gateway", FeedSource.PUSH, {"silent_after_hours": 6}, False),
)


def seed_feeds(park: Park, manager: Actor, now: datetime) -> None:
    """What a person would look for: a folder with a file in it, a web address that is paused, a gateway that sends."""
    meter = METERS[0]
    yesterday = local_day(now, park.time_zone) - timedelta(days=1)
    folder = Path(settings.FEED_FOLDER) / park.slug / "substation-1"
    folder.mkdir(parents=True, exist_ok=True)
    body = table(meter, yesterday, yesterday + timedelta(days=1), {})
    (folder / f"{meter.serial}-{yesterday:%Y%m%d}.csv").write_text(body)
    with open_scope(manager.scope):
        for name, source, place, is_paused in FEEDS:
            file_format = FeedFormat.PUSHED if source == FeedSource.PUSH else FeedFormat.LONG_TABLE
            facts = {"name": name, "source": source, "format": file_format, "time_zone": park.time_zone}
            feed = feeds.add_feed(manager, park=park, facts=facts, now=now)
            secret = "demo" if source == FeedSource.HTTPS else ""
            feeds.change_feed(manager, feed, facts=place, secret=secret, now=now)
            if is_paused:
                feeds.pause_feed(manager, feed, now=now)
