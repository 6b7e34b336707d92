from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from accounts.choices import Way

if TYPE_CHECKING:
    from accounts.models import OutgoingMail, User  # noqa: F401


class UserQuerySet(QuerySet["User"]):
    def with_address(self, text: str) -> Self:
        """Whoever has this e-mail address, in whatever case it is written; found by the unique index.

        Not in the scope of a park or an enterprise, whose policies keep that index from use: there only together with
        the memberships of a place, which lead to the few people it is compared with.
        """
        return self.filter(Exact(Lower("email"), Lower(Value(text.strip()))))


class OutgoingMailQuerySet(QuerySet["OutgoingMail"]):
    def due(self, now: datetime, most_attempts: int) -> Self:
        """What waits to be sent and is not to be left alone for a while, oldest first."""
        waiting = self.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), sent_at=None, way=Way.AT_ONCE)
        return waiting.filter(attempts__lt=most_attempts).order_by("created_at")

    def for_digest(self) -> Self:
        """What waits for the daily mail of its reader, oldest first."""
        return self.filter(sent_at=None, way=Way.DAILY).order_by("created_at", "id")

    def in_inbox_of(self, user: User) -> Self:
        """What a person finds in the portal: all but messages with a secret link, and daily mails, which repeat it."""
        return self.filter(recipient=user, is_private=False)

    def unread(self) -> Self:
        return self.filter(read_at=None)
