"""Going for the files of feeds: when it is time, each once, and telling when nothing comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.urls import reverse

from accounts.services import write_to_each
from energy.calculations.schedule import next_fetch
from energy.events import feed_due
from energy.messages import FEED_SILENT, OWN_FEED_SILENT
from energy.models import Feed, FeedFile, FeedSecret
from energy.services import readings
from energy.services.feeds import SEALED_FOR
from energy.services.readings.intake import FeedPaused
from energy.sources import Found, Place, Source, opened_source
from energy.sources.problems import problem_words
from lib.formatting import day, zone
from lib.outbound import Limits, Unreached, networks_of
from lib.sealing import Unsealable, unseal
from parks.choices import Role
from parks.models import Membership, Park
from parks.services.mailing import people_of
from parks.services.wording import wording_of

Clock = Callable[[], datetime]
SECONDS_A_RUN = 240
"""After which a run is broken off; half of it begins no other file, and the rest is for the next run."""


@transaction.atomic
def ask_for_due(park: Park, now: datetime) -> int:
    """Have the worker look at every feed whose time has come; a time that was missed is made up for once.

    Safe to repeat: the time is moved on with the asking.
    """
    due = Feed.objects.filter(park_id=park.pk, is_paused=False, next_fetch_at__lte=now)
    rows = list(due.select_for_update(of=("self",), skip_locked=True))
    for feed in rows:
        feed.next_fetch_at = None
        if feed.every_minutes is not None:
            feed.next_fetch_at = next_fetch(now, feed.every_minutes, feed.daily_at, ZoneInfo(park.time_zone))
        feed.save(update_fields=["next_fetch_at"])
        feed_due.publish(park_id=park.pk, feed_id=str(feed.pk))
    return len(rows)


def fetch_steps(feed_id: UUID, clock: Clock) -> Iterator[None]:
    """Take in what is new at the source of a feed, a file a step. Harmless twice at once: a file is taken once.

    What went wrong is written at the feed, for its people; the next run tries again.
    """
    feed = Feed.objects.select_related("park").get(pk=feed_id)
    if feed.is_paused or not feed.is_fetched:
        return
    problem = ""
    limits = limits_of(settings.FEED_LARGEST_BYTES, SECONDS_A_RUN)
    try:
        with opened_source(feed.source, place_of(feed), limits) as source:
            for found in source.look():
                if limits.left() < SECONDS_A_RUN / 2:
                    feed_due.publish(park_id=feed.park_id, feed_id=str(feed.pk))
                    break
                if _is_known(feed, found):
                    continue
                with suppress(FeedPaused):
                    _take(feed, source, found, clock())
                yield
    except Unreached as error:
        problem = error.code
    Feed.objects.filter(pk=feed.pk).update(last_fetch_at=clock(), last_problem=problem)


def limits_of(most_bytes: int, seconds: float) -> Limits:
    return Limits(most_bytes, seconds, networks_of(settings.FEED_NETWORKS), settings.FEED_CA_FILE)


def place_of(feed: Feed) -> Place:
    """Where the files are, with the secret opened. Raises `Unreached`.

    Both by one statement: of a feed that somebody changes meanwhile the new secret would go to the old place.
    """
    secrets = FeedSecret.objects.select_related("feed__park")
    kept = secrets.filter(park_id=feed.park_id, feed=feed).first()
    feed = kept.feed if kept else feed
    try:
        secret = unseal(kept.sealed, SEALED_FOR) if kept else ""
    except Unsealable as error:
        raise Unreached("no_secret") from error
    return Place(
        address=feed.address,
        account=feed.account,
        secret=secret,
        region=feed.region,
        host_key=feed.host_key,
        pattern=feed.file_pattern,
        folder=str(Path(settings.FEED_FOLDER) / feed.park.slug),
    )


def _is_known(feed: Feed, found: Found) -> bool:
    if not found.mark:
        return False
    known = FeedFile.objects.filter(park_id=feed.park_id, feed=feed, name=found.name, mark=found.mark)
    return known.exists()


def _take(feed: Feed, source: Source, found: Found, now: datetime) -> None:
    with TemporaryFile() as file:
        source.get(found, file)
        file.flush()
        file.seek(0)
        name = PurePosixPath(found.name).name
        taken = readings.take_in_file(feed=feed, upload=File(file, name), name=name, by=None, now=now, once=True)
    told = FeedFile(
        park_id=feed.park_id,
        enterprise_id=feed.enterprise_id,
        feed=feed,
        name=found.name,
        mark=found.mark or taken.sha256,
        reading_import=taken,
        found_at=now,
    )
    FeedFile.objects.bulk_create([told], ignore_conflicts=True)


@transaction.atomic
def tell_of_silence(park: Park, now: datetime) -> int:
    """Write to the energy managers of every feed that brought nothing for longer than it may, once until one comes."""
    waited = Feed.objects.filter(
        park_id=park.pk, is_paused=False, silence_told_at=None, silent_after_hours__isnull=False
    )
    silent = [feed for feed in waited.select_for_update(of=("self",), skip_locked=True) if feed.is_silent(now)]
    for feed in silent:
        _tell_of_silence(feed, park)
    Feed.objects.filter(pk__in=[feed.pk for feed in silent]).update(silence_told_at=now)
    return len(silent)


def _tell_of_silence(feed: Feed, park: Park) -> None:
    places = Membership.objects.active().select_related("user")
    if feed.enterprise_id is None:
        kind, keepers = FEED_SILENT, places.of_staff(park.pk).with_role(Role.PARK_ENERGY_MANAGER)
    else:
        kind = OWN_FEED_SILENT
        keepers = places.of_enterprise(park.pk, feed.enterprise_id).with_role(Role.ENERGY_MANAGER)
    wording = wording_of(park.pk, kind)
    write_to_each(
        f"feed_silent:{feed.pk}:{feed.waits_since.isoformat()}",
        people_of(keepers),
        lambda: wording.letter(_facts(feed, park)),
        reverse("energy:feed_detail", args=[feed.pk]),
    )


def _facts(feed: Feed, park: Park) -> dict[str, str]:
    since = feed.waits_since.astimezone(ZoneInfo(park.time_zone))
    return {
        "feed": feed.name,
        "since": f"{day(since.date())} {since:%H:%M} {zone(since)}",
        "problem": problem_words(feed.last_problem) if feed.last_problem else "",
    }
