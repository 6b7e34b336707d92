"""The import of a checked file: chunk by chunk into the register, each row once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from enterprises import events
from enterprises.choices import EnterpriseStepKind, ImportState, RowOutcome
from enterprises.facts import stored_value
from enterprises.models import Enterprise, EnterpriseStep, RegisterImport, RegisterImportRow
from enterprises.permissions import tied_enterprises
from enterprises.services.imports.checking import COUNTS, changes_of, reject
from enterprises.services.imports.problems import RowProblem
from enterprises.services.imports.steps import ROWS_A_STEP, end, keep, taken_up
from enterprises.services.register import NAMES, rename_places
from parks.models import Invitation, Membership

# One statement for a chunk, whichever facts each row changes: what it does not change is written as it is.
WRITE_CHANGES = """
UPDATE enterprises_enterprise AS kept SET {columns}, updated_at = %s
FROM jsonb_populate_recordset(NULL::enterprises_enterprise, %s::jsonb) AS given WHERE kept.id = given.id
"""


@dataclass(slots=True)
class Chunk:
    """What is found out of the rows of a step before anything is written."""

    new: list[RegisterImportRow] = field(default_factory=list)
    changing: list[tuple[RegisterImportRow, Enterprise]] = field(default_factory=list)
    settled: list[RegisterImportRow] = field(default_factory=list)


def import_rows(import_id: UUID, by_user_id: int, clock: Callable[[], datetime]) -> Iterator[None]:
    """Write the checked rows into the register, a chunk before each `yield`, which commits it.

    A row is marked in the transaction that writes it: begun again, by one worker or two, it goes on with the others.
    """
    while True:
        current = taken_up(import_id, ImportState.IMPORTING, clock())
        if current is None:
            return
        rows = list(waiting_rows(current)[:ROWS_A_STEP])
        if not rows:
            end(current, ImportState.DONE, clock())
            return
        _import_chunk(current, rows, by_user_id, clock())
        keep(current, clock())
        yield


def waiting_rows(current: RegisterImport) -> QuerySet[RegisterImportRow]:
    wanted = [RowOutcome.NEW, RowOutcome.UPDATE] if current.are_updates_wanted else [RowOutcome.NEW]
    rows = RegisterImportRow.objects.filter(register_import=current, outcome__in=wanted, done_at=None)
    return rows.order_by("number")


def _import_chunk(current: RegisterImport, rows: Sequence[RegisterImportRow], by_user_id: int, now: datetime) -> None:
    chunk = _sorted_out(current, rows, by_user_id)
    registered = _register(current, chunk, now)
    updated = _update(chunk, now)
    steps = _tell_steps(updated, by_user_id, now)
    done = [*registered, *(row for row, _enterprise in updated)]
    RegisterImportRow.objects.filter(pk__in=[row.pk for row in done]).update(done_at=now)
    for row in chunk.settled:
        row.done_at = now
    RegisterImportRow.objects.bulk_update(chunk.settled, ["outcome", "reason", "problems", "enterprise_id", "done_at"])
    current.rows_done += len(done)
    current.rows_to_confirm -= sum(row.needs_confirmation for row in registered)
    if done:
        events.enterprises_imported.publish(
            park_id=current.park_id,
            register_import_id=current.pk,
            by_user_id=by_user_id,
            registered=[row.enterprise_id for row in registered],
            updated=[row.enterprise_id for row, _enterprise in updated],
            step_ids=[step.pk for step in steps],
        )


def _tell_steps(
    updated: Sequence[tuple[RegisterImportRow, Enterprise]], by_user_id: int, now: datetime
) -> list[EnterpriseStep]:
    """What the file changed stands in the timeline of each enterprise, for those who were not asked."""
    if not updated:
        return []
    by = User.objects.get(pk=by_user_id)
    return EnterpriseStep.objects.bulk_create(
        EnterpriseStep(
            park_id=enterprise.park_id,
            enterprise=enterprise,
            kind=EnterpriseStepKind.CORRECTED,
            at=now,
            by=by,
            by_name=by.name,
            is_by_official=True,
            changes=row.changes,
        )
        for row, enterprise in updated
    )


def _sorted_out(current: RegisterImport, rows: Sequence[RegisterImportRow], by_user_id: int) -> Chunk:
    """Each row against the register as it is now, which is held until the end of the step."""
    chunk = Chunk()
    known = Enterprise.objects.filter(park_id=current.park_id, credit_code__in=[row.credit_code for row in rows])
    registered = {found.credit_code: found for found in known.order_by("pk").select_for_update(of=("self",))}
    # After the lock, for which whoever declares an interest waits.
    tied = tied_enterprises(by_user_id, [found.pk for found in registered.values()])
    for row in rows:
        enterprise = registered.get(row.credit_code)
        if enterprise is None and row.outcome == RowOutcome.NEW:
            chunk.new.append(row)
        elif enterprise is not None and enterprise.pk in tied:
            _settle(current, chunk, row, enterprise, otherwise=RowProblem.NOT_IMPARTIAL)
        elif enterprise is not None and _is_as_shown(row, enterprise):
            chunk.changing.append((row, enterprise))
        else:
            _settle(current, chunk, row, enterprise)
    return chunk


def _is_as_shown(row: RegisterImportRow, enterprise: Enterprise) -> bool:
    """Whether importing the row still does what the check has shown."""
    is_update = row.outcome == RowOutcome.UPDATE and not enterprise.has_ended
    return is_update and changes_of(enterprise, row.facts) == row.changes


def _settle(
    current: RegisterImport,
    chunk: Chunk,
    row: RegisterImportRow,
    enterprise: Enterprise | None,
    *,
    otherwise: RowProblem | None = None,
) -> None:
    """A row that somebody was faster with: the same facts are unchanged, all others are for a person to look at."""
    was = RowOutcome(row.outcome)
    if enterprise is not None and not enterprise.has_ended and not changes_of(enterprise, row.facts):
        row.outcome, row.enterprise_id = RowOutcome.UNCHANGED, enterprise.pk
    else:
        reject(
            row,
            otherwise or (RowProblem.REGISTERED_MEANWHILE if was == RowOutcome.NEW else RowProblem.CHANGED_MEANWHILE),
        )
    for outcome, change in ((was, -1), (RowOutcome(row.outcome), 1)):
        setattr(current, COUNTS[outcome], getattr(current, COUNTS[outcome]) + change)
    current.rows_to_confirm -= row.needs_confirmation
    chunk.settled.append(row)


def _register(current: RegisterImport, chunk: Chunk, now: datetime) -> list[RegisterImportRow]:
    """Enter the new ones; whoever registers one of them by hand in the same moment is waited for, and wins."""
    made = [
        Enterprise(
            id=row.enterprise_id,
            park_id=current.park_id,
            created_at=now,
            **{name: stored_value(name, text) for name, text in row.facts.items()},
        )
        for row in chunk.new
    ]
    Enterprise.objects.bulk_create(made, ignore_conflicts=True)
    entered = set(Enterprise.objects.filter(pk__in=[enterprise.pk for enterprise in made]).values_list("pk", flat=True))
    for row in chunk.new:
        if row.enterprise_id not in entered:
            winner = Enterprise.objects.filter(park_id=current.park_id, credit_code=row.credit_code).first()
            _settle(current, chunk, row, winner)
    return [row for row in chunk.new if row.enterprise_id in entered]


def _update(chunk: Chunk, now: datetime) -> list[tuple[RegisterImportRow, Enterprise]]:
    names = sorted({name for row, _enterprise in chunk.changing for name in row.changes})
    if not names:
        return []
    for row, enterprise in chunk.changing:
        for name, (_before, after) in row.changes.items():
            setattr(enterprise, name, stored_value(name, after))
    given = [{"id": str(found.pk)} | {name: _as_json(found, name) for name in names} for _row, found in chunk.changing]
    columns = ", ".join(f"{name} = given.{name}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(WRITE_CHANGES.format(columns=columns), [now, json.dumps(given, ensure_ascii=False)])
    _rename_places([found for row, found in chunk.changing if not row.changes.keys().isdisjoint(NAMES)])
    return chunk.changing


def _as_json(enterprise: Enterprise, name: str) -> object:
    value = getattr(enterprise, name)
    return value if value is None or isinstance(value, bool | int) else str(value)


def _rename_places(renamed: Sequence[Enterprise]) -> None:
    """Most enterprises of a register have nobody here yet: only those with people or invitations are looked up."""
    ids = [enterprise.pk for enterprise in renamed]
    if not ids:
        return
    peopled = set(Membership.objects.filter(enterprise_id__in=ids).values_list("enterprise_id", flat=True))
    peopled |= set(Invitation.objects.filter(enterprise_id__in=ids).values_list("enterprise_id", flat=True))
    for enterprise in renamed:
        if enterprise.pk in peopled:
            rename_places(enterprise)
