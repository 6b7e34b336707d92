"""A feed in words: whether it is well, when it is fetched, what went wrong the last time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from energy.models import Feed

PROBLEMS: dict[str, Any] = {
    "address_refused": gettext_lazy("The address leads into a network that the portal does not enter."),
    "bad_address": gettext_lazy("The address cannot be read. Check how it is written."),
    "bad_answer": gettext_lazy("The server answers in a way that cannot be read."),
    "folder_missing": gettext_lazy("There is no such folder. The operator of the portal makes it."),
    "host_key_changed": gettext_lazy("The server shows another host key than the one that is kept here."),
    "no_secret": gettext_lazy("The secret that is kept cannot be opened any more. Enter it again."),
    "not_found": gettext_lazy("The server does not know this address."),
    "sign_in_refused": gettext_lazy("The server refuses the user name, the password or the key."),
    "server_error": gettext_lazy("The server reports an error of its own. It is tried again."),
    "too_large": gettext_lazy("The file is larger than a feed may bring. Have it written in parts."),
    "too_slow": gettext_lazy("The server is too slow, or silent. It is tried again."),
    "too_many_files": gettext_lazy("The place holds more files than can be looked through. Move old ones away."),
    "too_many_redirects": gettext_lazy("The address leads from one place to the next without end."),
    "tls_failed": gettext_lazy("The server cannot prove who it is: its certificate is not valid."),
    "unreachable": gettext_lazy("The server cannot be reached. It is tried again."),
}


def feed_badge(feed: Feed, now: datetime) -> tuple[str, str]:
    """The state of the badge and its word."""
    if feed.is_paused:
        return "mute", pgettext("feed", "Paused")
    if feed.last_problem:
        return "bad", pgettext("feed", "Cannot be fetched")
    if feed.is_silent(now):
        return "warn", pgettext("feed", "Silent")
    return "ok", pgettext("feed", "On")


def problem_words(feed: Feed) -> str:
    return str(PROBLEMS.get(feed.last_problem) or feed.last_problem)


def schedule_words(feed: Feed) -> str:
    """When files are looked for, by the clock of the park."""
    if not feed.is_fetched:
        return str(feed.get_source_display())
    if feed.every_minutes is None:
        return _("When somebody asks for it")
    if feed.is_daily and feed.daily_at is not None:
        return _("Every day at %(time)s") % {"time": f"{feed.daily_at:%H:%M}"}
    return str(feed.get_every_minutes_display())
