from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from accounts.models import OutgoingMail, User  # noqa: F401


class OutgoingMailQuerySet(QuerySet["OutgoingMail"]):
    def due(self, now: datetime, most_attempts: int) -> Self:
        """What waits to be sent and is not to be left alone for a while, oldest first."""
        waiting = self.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), sent_at=None)
        return waiting.filter(attempts__lt=most_attempts).order_by("created_at")

    def in_inbox_of(self, user: User) -> Self:
        """What a person finds in the portal: all but messages with a secret link."""
        return self.filter(recipient=user, is_private=False)

    def unread(self) -> Self:
        return self.filter(read_at=None)
