"""Days of readings with something wrong in them, in the scope of their park."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from energy.calculations.clock import EPOCH
from energy.choices import ActKind, IssueState, QualityRule, Severity
from energy.models import Channel, ReadingAct, ReadingIssue
from energy.services import quality
from tests.energy.cases import NOW
from tests.factories.measured import day_of

FIRST = date(2026, 10, 12)
"""A Monday behind the holidays."""


def usual(day: date) -> list[float]:
    """A working day from 10 to 19.5 kWh an hour and less at the weekend, never twice the same in a row."""
    share = 1.0 if day.weekday() < 5 else 0.5
    return [round(share * (10 + 0.4 * hour + 0.1 * (hour % 3)), 3) for hour in range(24)]


def usual_days(channel: Channel, count: int, *, first: date = FIRST, changed: Mapping[date, Any] | None = None) -> None:
    """So many days of hourly readings; `changed` maps some of them to other values, None to none at all."""
    for day in (first + timedelta(days=step) for step in range(count)):
        values = (changed or {}).get(day, usual(day))
        if values is not None:
            day_of(channel, day, values)


def asked_issue(channel: Channel, by: User, reason: str, day: date = FIRST) -> tuple[ReadingIssue, ReadingAct]:
    """One whose readings somebody asked for again."""
    owned = {"park_id": channel.park_id, "enterprise_id": channel.enterprise_id, "channel": channel, "day": day}
    issue = ReadingIssue.objects.create(
        rule=QualityRule.MISSING,
        severity=Severity.WARNING,
        state=IssueState.ASKED,
        places=[0],
        fingerprint="x",
        **owned,
    )
    act = ReadingAct.objects.create(issue=issue, kind=ActKind.ASK, reason=reason, by=by, by_name=by.name, **owned)
    return issue, act


def check(channel: Channel, *days: date, now: Any = NOW) -> None:
    numbers = [(day - EPOCH).days for day in days]
    quality.check_days(channel.park_id, channel.park.time_zone, {channel.pk: numbers}, now=now)


def issues(channel: Channel) -> list[tuple[str, str, list[int], str]]:
    rows = ReadingIssue.objects.filter(channel=channel).order_by("day", "rule")
    return [(row.day.isoformat(), row.rule, row.places, row.state) for row in rows]


def with_changes(day: date, changes: Mapping[int, float | None]) -> list[float | None]:
    values: list[float | None] = list(usual(day))
    for place, value in changes.items():
        values[place] = value
    return values
