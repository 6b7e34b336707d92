"""What the rows of this app are called in the audit trail: by the number of the application they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model

from incentives.choices import DocumentKind
from incentives.models import (
    Agreement,
    Appeal,
    AppealPaper,
    Application,
    ApplicationDocument,
    ApplicationStep,
    Award,
    Dossier,
    Duplicate,
    FieldComment,
    LedgerEntry,
    ObjectionPaper,
    PanelSeat,
    Review,
)
from parks.audit_words import column_word
from parks.row_names import known_columns
from tenancy.models import AuditEvent

APPLICATIONS = Application._meta.db_table
# What tells the application they belong to, and what they are about besides.
PARTS: dict[type[Model], tuple[str, ...]] = {
    ApplicationDocument: ("application_id", "name"),
    ApplicationStep: ("application_id",),
    FieldComment: ("application_id", "field"),
    Review: ("application_id",),
    PanelSeat: ("application_id",),
    LedgerEntry: ("application_id",),
    Award: ("application_id",),
    Dossier: ("application_id",),
    Duplicate: ("later_id",),
    Appeal: ("application_id",),
    AppealPaper: ("appeal__application_id", "name"),
    Agreement: ("award__application_id", "name"),
    ObjectionPaper: ("objection__line__award__application_id", "name"),
}


def names_of_applications(events: Sequence[AuditEvent]) -> dict[int, str]:
    """Names by event: "EMC-2026-0412", for one of its documents or comments with what that is about."""
    parts = {
        event_id: known
        for model, columns in PARTS.items()
        for event_id, known in known_columns(events, model, columns).items()
    }
    applications = {event_id: _application_of(columns) for event_id, columns in parts.items()}
    applications |= {event.pk: event.row_id for event in events if event.table_name == APPLICATIONS}
    filed = Application.objects.filter(pk__in={pk for pk in applications.values() if pk}).exclude(number="")
    numbers = {str(pk): number for pk, number in filed.values_list("pk", "number")}
    return {
        event_id: _name(numbers[application_id], parts.get(event_id, {}))
        for event_id, application_id in applications.items()
        if application_id in numbers
    }


def _application_of(columns: Mapping[str, Any]) -> str:
    told = (value for name, value in columns.items() if name == "later_id" or name.endswith("application_id"))
    return str(next(filter(None, told), ""))


def _name(number: str, columns: Mapping[str, Any]) -> str:
    about = _field_word(columns["field"]) if columns.get("field") else columns.get("name", "")
    return f"{number} · {about}" if about else number


def _field_word(field: str) -> str:
    """What a comment is about: an answer, or a document by its kind."""
    kind = field.removeprefix("document_")
    return str(DocumentKind(kind).label) if kind in DocumentKind.values else column_word(APPLICATIONS, field)
