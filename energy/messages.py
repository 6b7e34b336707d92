"""The messages about feeds, with the words of the portal."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from accounts.messages import Audience, Fact, Letters, register

FACTS = {
    "feed": Fact(_("name of the feed"), _("Gateway of substation 3")),
    "since": Fact(_("since when no file came"), "2026-11-22 08:00 UTC+8"),
    "problem": Fact(_("what went wrong at the last fetch"), _("The server cannot be reached. It is tried again.")),
}
LETTERS = Letters("energy", FACTS, always=("feed",))
_silent = partial(
    LETTERS.kind,
    label=_("A feed of readings is silent"),
    subject=_("No readings from “%(feed)s”"),
    text=_("The feed “%(feed)s” has brought no file since %(since)s. %(problem)s"),
    required="feed since",
    also="problem",
)
FEED_SILENT = _silent("feed_silent", audience=Audience.OFFICIAL)
OWN_FEED_SILENT = _silent("own_feed_silent", audience=Audience.ENTERPRISE)

register(FEED_SILENT, OWN_FEED_SILENT)
