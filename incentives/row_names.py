"""What the rows of this app are called in the audit trail: by the number of the application they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from incentives.models import Application, ApplicationDocument, ApplicationStep, FieldComment, Review
from incentives.views.answers import label_of
from tenancy.models import AuditEvent

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
    about = label_of(columns["field"]) if columns.get("field") else columns.get("name", "")
    return f"{number} · {about}" if about else number


def _columns(event: AuditEvent) -> dict[str, Any]:
    return {**(event.before or {}), **(event.after or {})}


def _told(events: Sequence[AuditEvent]) -> dict[int, UUID]:
    """The applications of the events that name theirs, by event."""
    own = Application._meta.db_table
    told = {event.pk: event.row_id for event in events if event.table_name == own}
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
