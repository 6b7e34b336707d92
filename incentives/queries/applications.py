"""Reads of applications, for both sides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet, Sum

from incentives.calculations import Granted
from incentives.choices import DECIDED, EDITABLE, ENDED, ApplicationState, AwardState
from incentives.models import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    FieldComment,
)
from lib.periods import last_moment, local_day
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership

MOST_SHOWN = 20
# Grants that count against no cap any more: void, or revoked and everything paid is back.
GIVEN_BACK = Q(award__state=AwardState.VOID) | Q(award__state=AwardState.REVOKED) & (
    Q(award__clawback__principal_cny=0) | Q(award__clawback__returned_on__isnull=False)
)


def kept_documents() -> QuerySet[ApplicationDocument]:
    return ApplicationDocument.objects.filter(removed_at=None)


def applications(actor: Actor) -> QuerySet[Application]:
    """What the actor may see, with what a line of a list names."""
    return Application.objects.visible_to(actor).select_related("enterprise", "programme_version")


def application_page(actor: Actor) -> QuerySet[Application]:
    """One application with everything its pages tell: documents, timeline, comments."""
    return applications(actor).prefetch_related(
        Prefetch("documents", kept_documents(), to_attr="kept_documents"),
        Prefetch("steps", ApplicationStep.objects.order_by("at", "id"), to_attr="timeline"),
        Prefetch("field_comments", FieldComment.objects.order_by("round", "at", "id"), to_attr="comments"),
    )


def documents(actor: Actor) -> QuerySet[ApplicationDocument]:
    """The files the actor may open: those of the applications they may see."""
    visible = Application.objects.visible_to(actor)
    return kept_documents().filter(application__in=visible).select_related("application")


def unfinished_applications(actor: Actor) -> list[Application]:
    """Drafts and returned applications, what was returned first."""
    rows = application_page(actor).filter(state__in=EDITABLE)
    returned_first = F("due_at").asc(nulls_last=True)
    return list(rows.order_by(returned_first, "programme_version__closes_on", "id")[:MOST_SHOWN])


def latest_filed(actor: Actor) -> Application | None:
    """The application on whose way the home page reports."""
    rows = application_page(actor).filter(submitted_at__isnull=False).exclude(state__in=ENDED)
    return rows.order_by("-submitted_at").first()


def recent_decisions(actor: Actor, most: int = 5) -> list[Application]:
    return list(applications(actor).filter(state__in=DECIDED).order_by("-decided_at")[:most])


def people_with_role(actor: Actor, role: Role) -> list[str]:
    """Names of the actor's colleagues in the enterprise who hold the role."""
    if actor.park_id is None or actor.enterprise_id is None:
        return []
    memberships = Membership.objects.active().of_enterprise(actor.park_id, actor.enterprise_id).with_role(role)
    return list(memberships.order_by("user__name").values_list("user__name", flat=True))


def granted_before(application: Application, today: date) -> Granted:
    """What the enterprise was granted under the programme, over all its versions, before this one was decided.

    The year that counts is that of the decision, of `today` where there is none yet; by the days of the park.
    """
    version = application.programme_version
    in_year = Q(pk=None) if version.cap_year_cny is None else _in_year_of(application, today)
    granted = (
        Application.objects.in_state(ApplicationState.APPROVED)
        .filter(
            park_id=application.park_id,
            enterprise_id=application.enterprise_id,
            programme_version__programme_id=application.programme_version.programme_id,
        )
        .exclude(GIVEN_BACK)
    )
    if application.decided_at is not None:
        granted = granted.filter(decided_at__lt=application.decided_at)
    sums = granted.exclude(pk=application.pk).aggregate(
        total=Sum("approved_cny"), year=Sum("approved_cny", filter=in_year)
    )
    return Granted(sums["total"] or Decimal(0), sums["year"] or Decimal(0))


def granted_by_programme(actor: Actor, programme_ids: Iterable[UUID], ended: datetime) -> dict[UUID, Granted]:
    """What the enterprise of the actor was granted under each programme, and of it after a moment."""
    granted = Application.objects.visible_to(actor).in_state(ApplicationState.APPROVED).exclude(GIVEN_BACK)
    sums = granted.filter(programme_version__programme__in=programme_ids).order_by()
    found = sums.values_list("programme_version__programme").annotate(
        total=Sum("approved_cny"), year=Sum("approved_cny", filter=Q(decided_at__gt=ended))
    )
    return {key: Granted(total or Decimal(0), year or Decimal(0)) for key, total, year in found}


def _in_year_of(application: Application, today: date) -> Q:
    """What was decided in the same year, in the zone of the park."""
    zone = application.park.time_zone
    year = (local_day(application.decided_at, zone) if application.decided_at else today).year
    ended, ends = (last_moment(date(of, 12, 31), zone) for of in (year - 1, year))
    return Q(decided_at__gt=ended, decided_at__lte=ends)
