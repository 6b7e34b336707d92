from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from tenancy.events import Event
from tenancy.models import OutboxEvent

logger = structlog.get_logger(__name__)
BATCH = 100
MOST_ATTEMPTS = 20
KEPT = timedelta(days=30)


@transaction.atomic
def relay_events(now: datetime) -> int:
    """Send what waits in the outbox to its receivers; answer how many events were sent.

    Safe to run many times at once: each relay takes rows that no other holds. An event whose receivers fail stays,
    with its error; after `MOST_ATTEMPTS` it is left for a person, loudly, and blocks no other.
    """
    waiting = OutboxEvent.objects.filter(dispatched_at=None, attempts__lt=MOST_ATTEMPTS).order_by("created_at")
    sent = 0
    for event in waiting.select_for_update(skip_locked=True)[:BATCH]:
        failures = _send(event)
        event.attempts += 1
        event.last_error = "; ".join(failures)[:2000]
        if not failures:
            event.dispatched_at = now
            sent += 1
        event.save(update_fields=["attempts", "last_error", "dispatched_at"])
    return sent


def _send(event: OutboxEvent) -> list[str]:
    known = Event.registry.get(event.name)
    if known is None:
        logger.error("event_unknown", event_name=event.name, event_id=str(event.id))
        return [f"no event is named {event.name}"]
    answers = known.send_robust(sender=None, **event.payload)
    failures = [f"{receiver.__module__}: {answer!r}" for receiver, answer in answers if isinstance(answer, Exception)]
    if failures:
        logger.error("event_not_received", event_name=event.name, event_id=str(event.id), failures=failures)
    return failures


def forget_sent_events(now: datetime) -> int:
    """Delete events sent more than `KEPT` ago; the audit trail keeps what they were about."""
    return OutboxEvent.objects.filter(dispatched_at__lt=now - KEPT).delete()[0]
