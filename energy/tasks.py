from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from energy.services import quality, undoing, virtual
from energy.services.fetching import ask_for_due, fetch_steps, tell_of_silence
from energy.services.readings import import_steps, take_up_abandoned
from parks.choices import ParkStatus
from parks.models import Park
from tenancy.tasks import PERIODIC, PlatformTask, SteppedTask, TenantTask


@shared_task(base=SteppedTask, name="energy.tasks.import_file")
def import_file(park_id: int, reading_import_id: str) -> Iterator[None]:
    """One file; several are read side by side. Harmless where the file is done, or another worker is at it."""
    return import_steps(UUID(reading_import_id), timezone.now)


@shared_task(base=TenantTask, name="energy.tasks.check_readings")
def check_readings(park_id: int, reading_import_id: str, after: str = "") -> None:
    """The days that a file changed, so many channels at a time; it asks for itself anew while there are more."""
    last = quality.check_import(UUID(reading_import_id), after=UUID(after) if after else None, now=timezone.now())
    if last is not None:
        told = {"park_id": park_id, "reading_import_id": reading_import_id, "after": str(last)}
        transaction.on_commit(lambda: check_readings.delay(**told))


@shared_task(base=SteppedTask, name="energy.tasks.undo_import")
def undo_import(park_id: int, import_undo_id: str) -> Iterator[None]:
    """What an import said of readings is taken back, a chunk a step. Harmless where it is done, or another is at it."""
    return undoing.undo_steps(UUID(import_undo_id), timezone.now)


@shared_task(base=TenantTask, name="energy.tasks.check_undo")
def check_undo(park_id: int, import_undo_id: str, after: str = "") -> None:
    """The days that an undone import changed back, as `check_readings` looks at those of an import."""
    last = quality.check_undo(UUID(import_undo_id), after=UUID(after) if after else None, now=timezone.now())
    if last is not None:
        told = {"park_id": park_id, "import_undo_id": import_undo_id, "after": str(last)}
        transaction.on_commit(lambda: check_undo.delay(**told))


@shared_task(base=TenantTask, name="energy.tasks.follow_readings")
def follow_readings(park_id: int, spans: dict[str, list[int]]) -> None:
    """What hangs on days that changed: sums of sub-meters, registers beside intervals; formulas are asked for.

    Harmless twice.
    """
    days = {UUID(key): (first, last) for key, (first, last) in spans.items()}
    park, now = Park.objects.get(pk=park_id), timezone.now()
    quality.check_balances(park, days, now=now)
    virtual.follow(park, days)


@shared_task(base=TenantTask, name="energy.tasks.work_out_days")
def work_out_days(park_id: int, channel_id: str, first_day: str, last_day: str) -> None:
    """Some days of a virtual channel, so many at a time; it asks for the rest of them anew."""
    park, first, last = Park.objects.get(pk=park_id), date.fromisoformat(first_day), date.fromisoformat(last_day)
    virtual.work_out_days(park, UUID(channel_id), first, last, now=timezone.now())


@shared_task(base=TenantTask, name="energy.tasks.work_out_channel")
def work_out_channel(park_id: int, channel_id: str, after: str = "") -> None:
    """All days of a virtual channel, so many at a time; it asks for itself anew while there are more."""
    park, since = Park.objects.get(pk=park_id), date.fromisoformat(after) if after else None
    last = virtual.work_out_all(park, UUID(channel_id), after=since, now=timezone.now())
    if last is not None:
        told = {"park_id": park_id, "channel_id": channel_id, "after": last.isoformat()}
        transaction.on_commit(lambda: work_out_channel.delay(**told))


@shared_task(base=TenantTask, name="energy.tasks.tell_of_question")
def tell_of_question(park_id: int, reading_issue_id: str) -> None:
    """Readings that are asked for again. Written once, however often it runs."""
    quality.tell_of_question(UUID(reading_issue_id))


@shared_task(base=SteppedTask, name="energy.tasks.fetch_feed", **PERIODIC)
def fetch_feed(park_id: int, feed_id: str) -> Iterator[None]:
    """What is new at the source of a feed, a file a step."""
    return fetch_steps(UUID(feed_id), timezone.now)


@shared_task(base=TenantTask, name="energy.tasks.watch_feeds", **PERIODIC)
def watch_feeds(park_id: int) -> None:
    """Those whose time has come, those that are silent, and files and undoings whose worker died."""
    park, now = Park.objects.get(pk=park_id), timezone.now()
    take_up_abandoned(park_id, now)
    undoing.take_up_abandoned(park_id, now)
    ask_for_due(park, now)
    tell_of_silence(park, now)


@shared_task(base=PlatformTask, name="energy.tasks.watch_feeds_of_every_park", **PERIODIC)
def watch_feeds_of_every_park() -> None:
    for park_id in Park.objects.filter(status=ParkStatus.ACTIVE).values_list("pk", flat=True):
        watch_feeds.delay(park_id=park_id)
