from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db.models import QuerySet

if TYPE_CHECKING:
    from tenancy.models import AuditEvent  # noqa: F401


class AuditEventQuerySet(QuerySet["AuditEvent"]):
    """The audit trail, narrowed."""

    def of_row(self, table_name: str, row_id: UUID | int | str) -> Self:
        return self.filter(table_name=table_name, row_id=str(row_id))

    def by_user(self, user_id: int) -> Self:
        return self.filter(user_id=user_id)

    def between(self, starts_at: datetime, ends_at: datetime) -> Self:
        return self.filter(at__gte=starts_at, at__lt=ends_at)
