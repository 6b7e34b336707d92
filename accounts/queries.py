from __future__ import annotations

from accounts.models import OutgoingMail, User


def unread_count(user: User) -> int:
    """How many messages wait in the inbox of a person. Outside a scope only: nobody acting reads mail."""
    return OutgoingMail.objects.in_inbox_of(user).unread().count()
