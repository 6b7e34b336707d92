"""What every step of the worker begins and ends with: the import locked, and a sign of life."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from enterprises.choices import ImportState
from enterprises.models import RegisterImport

ROWS_A_STEP = 500
COUNTED = (
    "rows_total",
    "rows_checked",
    "rows_done",
    "rows_new",
    "rows_updated",
    "rows_unchanged",
    "rows_rejected",
    "rows_to_confirm",
)
PROGRESS = (*COUNTED, "state", "failure", "is_cancel_asked", "beat_at", "finished_at")


def taken_up(import_id: UUID, state: ImportState, now: datetime) -> RegisterImport | None:
    """The import, locked until the end of the step; None when there is nothing left to do in this state.

    Whoever asked for it to be stopped is answered here.
    """
    current = RegisterImport.objects.select_related("park").select_for_update(of=("self",)).filter(pk=import_id).first()
    if current is None or current.state != state:
        return None
    if current.is_cancel_asked or current.park.is_read_only:
        stop(current, now)
        return None
    return current


def stop(current: RegisterImport, now: datetime) -> None:
    """End before all is done. Half a check says nothing: the columns wait to be matched again."""
    if current.state != ImportState.CHECKING:
        end(current, ImportState.CANCELLED, now)
        return
    for name in COUNTED:
        setattr(current, name, 0)
    end(current, ImportState.UPLOADED, now)


def keep(current: RegisterImport, now: datetime) -> None:
    """Write how far it has come, with the rows of the same transaction."""
    current.beat_at = now
    current.save(update_fields=list(PROGRESS))


def end(current: RegisterImport, state: ImportState, now: datetime, *, failure: str = "") -> None:
    current.state, current.failure, current.finished_at, current.is_cancel_asked = state, failure, now, False
    keep(current, now)
