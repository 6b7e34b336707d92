"""The meters of a park or an enterprise as a list, and how many each choice of its filters leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from energy.models import Channel, IntervalBlock, Meter, RegisterDay
from energy.querysets import MeterQuerySet
from parks.actors import Actor

OF_THE_PARK, OF_ENTERPRISES = "park", "enterprises"
TO_CONFIRM, CONFIRMED = "to_confirm", "confirmed"
IN_SERVICE, PLANNED, RETIRED = "in_service", "planned", "retired"


def is_of_park() -> ExpressionWrapper:
    return ExpressionWrapper(Q(enterprise=None), output_field=BooleanField())


def standing(today: date) -> Case:
    """Whether a meter is in service, will be, or was."""
    return Case(
        When(ends_on__lte=today, then=Value(RETIRED)),
        When(starts_on__gt=today, then=Value(PLANNED)),
        default=Value(IN_SERVICE),
    )


def confirmation() -> Case:
    """Whether the park has still to confirm a meter that an enterprise entered; those of the park need nobody."""
    return Case(When(Q(enterprise__isnull=False, confirmed_at=None), then=Value(TO_CONFIRM)), default=Value(CONFIRMED))


def meters(actor: Actor) -> QuerySet[Meter]:
    """Those the actor may see, with whose they are and what they count."""
    return Meter.objects.visible_to(actor).select_related("enterprise").prefetch_related("channels")


def found(actor: Actor, words: str) -> MeterQuerySet:
    """Those in whose serial number, name, place or owner every word occurs."""
    rows = Meter.objects.visible_to(actor)
    for word in words.split():
        named = Q(serial__icontains=word) | Q(name__icontains=word) | Q(location__icontains=word)
        owned = Q(enterprise__name_zh__icontains=word) | Q(enterprise__name_en__icontains=word)
        rows = rows.filter(named | owned | Q(enterprise__credit_code=word))
    return rows


@dataclass(frozen=True)
class Facets:
    """How many meters there are of each combination of what they can be filtered by."""

    groups: list[dict[str, Any]]
    chosen: Mapping[str, str]

    @cached_property
    def total(self) -> int:
        return sum(group["count"] for group in self.groups if self._fits(group, ""))

    def counts(self, name: str) -> Counter[str]:
        """What each choice of a filter leaves, with the others narrowing and itself not."""
        counted: Counter[str] = Counter()
        for group in self.groups:
            if self._fits(group, name):
                counted[group[name]] += group["count"]
        return counted

    def _fits(self, group: Mapping[str, Any], besides: str) -> bool:
        return all(group[name] == value for name, value in self.chosen.items() if name != besides)


def facets(rows: MeterQuerySet, chosen: Mapping[str, str], today: date) -> Facets:
    """One query over the rows that the words find."""
    grouped = rows.order_by().annotate(status=standing(today), is_of_park=is_of_park(), confirmation=confirmation())
    counted = grouped.values("commodity", "status", "confirmation", "is_of_park").annotate(count=Count("pk"))
    groups = [
        {
            "commodity": row["commodity"],
            "status": row["status"],
            "confirmation": row["confirmation"],
            "owner": OF_THE_PARK if row["is_of_park"] else OF_ENTERPRISES,
            "count": row["count"],
        }
        for row in counted
    ]
    return Facets(groups, chosen)


def narrowed(rows: MeterQuerySet, chosen: Mapping[str, str], today: date) -> MeterQuerySet:
    if "commodity" in chosen:
        rows = rows.filter(commodity=chosen["commodity"])
    if "owner" in chosen:
        rows = rows.filter(enterprise__isnull=chosen["owner"] == OF_THE_PARK)
    if "status" in chosen:
        rows = rows.annotate(standing=standing(today)).filter(standing=chosen["status"])
    if "confirmation" in chosen:
        rows = rows.annotate(confirmation=confirmation()).filter(confirmation=chosen["confirmation"])
    return rows


def last_days(meter_ids: Collection[UUID]) -> dict[UUID, date]:
    """The last day of which a reading of any channel is kept, by meter; those without readings are left out."""
    kept = IntervalBlock.objects.filter(park_id=OuterRef("park_id"), channel_id=OuterRef("pk"), present_count__gt=0)
    last = kept.order_by("-day")
    channels = Channel.objects.filter(meter_id__in=meter_ids).annotate(last_day=Subquery(last.values("day")[:1]))
    days: dict[UUID, date] = {}
    for meter_id, day in channels.values_list("meter_id", "last_day"):
        if day is not None:
            days[meter_id] = max(day, days.get(meter_id, day))
    return days


def kept_days(park_id: int, channel_ids: Collection[UUID]) -> tuple[date | None, date | None]:
    """The first and the last day of which a reading of these channels is kept; None where there is none."""
    kept = IntervalBlock.objects.filter(park_id=park_id, channel_id__in=channel_ids, present_count__gt=0)
    days = kept.aggregate(first=Min("day"), last=Max("day"))
    return days["first"], days["last"]


def last_day_of(channel: Channel) -> date | None:
    return kept_days(channel.park_id, [channel.pk])[1]


def read_days(park_id: int, channel_ids: Collection[UUID]) -> tuple[date | None, date | None]:
    """The first day on which a dial of these channels was read, and the last that its states say something of.

    One at midnight, where none follows on its day, says how the day before ended. None where there is none.
    """
    kept = RegisterDay.objects.filter(park_id=park_id, channel_id__in=channel_ids)
    days = kept.aggregate(first=Min("day"), last=Max("day"))
    first, last = days["first"], days["last"]
    if last is None:
        return None, None
    is_read_later = any(
        state is not None for states in kept.filter(day=last).values_list("states", flat=True) for state in states[1:]
    )
    return first, last if is_read_later else last - timedelta(days=1)


def holders(meter: Meter) -> QuerySet[Meter]:
    """Other meters with its serial number that are in service at a time of its own. Empty for those it may not see."""
    others = Meter.objects.filter(park_id=meter.park_id, serial=meter.serial).exclude(pk=meter.pk)
    if meter.ends_on is not None:
        others = others.filter(starts_on__lt=meter.ends_on)
    behind = Q(ends_on=None) | Q(ends_on__gt=meter.starts_on)
    return others.filter(behind).select_related("enterprise").order_by("starts_on")
