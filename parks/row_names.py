"""What people call a row of which the audit trail knows little more than its identifier.

A change names only the columns that changed, and the number of an application is seldom among them. The app that keeps
the rows registers a reader in `AppConfig.ready`:

    row_names.register(names_of_applications)

    def names_of_applications(events: Sequence[AuditEvent]) -> dict[int, str]: ...

It is asked once for all events of a page, inside the scope of who reads them, and answers the names of those it knows,
by the id of the event; the others keep the name that their own columns tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from tenancy.models import AuditEvent

Reader: TypeAlias = Callable[[Sequence[AuditEvent]], Mapping[int, str]]

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Safe to repeat with the same reader."""
    if reader not in _readers:
        _readers.append(reader)


def names_of(events: Sequence[AuditEvent]) -> dict[int, str]:
    return {event_id: name for reader in _readers for event_id, name in reader(events).items()}
