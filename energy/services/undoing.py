"""Undoing an import of readings: asked for by a person with a reason, done by the worker a chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from energy.choices import ImportState
from energy.events import import_undo_asked, import_undone, readings_corrected
from energy.models import ENDED_IMPORTS, FALLEN_IMPORTS, MOST_TAKEN_UP, ImportUndo, ReadingImport, ReadingTrace
from energy.permissions import can_change_row, guard
from energy.services.readings.taking_back import TakenBack, take_back
from enterprises.services.ground import lock_to_keep
from lib.refusals import Refusal
from parks.actors import Actor

Clock = Callable[[], datetime]


class UndoneAlready(Refusal):
    code = "import_undone"


class NotUndoable(Refusal):
    """The import is at work, changed nothing, or is from before the portal kept what imports replace."""

    code = "import_not_undoable"


@transaction.atomic
def ask_to_undo(actor: Actor, reading_import: ReadingImport, *, reason: str, now: datetime) -> ImportUndo:
    """Have the worker undo an import: from now on what it said of readings does not stand. Once for each import.

    Raises `UndoneAlready`, `NotUndoable`.
    """
    guard(can_change_row(actor, reading_import))
    if reading_import.enterprise is not None:
        lock_to_keep(actor, reading_import.enterprise)
    rows = ReadingImport.objects.select_for_update(of=("self",))
    row = rows.get(park_id=reading_import.park_id, pk=reading_import.pk)
    refuse_to_undo(row)
    row.state = ImportState.UNDOING
    row.save(update_fields=["state"])
    undo = ImportUndo.objects.create(
        park_id=row.park_id,
        enterprise_id=row.enterprise_id,
        reading_import=row,
        reason=reason,
        by_id=actor.user_id,
        by_name=actor.name,
        at=now,
    )
    _queue(undo)
    return undo


def refuse_to_undo(row: ReadingImport) -> None:
    """Raises `UndoneAlready`, `NotUndoable`."""
    if row.state in FALLEN_IMPORTS:
        raise UndoneAlready(_("This import is undone already."))
    if row.state not in ENDED_IMPORTS:
        raise NotUndoable(_("This import is at work. Stop it first, then undo what it stored."))
    if not row.is_traced:
        raise NotUndoable(_("This import is from before the portal kept what imports replace. It cannot be undone."))
    if not ReadingTrace.objects.filter(park_id=row.park_id, reading_import=row).exists():
        raise NotUndoable(_("This import stored nothing: there is nothing to undo."))


@transaction.atomic
def go_on_with_undo(actor: Actor, undo: ImportUndo, *, now: datetime) -> ImportUndo:
    """Queue the undoing of an import again that lost its worker; it goes on behind the last chunk."""
    guard(can_change_row(actor, undo.reading_import))
    row = _locked(undo.pk)
    if not row.is_abandoned(now):
        raise NotUndoable(_("The worker is at it, or has ended already."))
    row.beat_at, row.taken_up = now, 0
    row.save(update_fields=["beat_at", "taken_up"])
    _queue(row)
    return row


@transaction.atomic
def take_up_abandoned(park_id: int, now: datetime) -> int:
    """Give the undoings of a park whose worker died to another one, unasked. Safe to repeat: it is a sign of life.

    One that workers have begun on `MOST_TAKEN_UP` times without getting on waits for a person.
    """
    unfinished = ImportUndo.objects.filter(park_id=park_id, finished_at=None, taken_up__lt=MOST_TAKEN_UP)
    # Who is at a chunk holds its row: that one lives.
    rows = [row for row in unfinished.select_for_update(of=("self",), skip_locked=True) if row.is_abandoned(now)]
    for row in rows:
        row.beat_at = now
        row.save(update_fields=["beat_at"])
        _queue(row)
    return len(rows)


def undo_steps(import_undo_id: UUID, clock: Clock) -> Iterator[None]:
    """Take back what an import said until all is done, from where it was left; each step is for a transaction.

    A worker may die between any two steps; two at once come one after the other, each on with the next chunk. The first
    step says that one has begun.
    """
    undo = _locked(import_undo_id)
    if undo.finished_at is not None:
        return
    undo.beat_at, undo.taken_up = clock(), undo.taken_up + 1
    undo.save(update_fields=["beat_at", "taken_up"])
    yield
    while True:
        undo = _locked(import_undo_id)
        if undo.finished_at is not None:
            return
        traces = ReadingTrace.objects.filter(park_id=undo.park_id, reading_import_id=undo.reading_import_id)
        trace = traces.filter(pk__gt=undo.last_trace).order_by("pk").first()
        now = clock()
        if trace is None:
            _end(undo, now)
            return
        _write_down(undo, trace, take_back(undo, trace, now), now)
        yield


def _write_down(undo: ImportUndo, trace: ReadingTrace, taken: TakenBack, now: datetime) -> None:
    undo.last_trace, undo.beat_at, undo.taken_up = trace.pk, now, 0
    undo.readings_restored += taken.restored
    undo.readings_kept += taken.kept
    days = [*filter(None, (undo.first_day, undo.last_day)), *(day for span in taken.days.values() for day in span)]
    undo.first_day, undo.last_day = min(days, default=None), max(days, default=None)
    undo.save()
    readings_corrected.publish_each(
        {
            "park_id": undo.park_id,
            "channel_id": str(channel.pk),
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
        }
        for channel, (first, last) in taken.days.items()
    )


def _end(undo: ImportUndo, now: datetime) -> None:
    undo.finished_at = undo.beat_at = now
    undo.save(update_fields=["finished_at", "beat_at"])
    row = undo.reading_import
    row.state = ImportState.UNDONE
    row.save(update_fields=["state"])
    import_undone.publish(park_id=undo.park_id, import_undo_id=str(undo.pk))


def _locked(import_undo_id: UUID) -> ImportUndo:
    rows = ImportUndo.objects.select_for_update(of=("self",)).select_related("reading_import", "park")
    return rows.get(pk=import_undo_id)


def _queue(undo: ImportUndo) -> None:
    import_undo_asked.publish(park_id=undo.park_id, import_undo_id=str(undo.pk))
