from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """Language tags as Django writes them; each is named in itself."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Way(models.TextChoices):
    """How a person hears of something; the inbox of the portal keeps it in any case."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("In one mail a day")
    NEVER = "never", _("Only in the inbox")


def time_zone_choices() -> list[tuple[str, str | Promise]]:
    """The zones a person of a park is likely to be in; the park's own zone decides days, this one only display."""
    return [
        ("Asia/Shanghai", _("China Standard Time (UTC+8)")),
        ("Asia/Urumqi", _("Urumqi (UTC+6)")),
        ("Asia/Hong_Kong", _("Hong Kong (UTC+8)")),
        ("Asia/Singapore", _("Singapore (UTC+8)")),
        ("Asia/Tokyo", _("Tokyo (UTC+9)")),
        ("Europe/Berlin", _("Berlin (UTC+1, +2 in summer)")),
        ("Europe/London", _("London (UTC+0, +1 in summer)")),
        ("America/New_York", _("New York (UTC−5, −4 in summer)")),
        ("America/Los_Angeles", _("Los Angeles (UTC−8, −7 in summer)")),
        ("UTC", "UTC"),
    ]
