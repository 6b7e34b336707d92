"""What the park shows of itself in its exhibition hall: sums of everybody, and nothing of a single enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q

from energy.calculations.curves import Curve
from energy.choices import Flow
from energy.models import Channel, IntervalBlock
from energy.queries import counted_once
from energy.queries.use import Series
from parks.actors import Actor

# So many enterprises at least make a sum of which none can work out what another one used.
FEWEST_ENTERPRISES = 3
SHOWN_BACK = timedelta(days=14)
# A step is as good as the best of its day where so much of the channels has come in.
NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Shared:
    """How many parties a sum is of."""

    enterprises: int
    of_the_park: int
    channels: int

    @property
    def can_be_shown(self) -> bool:
        """With a part of the park's own, which nobody else knows, or of enough enterprises, a sum tells of nobody."""
        return self.of_the_park > 0 or self.enterprises >= FEWEST_ENTERPRISES


def shared_series(actor: Actor) -> dict[Series, Shared]:
    """Of everything that is counted once, by how many parties it is. One statement.

    What the park works out of an enterprise's channel is no part of its own.
    """
    counted = counted_once.channels(Channel.objects.visible_to(actor).exclude(flow=Flow.STATE))
    rows = counted.order_by().values_list("meter__commodity", "flow", "unit")
    parties = rows.annotate(
        enterprises=Count("enterprise", distinct=True), own=Count("pk", filter=Q(enterprise=None)), count=Count("pk")
    )
    return {Series(*row[:3]): Shared(*row[3:]) for row in parties}


def measured_parties(actor: Actor) -> tuple[int, int]:
    """How many enterprises have meters, and how many meters there are."""
    found = Channel.objects.visible_to(actor).aggregate(
        enterprises=Count("enterprise", distinct=True), meters=Count("meter", distinct=True)
    )
    return found["enterprises"], found["meters"]


def latest_day(actor: Actor, today: date) -> date | None:
    """The last day of the last two weeks of which something is held."""
    held = IntervalBlock.objects.filter(
        channel__in=Channel.objects.visible_to(actor), day__gt=today - SHOWN_BACK, day__lte=today
    )
    recent = held.filter(day__gt=today - SHOWN_BACK, day__lte=today, present_count__gt=0)
    day: date | None = recent.aggregate(day=Max("day"))["day"]
    return day


def latest_step(curve: Curve) -> int | None:
    """The last step for which nearly as many channels gave a value as for the best one.

    A gateway that is ahead of the others would otherwise make the park look asleep.
    """
    most = int(curve.present.max(initial=0))
    good = (curve.present >= most * NEARLY_ALL).nonzero()[0]
    return int(good[-1]) if most else None
