"""A feed in words: whether it is well, when it is fetched, what went wrong the last time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from energy.models import Feed
from energy.services.trials import Trial
from energy.sources.problems import problem_words as words_of
from energy.views.import_words import advice, failure_line_words, rule_words


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
    return words_of(feed.last_problem)


def schedule_words(feed: Feed) -> str:
    """When files are looked for, by the clock of the park."""
    if not feed.is_fetched:
        return str(feed.get_source_display())
    if feed.every_minutes is None:
        return _("When somebody asks for it")
    if feed.is_daily and feed.daily_at is not None:
        return _("Every day at %(time)s") % {"time": f"{feed.daily_at:%H:%M}"}
    return str(feed.get_every_minutes_display())


def trial_words(trial: Trial) -> dict[str, Any]:
    """What a trial found, ready for its page."""
    counts = trial.counts
    read, rejected = (counts.read, counts.rejected) if counts else (0, 0)
    return {
        "problem": words_of(trial.problem) if trial.problem else "",
        "failure": failure_line_words(trial.failure, trial.failure_line) if trial.failure else "",
        "read": read,
        "rejected": rejected,
        "parts": [
            (_("Would be stored"), counts.stored if counts else 0),
            (_("Unchanged"), counts.unchanged if counts else 0),
            (_("Rejected"), rejected),
        ],
        "refused": [(row, rule_words(row.rule), advice(row.rule)) for row in trial.refused],
    }
