"""Events of the business: past tense, ids and plain values only, never lost.

`publish` writes the event in the transaction of the act, so both happen or neither; the relay sends it to the
receivers in the worker, which only enqueue tasks. An event may be sent twice after a crash: tasks are repeatable.
"""

from __future__ import annotations

from typing import Any, ClassVar

import structlog
from django.db import transaction
from django.dispatch import Signal
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from tenancy.models import OutboxEvent

logger = structlog.get_logger(__name__)
RELAY_TASK = "tenancy.tasks.relay_events"


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
        connection = transaction.get_connection()
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError(f"{self.name} was published outside a transaction")
        OutboxEvent.objects.create(name=self.name, payload=payload)
        if not any(callback is nudge_relay for _ids, callback, _robust in connection.run_on_commit):
            transaction.on_commit(nudge_relay)


def nudge_relay() -> None:
    """Ask the worker to send what waits. Without a broker nothing is lost: the periodic relay finds it.

    The task is named, not imported: tasks stand above events.
    """
    try:
        import_string(RELAY_TASK).apply_async(retry=False)
    except OperationalError:
        logger.warning("relay_not_reached")
