"""Reads of awards, notices and objections."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from incentives.choices import AwardState, ObjectionState
from incentives.models import Application, Award, LedgerEntry, Notice, Objection
from parks.actors import Actor
from parks.models import Park


def awards(actor: Actor) -> QuerySet[Award]:
    """Every award of the park, each with how many objections to it are open."""
    still_open = Count("notice_line__objections", filter=Q(notice_line__objections__state=ObjectionState.OPEN))
    rows = Award.objects.of_park(actor.park_id).annotate(open_objections=still_open)
    return rows.select_related("application__programme_version", "enterprise", "notice_line__notice")


def pending_awards(actor: Actor) -> list[Award]:
    """What a notice can name, by programme."""
    rows = awards(actor).filter(state=AwardState.PENDING)
    return list(rows.order_by("application__programme_version__code", "application__number"))


def objections_of(award: Award) -> list[Objection]:
    return list(Objection.objects.filter(line__award=award).order_by("filed_at"))


def objections(actor: Actor) -> QuerySet[Objection]:
    rows = Objection.objects.filter(line__award__in=Award.objects.of_park(actor.park_id))
    return rows.select_related("line__award__application__enterprise", "line__notice")


def award_of(application: Application) -> Award | None:
    return Award.objects.filter(application=application).select_related("notice_line__notice").first()


def entries_of(application: Application) -> list[LedgerEntry]:
    return list(application.ledger_entries.select_related("budget_year").order_by("at", "id"))


def public_notices(park: Park) -> QuerySet[Notice]:
    return Notice.objects.filter(park=park).annotate(line_count=Count("lines")).order_by("-published_at")


def running_notices(park: Park, now: datetime) -> QuerySet[Notice]:
    return public_notices(park).filter(ends_at__gte=now)
