"""What the pages of an enterprise show of other tables."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from enterprises.models import DeclaredInterest, Enterprise
from enterprises.querysets import DeclaredInterestQuerySet
from parks.models import Invitation, Membership
from tenancy.models import AuditEvent

HISTORY_SHOWN = 12


def people_of(enterprise: Enterprise) -> QuerySet[Membership]:
    """The people who work in the enterprise now, in the order in which they came."""
    people = Membership.objects.active().of_enterprise(enterprise.park_id, enterprise.pk)
    return people.select_related("user").order_by("pk")


def open_invitations(enterprise: Enterprise, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.open(now).of_enterprise(enterprise.park_id, enterprise.pk).order_by("-created_at")


def current_interests(enterprise: Enterprise) -> DeclaredInterestQuerySet:
    interests = DeclaredInterest.objects.current().filter(enterprise=enterprise)
    return interests.select_related("user").order_by("declared_at")


def history_of(enterprise: Enterprise) -> list[AuditEvent]:
    """The latest changes of the enterprise's own facts, newest first."""
    table_name = Enterprise._meta.db_table
    return list(AuditEvent.objects.filter(park_id=enterprise.park_id).of_row(table_name, enterprise.pk)[:HISTORY_SHOWN])
