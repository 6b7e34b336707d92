"""Reads of programmes and of their money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from incentives.choices import ProgrammeStatus
from incentives.models import (
    Application,
    Programme,
)
from parks.actors import Actor
from tenancy.models import AuditEvent


def filed_programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes that were ever published: one can filter by them."""
    return Programme.objects.of_park(actor.park_id).exclude(status=ProgrammeStatus.DRAFT).order_by("code")


def changes_of(park_id: int | None, programme_id: UUID) -> QuerySet[AuditEvent]:
    """The trail of a programme's row, the oldest first. Who changes it holds it, so that the keys are in order."""
    rows = AuditEvent.objects.filter(park_id=park_id, table_name=Programme._meta.db_table, row_id=str(programme_id))
    return rows.order_by("id")


def last_change_of(park_id: int | None, programme_id: UUID) -> int:
    """Names the state of a programme that is read after this: nothing that comes later was seen."""
    return changes_of(park_id, programme_id).values_list("id", flat=True).last() or 0


def published_first(programmes: Iterable[Programme]) -> list[Programme]:
    """Those of the given that are published, what opened last first: in the order of `published`."""
    published = (programme for programme in programmes if programme.status == ProgrammeStatus.PUBLISHED)
    return sorted(published, key=lambda programme: (-programme.opens_on.toordinal(), programme.code))


@dataclass(frozen=True, slots=True)
class Budget:
    """A programme's money: what was committed, what is asked for by applications that wait, and what is left."""

    programme: Programme
    in_review_cny: Decimal
    in_review_count: int

    @property
    def free_cny(self) -> Decimal:
        """What would be left if everything that waits were approved in full; never below zero."""
        return max(self.programme.left_cny - self.in_review_cny, Decimal(0))

    @property
    def short_cny(self) -> Decimal:
        """By how much the requests that wait exceed what is left."""
        return max(self.in_review_cny - self.programme.left_cny, Decimal(0))


def budgets(actor: Actor, programmes: Iterable[Programme] | None = None) -> list[Budget]:
    """The money of the given programmes, by default of the published ones."""
    chosen = list(Programme.objects.of_park(actor.park_id).published() if programmes is None else programmes)
    of_chosen = Application.objects.visible_to(actor).waiting().filter(programme_version__programme__in=chosen)
    waiting = of_chosen.order_by().values_list("programme_version__programme")
    asked = {key: (total, count) for key, total, count in waiting.annotate(t=Sum("requested_cny"), n=Count("pk"))}
    return [Budget(programme, *asked.get(programme.pk, (Decimal(0), 0))) for programme in chosen]


def budget_of(actor: Actor, programme: Programme) -> Budget:
    return budgets(actor, [programme])[0]


def programmes(actor: Actor) -> QuerySet[Programme]:
    filed = Application.objects.filter(
        programme_version__programme=OuterRef("pk"), submitted_at__isnull=False
    ).order_by()
    count = filed.values("programme_version__programme").annotate(n=Count("pk")).values("n")
    return Programme.objects.of_park(actor.park_id).annotate(filed_count=Subquery(count))


def filed_counts(actor: Actor, programme: Programme) -> dict[str, int]:
    rows = Application.objects.visible_to(actor).filter(programme_version__programme=programme)
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def drafts_of_programmes(actor: Actor) -> list[Programme]:
    """Programmes that are written but not published: the administrator's own work."""
    return list(Programme.objects.of_park(actor.park_id).filter(status=ProgrammeStatus.DRAFT))
