"""Events of the business: past tense, ids and plain values only, never lost.

`publish` writes the event in the transaction of the act, so both happen or neither; the relay sends it to the
receivers in the worker, which only enqueue tasks. An event may be sent twice after a crash: tasks are repeatable.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import transaction
from django.dispatch import Signal

from tenancy.models import OutboxEvent
from tenancy.nudges import Nudge

nudge_relay = Nudge("tenancy.tasks.relay_events")


class Event(Signal):
    """A named signal with a durable outbox."""

    registry: ClassVar[dict[str, Event]] = {}

    def __init__(self, name: str) -> None:
        super().__init__()
        if name in self.registry:
            raise ValueError(f"Two events are named {name}")
        self.name = name
        self.registry[name] = self

    def publish(self, **payload: Any) -> None:
        """Announce what the current transaction does. Must be called inside one: an event without its act is a lie."""
        self.publish_each([payload])

    def publish_each(self, payloads: Iterable[dict[str, Any]]) -> None:
        """Announce one event for each payload, in one statement."""
        if not transaction.get_connection().in_atomic_block:
            raise transaction.TransactionManagementError(f"{self.name} was published outside a transaction")
        OutboxEvent.objects.bulk_create(OutboxEvent(name=self.name, payload=payload) for payload in payloads)
        nudge_relay.on_commit()
