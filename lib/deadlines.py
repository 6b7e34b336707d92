"""The time left, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import formatting


@dataclass(frozen=True, slots=True)
class Clock:
    """The time left until something is due; `used` in percent of the time there was."""

    words: str
    used: int
    state: str


def clock(due_at: datetime | None, since: datetime | None, now: datetime) -> Clock | None:
    """Words first: hours within a day, else days and hours. None where nothing is due."""
    if due_at is None:
        return None
    left = due_at - now
    if left < timedelta(0):
        return Clock(_("%(time)s over") % {"time": _length(-left)}, 100, "bad")
    whole = due_at - since if since and since < due_at else left
    used = round(100 * (1 - left / whole)) if whole else 100
    state = "warn" if left <= timedelta(days=1) else "mute"
    return Clock(_("%(time)s left") % {"time": _length(left)}, min(max(used, 0), 100), state)


def _length(span: timedelta) -> str:
    """
    >>> _length(timedelta(days=1, hours=3)), _length(timedelta(minutes=50)), _length(timedelta(days=12, hours=5))
    ('1 d 3 h', '50 min', '12 d')
    """
    hours = span.seconds // 3600
    if span < timedelta(hours=1):
        return _("%(minutes)s min") % {"minutes": max(span.seconds // 60, 1)}
    if not span.days:
        return _("%(hours)s h") % {"hours": hours}
    if span.days >= 10 or not hours:
        return _("%(days)s d") % {"days": span.days}
    return _("%(days)s d %(hours)s h") % {"days": span.days, "hours": hours}


def day_words(when: datetime | date, *, compact: bool = False) -> str:
    """A day, of an instant the one in the active zone, as plain words to be put into a sentence."""
    on = timezone.localdate(when) if isinstance(when, datetime) else when
    return formatting.day(on, compact)


def days_until(due_at: datetime, now: datetime) -> str:
    """Whole days for a task list: "3 days left", "due today", "2 days over"."""
    days = (timezone.localdate(due_at) - timezone.localdate(now)).days
    if days < 0:
        return ngettext("%(days)s day over", "%(days)s days over", -days) % {"days": -days}
    if days == 0:
        return _("due today")
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
