from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import F, Q, QuerySet

from parks.actors import Actor

if TYPE_CHECKING:
    from energy.models import (  # noqa: F401
        Asset,
        AssetChannel,
        AssetMember,
        Channel,
        Feed,
        IntervalBlock,
        Meter,
        MonthTotal,
        ReadingImport,
        ReadingIssue,
        ReadingTrace,
        SubMeter,
        Tariff,
        TariffAssignment,
        TariffVersion,
    )


def _of_actor(actor: Actor) -> dict[str, Any]:
    """The park's rows for an official, the own ones for an enterprise person. The policies say the same."""
    own = {"park_id": actor.park_id}
    return own | {"enterprise_id": actor.enterprise_id} if actor.is_enterprise_person else own


class MeterQuerySet(QuerySet["Meter"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def in_service(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class ChannelQuerySet(QuerySet["Channel"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))


class SubMeterQuerySet(QuerySet["SubMeter"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def between(self, starts_on: date, ends_on: date) -> Self:
        """Those that hold on one of the days from `starts_on` up to, not including, `ends_on`."""
        is_open = Q(ends_on=None) | Q(ends_on__gt=starts_on)
        return self.filter(is_open, starts_on__lt=ends_on).exclude(ends_on=F("starts_on"))


class AssetQuerySet(QuerySet["Asset"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def in_service(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class AssetChannelQuerySet(QuerySet["AssetChannel"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def lasting(self) -> Self:
        """Without those that were taken back: they end on the day that they began."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=F("starts_on")))


class AssetMemberQuerySet(QuerySet["AssetMember"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def lasting(self) -> Self:
        """Without those that were taken back: they end on the day that they began."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=F("starts_on")))


class FeedQuerySet(QuerySet["Feed"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))


class ReadingImportQuerySet(QuerySet["ReadingImport"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))


class ReadingIssueQuerySet(QuerySet["ReadingIssue"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))


FALLEN = Q(reading_import__state__in=("undoing", "undone")) | Q(act__undone_at__isnull=False)
"""Traces of what was undone: of an import, or of an act."""


class ReadingTraceQuerySet(QuerySet["ReadingTrace"]):
    def about(self, channel_ids: Sequence[UUID], first: date, last: date) -> Self:
        """Those that may say something of these channels on the days `first` to `last`."""
        return self.filter(last_day__gte=first, first_day__lte=last, channels__overlap=list(channel_ids))

    def fallen(self) -> Self:
        return self.filter(FALLEN)


class IntervalBlockQuerySet(QuerySet["IntervalBlock"]):
    def between(self, starts_on: date, ends_on: date) -> Self:
        """Of the days from `starts_on` up to, not including, `ends_on`."""
        return self.filter(day__gte=starts_on, day__lt=ends_on)


class MonthTotalQuerySet(QuerySet["MonthTotal"]):
    def between(self, starts_on: date, ends_on: date) -> Self:
        """Of the months that begin from `starts_on` up to, not including, `ends_on`."""
        return self.filter(month__gte=starts_on, month__lt=ends_on)


class TariffQuerySet(QuerySet["Tariff"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody in the park may read all of it: prices are published."""
        return self.filter(park_id=actor.park_id)


class TariffVersionQuerySet(QuerySet["TariffVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.filter(park_id=actor.park_id)
        return rows if actor.is_official else rows.exclude(state="draft")

    def in_force(self) -> Self:
        return self.filter(state="in_force")

    def between(self, starts_on: date, ends_on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=starts_on), starts_on__lt=ends_on)


class TariffAssignmentQuerySet(QuerySet["TariffAssignment"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(**_of_actor(actor))

    def between(self, starts_on: date, ends_on: date) -> Self:
        """Those that hold on one of the days from `starts_on` up to, not including, `ends_on`."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=starts_on), starts_on__lt=ends_on)
