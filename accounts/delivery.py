"""Handing the mail that waits to the mail server, without losing or repeating any."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from accounts.choices import Way
from accounts.models import OutgoingMail
from accounts.preferences import ways_of
from accounts.services import nudge_delivery
from lib.backoff import delay_after

logger = structlog.get_logger(__name__)
BATCH = 20
MOST_ATTEMPTS = 12
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)


@transaction.atomic
def deliver_waiting_mail(now: datetime) -> int:
    """Send up to `BATCH` messages that are due; answer how many the mail server took.

    Safe to run many times at once: each run holds its messages and leaves those of another alone. A server that cannot
    be reached costs no message an attempt. A message it refuses waits longer each time and is given up loudly after
    `MOST_ATTEMPTS`; it holds up no other. Killed half-way, a run may send a message twice: both carry one Message-ID.
    """
    waiting = list(OutgoingMail.objects.due(now, MOST_ATTEMPTS).select_for_update(skip_locked=True)[:BATCH])
    mails = _wanted_at_once(waiting)
    taken = _hand_over(mails, now) if mails else 0
    if taken is not None and len(waiting) == BATCH:
        nudge_delivery.on_commit()
    return taken or 0


def _wanted_at_once(waiting: list[OutgoingMail]) -> list[OutgoingMail]:
    """What its reader wants to hear now; the rest is kept for the daily mail, or stays in the inbox alone."""
    chosen = ways_of(waiting)
    for mail in waiting:
        mail.way = chosen.get(mail.pk, Way.AT_ONCE)
    others = [mail for mail in waiting if mail.way != Way.AT_ONCE]
    OutgoingMail.objects.bulk_update(others, ["way"])
    return [mail for mail in waiting if mail.way == Way.AT_ONCE]


def _hand_over(mails: list[OutgoingMail], now: datetime) -> int | None:
    """How many the server took; None where it cannot be reached."""
    connection = get_connection()
    try:
        connection.open()
    except OSError:
        logger.exception("mail_server_not_reached", waiting=len(mails))
        return None
    try:
        return sum(_deliver(mail, connection, now) for mail in mails)
    finally:
        connection.close()


def _deliver(mail: OutgoingMail, connection: BaseEmailBackend, now: datetime) -> bool:
    mail.attempts += 1
    try:
        _message(mail, connection).send()
    except (OSError, ValueError) as error:
        # SMTPException is an OSError; ValueError comes from an address or a header that cannot be written.
        _postpone(mail, f"{type(error).__name__}: {error}", now)
        # After a refusal the session with the server is in an unknown state: the next message opens a new one.
        connection.close()
        return False
    mail.sent_at, mail.last_error, mail.next_attempt_at = now, "", None
    _forget_secret(mail)
    mail.save(update_fields=["attempts", "sent_at", "last_error", "next_attempt_at", "url"])
    return True


def _postpone(mail: OutgoingMail, error: str, now: datetime) -> None:
    mail.last_error = error[:500]
    mail.next_attempt_at = now + delay_after(mail.attempts, FIRST_DELAY, LONGEST_DELAY)
    is_given_up = mail.attempts >= MOST_ATTEMPTS
    if is_given_up:
        _forget_secret(mail)
    mail.save(update_fields=["attempts", "last_error", "next_attempt_at", "url"])
    if is_given_up:
        logger.error(
            "mail_given_up", mail_id=str(mail.pk), mail_key=mail.key, attempts=mail.attempts, error=mail.last_error
        )
    else:
        logger.warning("mail_not_sent", mail_id=str(mail.pk), attempts=mail.attempts, error=mail.last_error)


def _forget_secret(mail: OutgoingMail) -> None:
    """A link that opens an account is nobody's any more once the message has left, or never will."""
    if mail.is_private and not settings.SHOWS_MAIL:
        mail.url = ""


def _message(mail: OutgoingMail, connection: BaseEmailBackend) -> EmailMessage:
    link = f"\n\n{settings.SITE_URL}{mail.url}" if mail.url else ""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{mail.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(mail.subject, f"{mail.text}{link}\n", to=[mail.address], headers=headers, connection=connection)
