"""What people call a row of which the audit trail knows little more than its identifier.

A change names only the columns that changed, and the number of an application is seldom among them. What a row is
called by a column of its own is looked up here. For rows that are known by what they belong to, the app that keeps them
registers a reader in `AppConfig.ready`:

    row_names.register(names_of_applications)

    def names_of_applications(events: Sequence[AuditEvent]) -> dict[int, str]: ...

It is asked once for all events of a page, inside the scope of who reads them, and answers the names of those it knows,
by the id of the event; the others keep the name that their own columns tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models

from parks.audit_words import TABLES, name_columns, row_name
from tenancy.models import AuditEvent

Reader: TypeAlias = Callable[[Sequence[AuditEvent]], Mapping[int, str]]

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Safe to repeat with the same reader."""
    if reader not in _readers:
        _readers.append(reader)


def names_of(events: Sequence[AuditEvent]) -> dict[int, str]:
    """By event; at the price of a query for each kind of row on the page whose events do not tell its name."""
    told = {event_id: name for reader in _readers for event_id, name in reader(events).items()}
    return told | _own_names([event for event in events if event.pk not in told])


def known_columns(
    events: Sequence[AuditEvent], model: type[models.Model], columns: Collection[str]
) -> dict[int, dict[str, Any]]:
    """Columns of the rows of one model, by event: as the event tells them, the others as the row has them now.

    A row that is gone, or that the reader may not see, has none of the others. An identifier is a text where the event
    tells it.
    """
    told = {
        event.pk: {**(event.before or {}), **(event.after or {})}
        for event in events
        if event.table_name == model._meta.db_table
    }
    silent = {event.row_id for event in events if event.pk in told and not told[event.pk].keys() >= set(columns)}
    now = {str(row["pk"]): row for row in model._default_manager.filter(pk__in=silent).values("pk", *columns)}
    return {event.pk: {**now.get(event.row_id, {}), **told[event.pk]} for event in events if event.pk in told}


def _own_names(events: Sequence[AuditEvent]) -> dict[int, str]:
    present = {event.table_name for event in events}
    named = {model: name_columns(table) for table, model in _audited().items() if table in present}
    return {
        event_id: row_name(columns)
        for model, names in named.items()
        if names
        for event_id, columns in known_columns(events, model, names).items()
    }


def _audited() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models() if model._meta.db_table in TABLES}
