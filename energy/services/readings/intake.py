"""Taking a file in, once for each feed, and stopping or resuming the work on it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from energy.choices import ImportState
from energy.events import reading_import_queued
from energy.models import FALLEN_IMPORTS, MOST_TAKEN_UP, RUNNING_IMPORTS, Feed, ReadingImport
from energy.services.readings.pipeline import end_import
from lib.refusals import Refusal
from parks.actors import Actor

CONTENT_TYPE = "application/octet-stream"
WORKER_LOST = "worker_lost"
NEVER_AGAIN = FALLEN_IMPORTS | {ImportState.DONE}


class ImportNotNow(Refusal):
    """The import is not in a state in which this can be done."""

    code = "import_not_now"


class FeedPaused(Refusal):
    """The feed takes no files."""

    code = "feed_paused"


@transaction.atomic
def take_in_file(
    *,
    feed: Feed,
    upload: File,
    name: str,
    by: Actor | None,
    now: datetime,
    again: bool = False,
    once: bool = False,
) -> ReadingImport:
    """Keep a file as it came and queue it. The caller has asked whether `by` may; nobody is the command line.

    A file that the feed has taken already, byte by byte, is not taken again: the import of then is answered, unless it
    failed, was cancelled or undone, or rejected something, or `again` asks for it. `once`: whatever became of it, for
    files that are found where they were time and again.
    """
    if feed.is_paused:
        raise FeedPaused(_("This feed is paused."))
    digest = _digest(upload)
    # Two uploads of the same file wait for each other here.
    Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    same = ReadingImport.objects.filter(park_id=feed.park_id, feed=feed, sha256=digest)
    running = same.filter(state__in=RUNNING_IMPORTS).first()
    done = same.first() if once else same.filter(state=ImportState.DONE, readings_rejected=0).first()
    if known := running or (None if again else done):
        return known
    reading_import = ReadingImport(
        park_id=feed.park_id,
        enterprise_id=feed.enterprise_id,
        feed=feed,
        name=name[:200],
        content_type=CONTENT_TYPE,
        size_bytes=upload.size or 0,
        sha256=digest,
        uploaded_by_id=by.user_id if by else None,
        uploaded_by_name=by.name if by else "",
        uploaded_at=now,
        is_traced=True,
    )
    reading_import.file.save(name, upload, save=False)
    reading_import.save(force_insert=True)
    Feed.objects.filter(pk=feed.pk).update(last_file_at=now, waits_since=now, silence_told_at=None)
    _queue(reading_import)
    return reading_import


def _digest(upload: File) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks(1024 * 1024):
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _queue(reading_import: ReadingImport) -> None:
    reading_import_queued.publish(park_id=reading_import.park_id, reading_import_id=str(reading_import.pk))


@transaction.atomic
def ask_to_cancel(reading_import: ReadingImport, *, now: datetime) -> ReadingImport:
    """Stop an import. What waits ends at once, what runs ends behind its current chunk; what was stored stays."""
    row = _locked(reading_import)
    if not row.is_running:
        raise ImportNotNow(_("This import has ended already."))
    row.is_cancel_asked = True
    row.save(update_fields=["is_cancel_asked"])
    if row.state == ImportState.QUEUED or row.is_abandoned(now):
        end_import(row, ImportState.CANCELLED, now)
    return row


@transaction.atomic
def resume_import(reading_import: ReadingImport, *, now: datetime) -> ReadingImport:
    """Queue an import again that failed, was cancelled, or lost its worker; it goes on behind its last chunk."""
    row = _locked(reading_import)
    if row.state in NEVER_AGAIN or (row.is_running and not row.is_abandoned(now)):
        raise ImportNotNow(_("This import is at work or has ended already."))
    if not row.is_running:
        row.state = ImportState.QUEUED
    row.is_cancel_asked, row.failure, row.failure_line, row.finished_at = False, "", None, None
    row.beat_at, row.taken_up = now, 0
    row.save(
        update_fields=["state", "is_cancel_asked", "failure", "failure_line", "finished_at", "beat_at", "taken_up"]
    )
    _queue(row)
    return row


@transaction.atomic
def take_up_abandoned(park_id: int, now: datetime) -> int:
    """Give the imports of a park whose worker died, or whose task was lost, to another worker, unasked.

    One that workers have taken up `MOST_TAKEN_UP` times without getting on fails and waits for a person; how long it
    waits in the queue for them is nothing against it. Safe to repeat: asking for it is a sign of life.
    """
    running = ReadingImport.objects.filter(park_id=park_id, state__in=RUNNING_IMPORTS)
    # Who is at a chunk holds its row: that one lives.
    rows = [row for row in running.select_for_update(of=("self",), skip_locked=True) if row.is_silent(now)]
    for row in rows:
        if row.is_cancel_asked:
            end_import(row, ImportState.CANCELLED, now)
        elif row.taken_up >= MOST_TAKEN_UP and row.state == ImportState.RUNNING:
            row.failure = WORKER_LOST
            end_import(row, ImportState.FAILED, now)
        else:
            row.beat_at = now
            row.save(update_fields=["beat_at"])
            _queue(row)
    return len(rows)


def _locked(reading_import: ReadingImport) -> ReadingImport:
    return ReadingImport.objects.select_for_update(of=("self",)).get(
        park_id=reading_import.park_id, pk=reading_import.pk
    )
