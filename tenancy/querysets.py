from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import F, Q, QuerySet

if TYPE_CHECKING:
    from tenancy.models import AuditEvent, OutboxEvent  # noqa: F401


class AuditEventQuerySet(QuerySet["AuditEvent"]):
    """The audit trail, narrowed."""

    def of_row(self, table_name: str, row_id: UUID | int | str) -> Self:
        return self.filter(table_name=table_name, row_id=str(row_id))

    def by_user(self, user_id: int) -> Self:
        return self.filter(user_id=user_id)

    def between(self, starts_at: datetime, ends_at: datetime) -> Self:
        return self.filter(at__gte=starts_at, at__lt=ends_at)


class OutboxEventQuerySet(QuerySet["OutboxEvent"]):
    def waiting(self) -> Self:
        return self.filter(dispatched_at=None)

    def due(self, now: datetime, most_attempts: int) -> Self:
        """What is to be sent now, oldest first; what never failed before what did, so that failures hold up nothing."""
        due = self.waiting().filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), attempts__lt=most_attempts)
        return due.order_by(F("next_attempt_at").asc(nulls_first=True), "created_at")

    def given_up(self, most_attempts: int) -> Self:
        return self.waiting().filter(attempts__gte=most_attempts)
