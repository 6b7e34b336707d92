from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from parks.choices import ParkStatus, Role

if TYPE_CHECKING:
    from accounts.models import User
    from parks.models import Invitation, Membership, MessageTemplate, Park, SupportSession  # noqa: F401


class ParkQuerySet(QuerySet["Park"]):
    def open_to_public(self) -> Self:
        """Parks whose public page is shown: all but the archived ones."""
        return self.exclude(status=ParkStatus.ARCHIVED)

    def without_administrator(self, administered: QuerySet[Any, Any]) -> Self:
        """Active parks that are not among those with an administrator."""
        return self.filter(status=ParkStatus.ACTIVE).exclude(pk__in=administered)


class MembershipQuerySet(QuerySet["Membership"]):
    def active(self) -> Self:
        """Memberships one can act in: not ended, and not in an archived park."""
        return self.filter(is_active=True).exclude(park__status=ParkStatus.ARCHIVED)

    def closed(self) -> Self:
        """Memberships that were not ended, of parks that were archived: nobody can act in them any more."""
        return self.filter(is_active=True, park__status=ParkStatus.ARCHIVED)

    def of_user(self, user: User) -> Self:
        return self.filter(user=user)

    def of_place(self, park_id: int | None, enterprise_id: UUID | None) -> Self:
        """Of an enterprise, else of a park, else of the installation."""
        place: dict[str, Any] = {"park_id": park_id, "enterprise_id": enterprise_id}
        return self.filter(**place)

    def of_staff(self, park_id: int) -> Self:
        """The officials of a park, without the people of its enterprises."""
        return self.filter(park_id=park_id, enterprise_id=None)

    def of_enterprise(self, park_id: int, enterprise_id: UUID) -> Self:
        return self.filter(park_id=park_id, enterprise_id=enterprise_id)

    def with_role(self, role: Role) -> Self:
        return self.filter(roles__contains=[role])

    def administrators(self) -> Self:
        """Who can let people into a park."""
        return self.filter(is_active=True, enterprise_id=None).with_role(Role.PARK_ADMINISTRATOR)

    def who_administer(self, park_id: int) -> Self:
        """The administrators of a park who can sign in."""
        return self.administrators().filter(park_id=park_id, user__is_active=True)

    def who_watch(self, park_id: int) -> Self:
        """Those of the staff of a park who see who is let in."""
        watching = [Role.PARK_ADMINISTRATOR, Role.AUDITOR]
        return self.of_staff(park_id).filter(is_active=True, roles__overlap=watching)


class InvitationQuerySet(QuerySet["Invitation"]):
    def at_rest(self) -> Self:
        """Those that nobody is accepting at this moment, locked.

        Whoever accepts one holds it and waits for its enterprise; who holds the enterprise must not wait for it.
        """
        held = self.order_by("pk").select_for_update(of=("self",), skip_locked=True)
        return self.filter(pk__in=list(held.values_list("pk", flat=True)))

    def open(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def of_place(self, park_id: int | None, enterprise_id: UUID | None) -> Self:
        """Of an enterprise, else of a park, else of the installation."""
        place: dict[str, Any] = {"park_id": park_id, "enterprise_id": enterprise_id}
        return self.filter(**place)

    def of_staff(self, park_id: int) -> Self:
        return self.filter(park_id=park_id, enterprise_id=None)

    def of_enterprise(self, park_id: int, enterprise_id: UUID) -> Self:
        return self.filter(park_id=park_id, enterprise_id=enterprise_id)

    def sent_from(self, user_id: int, park_id: int | None, enterprise_id: UUID | None) -> Self:
        """What somebody sent from a place: a park names owners of enterprises, the installation administrators."""
        sent = self.filter(invited_by_id=user_id)
        if enterprise_id is not None:
            return sent.filter(park_id=park_id, enterprise_id=enterprise_id)
        return sent.filter(park_id=park_id) if park_id is not None else sent.filter(enterprise_id=None)


class SupportSessionQuerySet(QuerySet["SupportSession"]):
    def open(self, now: datetime) -> Self:
        return self.filter(Q(ended_at=None), started_at__lte=now, expires_at__gt=now)

    def of_park(self, park_id: int) -> Self:
        return self.filter(park_id=park_id)

    def of_operator(self, user_id: int) -> Self:
        return self.filter(operator_id=user_id)


class MessageTemplateQuerySet(QuerySet["MessageTemplate"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def current(self) -> Self:
        return self.filter(replaced_at=None)
