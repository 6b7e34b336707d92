"""Reads of awards, notices and objections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from incentives.award_permissions import handled_by
from incentives.choices import AwardState, ObjectionState
from incentives.models import (
    Agreement,
    Application,
    Award,
    Instalment,
    LedgerEntry,
    Notice,
    NoticeLine,
    Objection,
    ObjectionPaper,
    ProgrammeVersion,
)
from parks.actors import Actor
from parks.models import Park


def awards(actor: Actor) -> QuerySet[Award]:
    """Every award of the park, each with how many objections to it are open."""
    still_open = Count("notice_line__objections", filter=Q(notice_line__objections__state=ObjectionState.OPEN))
    rows = Award.objects.of_park(actor.park_id).annotate(open_objections=still_open)
    return rows.select_related("application__programme_version", "enterprise", "notice_line__notice")


def awards_seen_by(actor: Actor) -> QuerySet[Award]:
    """Those of the own enterprise for its people, every one of the park for officials."""
    rows = Award.objects.filter(application__in=Application.objects.visible_to(actor))
    return rows.select_related("application__programme_version", "enterprise")


def awards_with_payments(actor: Actor) -> QuerySet[Award]:
    """The same, the latest approval first, each with its notice and its payments."""
    payments = Prefetch("instalments", Instalment.objects.select_related("payment"))
    rows = awards_seen_by(actor).select_related("notice_line__notice").prefetch_related(payments)
    return rows.order_by("-opened_at", "id")


def agreements(actor: Actor) -> QuerySet[Agreement]:
    return Agreement.objects.filter(award__in=awards_seen_by(actor)).select_related("award__application")


def pending_awards(actor: Actor) -> QuerySet[Award]:
    """What a notice can name, the earliest approval first."""
    rows = Award.objects.of_park(actor.park_id).filter(state=AwardState.PENDING)
    return rows.select_related("application", "enterprise").order_by("opened_at", "application__number")


def versions_with_pending(actor: Actor) -> list[ProgrammeVersion]:
    """Those under which awards wait for a notice, each with how many are `waiting`."""
    waits = Q(applications__award__state=AwardState.PENDING)
    rows = ProgrammeVersion.objects.of_park(actor.park_id).filter(waits).annotate(waiting=Count("applications__award"))
    return list(rows.only("code", "number", "title_en", "title_zh").order_by("code", "number"))


def objections_of(award: Award) -> list[Objection]:
    return list(Objection.objects.filter(line__award=award).prefetch_related("papers").order_by("filed_at"))


def objections(actor: Actor) -> QuerySet[Objection]:
    rows = Objection.objects.filter(line__award__in=Award.objects.of_park(actor.park_id))
    return rows.select_related("line__award__application__enterprise", "line__notice")


def senders_of(award: Award) -> list[dict[str, Any]]:
    """Places that objections to the award came from and that sent several to the park which are open, the most first:
    `sender` and how `many`.
    """
    still_open = (
        Objection.objects.filter(park_id=award.park_id, state=ObjectionState.OPEN).exclude(sender="").order_by()
    )
    here = still_open.filter(line__award=award).values("sender")
    counted = still_open.filter(sender__in=here).values("sender").annotate(many=Count("pk"))
    return [dict(found) for found in counted.filter(many__gt=1).order_by("-many", "sender")]


def objections_to_sift(actor: Actor, award: Award, sender: str = "") -> QuerySet[Objection]:
    """The open ones to an award, or all those of one sender to any award of the park, the first filed first.

    Those to awards that the actor is kept from are left out: a colleague handles them.
    """
    handled = handled_by(actor, Application.objects.of_park(actor.park_id))
    rows = objections(actor).filter(state=ObjectionState.OPEN, line__award__application__in=handled)
    chosen = rows.filter(sender=sender) if sender else rows.filter(line__award=award)
    return chosen.order_by("filed_at", "pk")


def objection_papers(actor: Actor) -> QuerySet[ObjectionPaper]:
    return ObjectionPaper.objects.filter(objection__in=objections(actor))


def award_of(application: Application) -> Award | None:
    return Award.objects.filter(application=application).select_related("notice_line__notice").first()


def entries_of(application: Application) -> list[LedgerEntry]:
    return list(application.ledger_entries.select_related("budget_year").order_by("at", "id"))


def public_notices(park: Park) -> QuerySet[Notice]:
    lines = NoticeLine.objects.filter(notice=OuterRef("pk")).order_by().values("notice").annotate(many=Count("pk"))
    return (
        Notice.objects.filter(park=park).annotate(line_count=Subquery(lines.values("many"))).order_by("-published_at")
    )


def notices_to_read(park: Park, now: datetime) -> QuerySet[Notice]:
    """Those that run before those that are over, each the newest first."""
    is_running = Case(When(ends_at__gte=now, then=True), default=False)
    return public_notices(park).annotate(is_running=is_running).order_by("-is_running", "-published_at", "pk")


def running_notices(park: Park, now: datetime) -> QuerySet[Notice]:
    return public_notices(park).filter(ends_at__gte=now)
