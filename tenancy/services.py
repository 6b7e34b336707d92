from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from lib.backoff import delay_after
from tenancy.events import Event, nudge_relay
from tenancy.models import OutboxEvent

logger = structlog.get_logger(__name__)
BATCH = 100
MOST_ATTEMPTS = 20
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
KEPT = timedelta(days=30)
KNOWN_WITHIN = timedelta(days=1)
"""How long an event may be unknown: a worker of the version before meets those of the one that is being rolled out."""


@transaction.atomic
def relay_events(now: datetime) -> int:
    """Send what is due in the outbox to its receivers; answer how many events were sent.

    Safe to run many times at once: each relay takes rows that no other holds. An event whose receivers fail stays with
    its error and waits longer each time; after `MOST_ATTEMPTS`, about half a day, it is left for a person, loudly.
    """
    due = list(OutboxEvent.objects.due(now, MOST_ATTEMPTS).select_for_update(skip_locked=True)[:BATCH])
    sent = sum(_relay(event, now) for event in due)
    if len(due) == BATCH:
        nudge_relay.on_commit()
    return sent


def _relay(event: OutboxEvent, now: datetime) -> bool:
    if event.name not in Event.registry and event.created_at < now - KNOWN_WITHIN:
        _drop(event, now)
        return False
    failures = _send(event)
    event.attempts += 1
    event.last_error = "; ".join(failures)[:2000]
    if failures:
        event.next_attempt_at = now + delay_after(event.attempts, FIRST_DELAY, LONGEST_DELAY)
    else:
        event.dispatched_at, event.next_attempt_at = now, None
    event.save(update_fields=["attempts", "last_error", "dispatched_at", "next_attempt_at"])
    if failures and event.attempts >= MOST_ATTEMPTS:
        logger.error("event_given_up", event_name=event.name, event_id=str(event.id), attempts=event.attempts)
    return not failures


def _drop(event: OutboxEvent, now: datetime) -> None:
    """What no version knows any more is of an act whose receivers were taken away: it ends here, for the record."""
    logger.warning("event_dropped", event_name=event.name, event_id=str(event.id), waiting_since=event.created_at)
    event.dispatched_at, event.next_attempt_at = now, None
    event.last_error = f"no event is named {event.name} any more"
    event.save(update_fields=["dispatched_at", "next_attempt_at", "last_error"])


@transaction.atomic
def resend_given_up_events() -> int:
    """Let the relay try again what it gave up, once the cause is mended; answer how many events. Safe to repeat."""
    again = OutboxEvent.objects.given_up(MOST_ATTEMPTS).update(attempts=0, next_attempt_at=None)
    nudge_relay.on_commit()
    return again


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
