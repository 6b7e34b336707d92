"""Reads of appeals."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from incentives.award_permissions import can_handle_objections
from incentives.choices import ObjectionState
from incentives.models import Appeal, AppealPaper, Application, Review
from parks.actors import Actor


def appeals(actor: Actor) -> QuerySet[Appeal]:
    """Those of the own enterprise for its people, every one of the park for officials."""
    rows = Appeal.objects.filter(application__in=Application.objects.visible_to(actor))
    return rows.select_related("application__programme_version", "application__park", "enterprise")


def appeal_papers(actor: Actor) -> QuerySet[AppealPaper]:
    return AppealPaper.objects.filter(appeal__in=appeals(actor))


def appeals_of(application: Application) -> list[Appeal]:
    rows = Appeal.objects.filter(application=application).select_related("application__park")
    return list(rows.prefetch_related("papers").order_by("filed_at"))


def appeals_for(actor: Actor) -> QuerySet[Appeal] | None:
    """Open ones that the actor, who has not decided on the application, can rule on; the oldest first."""
    if not can_handle_objections(actor) or actor.is_read_only:
        return None
    decided = Review.objects.filter(application=OuterRef("application"), decided_by_id=actor.user_id)
    return appeals(actor).filter(~Exists(decided), state=ObjectionState.OPEN).order_by("filed_at", "id")
