"""One mail a day with what a person did not want to hear at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import OutgoingMail, User
from accounts.services import write_mail
from lib.formatting import day
from lib.periods import local_day

DIGEST_FROM_HOUR = 7
"""Of the reader's own clock."""
MOST_IN_FULL = 30
"""Messages that a daily mail repeats; of the others it says how many wait in the inbox."""


def readers_due(now: datetime) -> list[int]:
    """Who has something to read, whose morning has come, and who has not had today's mail."""
    waiting = OutgoingMail.objects.for_digest().order_by().values("recipient")
    people = User.objects.filter(pk__in=waiting, is_active=True).order_by("pk")
    keys = {_key(person, now): person.pk for person in people if _local(now, person).hour >= DIGEST_FROM_HOUR}
    written = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
    return [pk for key, pk in keys.items() if key not in written]


@transaction.atomic
def write_digest(user_id: int, now: datetime) -> int:
    """Write today's mail of a person, unless there is one already; answer how many messages it tells of.

    The mail and the mark on what it tells of are one transaction, so that killed at any moment nothing is told twice or
    left out. Safe to repeat, also at the same time: the second run waits for the rows and finds them told.
    """
    person = User.objects.get(pk=user_id)
    key = _key(person, now)
    mails = list(OutgoingMail.objects.for_digest().filter(recipient=person).select_for_update(of=("self",)))
    if not mails or OutgoingMail.objects.filter(key=key).exists():
        return 0
    with translation.override(person.language):
        subject, text = _subject(mails, now, person), _text(mails)
    url = reverse("accounts:inbox")
    write_mail(key=key, recipient=person, subject=subject, text=text, url=url, is_private=True)
    OutgoingMail.objects.filter(pk__in=[mail.pk for mail in mails]).update(sent_at=now)
    return len(mails)


def _key(person: User, now: datetime) -> str:
    return f"accounts.digest:{person.pk}:{local_day(now, person.time_zone).isoformat()}"


def _local(now: datetime, person: User) -> datetime:
    return now.astimezone(ZoneInfo(person.time_zone))


def _subject(mails: Sequence[OutgoingMail], now: datetime, person: User) -> str:
    words = ngettext("%(count)s message, %(day)s", "%(count)s messages, %(day)s", len(mails))
    return words % {"count": len(mails), "day": day(_local(now, person).date())}


def _text(mails: Sequence[OutgoingMail]) -> str:
    """Each as it would have come by itself, with its own link; the link to the inbox follows the text."""
    parts = [_part(mail) for mail in mails[:MOST_IN_FULL]]
    rest = len(mails) - MOST_IN_FULL
    if rest > 0:
        words = ngettext("%(count)s more waits in your inbox.", "%(count)s more wait in your inbox.", rest)
        parts.append(words % {"count": rest})
    parts.append(_("Which messages come in this mail you choose on the page “How you are told”. All of them:"))
    return "\n\n".join(parts)


def _part(mail: OutgoingMail) -> str:
    link = f"\n{settings.SITE_URL}{mail.url}" if mail.url else ""
    return f"■ {mail.subject}\n{mail.text}{link}"
