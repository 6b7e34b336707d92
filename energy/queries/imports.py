"""Files of readings and what was rejected of them."""

from __future__ import annotations

from django.db.models import QuerySet

from energy.choices import FeedSource
from energy.models import Feed, ReadingImport, RejectedReading
from parks.actors import Actor


def feeds(actor: Actor) -> QuerySet[Feed]:
    """The feeds that the actor brings files to: those of the park are not for people of an enterprise."""
    return all_feeds(actor).filter(is_paused=False).exclude(source=FeedSource.PUSH)


def all_feeds(actor: Actor) -> QuerySet[Feed]:
    return Feed.objects.visible_to(actor).select_related("enterprise")


def imports_of(feed: Feed) -> QuerySet[ReadingImport]:
    return ReadingImport.objects.filter(park_id=feed.park_id, feed=feed).select_related("feed")


def imports(actor: Actor) -> QuerySet[ReadingImport]:
    return ReadingImport.objects.visible_to(actor).select_related("feed")


def rejected(reading_import: ReadingImport, rule: str = "") -> QuerySet[RejectedReading]:
    """The rejected rows that are kept, in the order of the file; of one rule where it is named."""
    rows = RejectedReading.objects.filter(park_id=reading_import.park_id, reading_import=reading_import)
    return rows.filter(rule=rule) if rule else rows
