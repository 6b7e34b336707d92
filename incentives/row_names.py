"""What the rows of this app are called in the audit trail: by the number of the application they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from incentives.choices import DocumentKind
from incentives.models import Application, ApplicationDocument, ApplicationStep, FieldComment, Review
from parks.audit_words import column_word
from tenancy.models import AuditEvent

APPLICATIONS = Application._meta.db_table
PARTS = {model._meta.db_table: model for model in (ApplicationDocument, ApplicationStep, FieldComment, Review)}


def names_of_applications(events: Sequence[AuditEvent]) -> dict[int, str]:
    """Names by event: "EMC-2026-0412", for one of its documents or comments with what that is about."""
    applications = {**_told(events), **_looked_up(events)}
    filed = Application.objects.filter(pk__in=set(applications.values())).exclude(number="")
    numbers = dict(filed.values_list("pk", "number"))
    return {
        event.pk: _name(numbers[applications[event.pk]], _columns(event))
        for event in events
        if applications.get(event.pk) in numbers
    }


def _name(number: str, columns: Mapping[str, Any]) -> str:
    about = _field_word(columns["field"]) if columns.get("field") else columns.get("name", "")
    return f"{number} · {about}" if about else number


def _field_word(field: str) -> str:
    """What a comment is about: an answer, or a document by its kind."""
    kind = field.removeprefix("document_")
    return str(DocumentKind(kind).label) if kind in DocumentKind.values else column_word(APPLICATIONS, field)


def _columns(event: AuditEvent) -> dict[str, Any]:
    return {**(event.before or {}), **(event.after or {})}


def _told(events: Sequence[AuditEvent]) -> dict[int, UUID]:
    """The applications of the events that name theirs, by event."""
    told = {event.pk: event.row_id for event in events if event.table_name == APPLICATIONS}
    told |= {
        event.pk: str(_columns(event).get("application_id") or "") for event in events if event.table_name in PARTS
    }
    return {event_id: UUID(application_id) for event_id, application_id in told.items() if application_id}


def _looked_up(events: Sequence[AuditEvent]) -> dict[int, UUID]:
    """The applications of changed parts, whose events name only what changed."""
    silent: defaultdict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        if event.table_name in PARTS and "application_id" not in _columns(event):
            silent[event.table_name][event.row_id].append(event.pk)
    return {
        event_id: application_id
        for table, rows in silent.items()
        for row_id, application_id in PARTS[table].objects.filter(pk__in=rows).values_list("pk", "application_id")
        for event_id in rows[str(row_id)]
    }
