"""Files on their way into the register, and their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from enterprises.choices import ImportState, RowOutcome
from enterprises.models import RegisterImport, RegisterImportRow
from parks.actors import Actor


def imports_of(actor: Actor) -> QuerySet[RegisterImport]:
    """The files of the actor's park."""
    return RegisterImport.objects.filter(park_id=actor.park_id or 0)


def rows_with(
    register_import: RegisterImport,
    outcome: str = "",
    reason: str = "",
    *,
    to_confirm: bool = False,
    name_alike: bool = False,
) -> QuerySet[RegisterImportRow]:
    """The rows of a file in the order of the sheet, narrowed by what is given."""
    rows = RegisterImportRow.objects.filter(register_import=register_import)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if reason:
        rows = rows.filter(reason=reason)
    if to_confirm:
        rows = rows.filter(needs_confirmation=True, outcome=RowOutcome.NEW, done_at=None)
    if name_alike:
        rows = rows.filter(outcome=RowOutcome.NEW, problems__contains=[{"rule": "name_alike"}])
    return rows.order_by("number")


def reasons_of(register_import: RegisterImport) -> list[tuple[str, int]]:
    """Why rows are rejected, by the first problem of each: the counts add up to all rejected rows."""
    rejected = RegisterImportRow.objects.filter(register_import=register_import, outcome=RowOutcome.REJECTED)
    counted = rejected.order_by().values_list("reason").annotate(rows=Count("pk"))
    return sorted(counted, key=lambda reason: (-reason[1], reason[0]))


def earlier_matching(actor: Actor, headings: Sequence[str]) -> Mapping[str, int] | None:
    """How the columns of the latest file with the same headings were matched."""
    alike = imports_of(actor).filter(headings=list(headings)).exclude(mapping={})
    latest: RegisterImport | None = alike.order_by("-uploaded_at").first()
    return latest.mapping if latest else None


def rejected_numbers(register_import: RegisterImport) -> dict[int, list[dict[str, Any]]]:
    """The rejected rows of the sheet, each with its problems."""
    rows = rows_with(register_import, RowOutcome.REJECTED)
    return dict(rows.values_list("number", "problems"))


def has_report(register_import: RegisterImport) -> bool:
    """Whether every row was checked, so that what is shown of them adds up."""
    unchecked = {ImportState.UPLOADED, ImportState.CHECKING, ImportState.FAILED}
    return register_import.state not in unchecked and register_import.rows_checked > 0
