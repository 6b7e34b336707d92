"""Issues of readings as a list of work, and what was decided of one."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from energy.models import WAITING_ISSUES, Channel, ReadingAct, ReadingIssue
from energy.permissions import can_correct
from energy.queries import register
from energy.querysets import ReadingIssueQuerySet
from parks.actors import Actor

WAITING = "waiting"


def issues(actor: Actor) -> QuerySet[ReadingIssue]:
    """Those the actor may see, with their meter and whose it is."""
    rows = ReadingIssue.objects.visible_to(actor)
    return rows.select_related("channel__meter__enterprise", "channel__enterprise", "park")


def found(actor: Actor, words: str) -> ReadingIssueQuerySet:
    """Those of meters in whose serial number, name, place or owner every word occurs."""
    rows = ReadingIssue.objects.visible_to(actor)
    if not words:
        return rows
    return rows.filter(channel__meter__in=register.found(actor, words).order_by().values("pk"))


def issues_for(actor: Actor) -> QuerySet[ReadingIssue] | None:
    """What waits for the actor, who may decide it."""
    if not can_correct(actor):
        return None
    return ReadingIssue.objects.visible_to(actor).filter(state__in=WAITING_ISSUES)


def issues_of(channel: Channel, starts_on: date, ends_on: date) -> QuerySet[ReadingIssue]:
    """What waits of the days of a channel from `starts_on` up to, not including, `ends_on`."""
    return ReadingIssue.objects.filter(
        park_id=channel.park_id,
        channel=channel,
        day__gte=starts_on,
        day__lt=ends_on,
        state__in=WAITING_ISSUES,
    ).order_by("day", "rule")


def acts_of(issue: ReadingIssue) -> list[ReadingAct]:
    return list(ReadingAct.objects.filter(park_id=issue.park_id, issue=issue).order_by("at", "pk"))


def one_act(actor: Actor) -> QuerySet[ReadingAct]:
    visible = ReadingIssue.objects.visible_to(actor).values("pk")
    return ReadingAct.objects.filter(issue__in=visible).select_related("issue__channel__enterprise", "issue__park")
