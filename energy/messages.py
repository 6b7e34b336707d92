"""The messages about feeds and readings, with the words of the portal."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from accounts.messages import Audience, Fact, Letters, register

FACTS = {
    "feed": Fact(_("name of the feed"), _("Gateway of substation 3")),
    "since": Fact(_("since when no file came"), "2026-11-22 08:00 UTC+8"),
    "meter": Fact(_("name of the meter"), _("Main intake A")),
    "day": Fact(_("day of the readings"), "2026-11-12"),
    "finding": Fact(_("what was found"), _("Readings are missing")),
    "until": Fact(_("until when they are expected"), "2026-11-25"),
    "wish": Fact(_("what the park asks for"), _("Please send the file of the gateway again.")),
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
OF_READINGS = Letters("energy", FACTS, always=("meter",))
_asked = partial(
    OF_READINGS.kind,
    label=_("Readings are asked for again"),
    subject=_("Readings of “%(meter)s” are asked for again"),
    text=_("Of “%(meter)s” on %(day)s: %(finding)s. Readings are expected until %(until)s. %(wish)s"),
    required="meter day until",
    also="finding wish",
)
READINGS_ASKED = _asked("readings_asked", audience=Audience.OFFICIAL)
OWN_READINGS_ASKED = _asked("own_readings_asked", audience=Audience.ENTERPRISE)

register(FEED_SILENT, OWN_FEED_SILENT, READINGS_ASKED, OWN_READINGS_ASKED)
