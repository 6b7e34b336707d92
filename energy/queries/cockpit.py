"""What the park shows of itself in its exhibition hall: sums of everybody, and nothing of a single enterprise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from energy.calculations.curves import Curve
from energy.choices import Flow
from energy.models import Channel, IntervalBlock, MonthTotal
from energy.queries import counted_once
from energy.queries.use import Period, Series, next_month
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


PARTIES: dict[str, Any] = {
    "enterprises": Count("channel__enterprise", distinct=True),
    "own": Count("channel", filter=Q(channel__enterprise=None)),
    "count": Count("channel"),
}


def parties_of_months(actor: Actor, months: Sequence[date]) -> dict[tuple[Series, date], Shared]:
    """Of what is counted in months that follow each other, of how many parties each sum is. One statement.

    A party counts in the months of which something of it is in the sum: not before its first reading, nor once it is
    out of service. What hung below a head meter on any day of a month is counted there, and not as a party of it.
    What the park works out of an enterprise's channel is no part of its own.
    """
    counted = counted_once.channels(Channel.objects.visible_to(actor).exclude(flow=Flow.STATE)).order_by()
    kept = MonthTotal.objects.filter(channel_id__in=counted.values("pk"), present_count__gt=0)
    kept = kept.between(months[0], next_month(months[-1])).exclude(counted_once.hangs_in(actor)).order_by()
    rows = kept.values_list("channel__meter__commodity", "channel__flow", "channel__unit", "month")
    return {(Series(*row[:3]), row[3]): Shared(*row[4:]) for row in rows.annotate(**PARTIES)}


def parties_of_day(actor: Actor, commodity: str, unit: str, day: date) -> dict[str, Shared]:
    """By flow, of how many parties the sum of a day is, as `parties_of_months`. One statement."""
    held = _blocks(actor, commodity, unit).filter(day=day)
    held = held.exclude(counted_once.hanging(actor, day, "channel__meter_id", "channel__flow", unit))
    return {row[0]: Shared(*row[1:]) for row in held.values_list("channel__flow").annotate(**PARTIES)}


def _blocks(actor: Actor, commodity: str, unit: str) -> Any:
    """The days of which something is held, of channels that are counted once."""
    rows = Channel.objects.visible_to(actor).exclude(flow=Flow.STATE).filter(meter__commodity=commodity, unit=unit)
    counted = counted_once.channels(rows).order_by().values("pk")
    return IntervalBlock.objects.filter(channel_id__in=counted, present_count__gt=0).order_by()


def only_shared(
    found: Mapping[Series, Sequence[Period]], parties: Mapping[tuple[Series, date], Shared]
) -> dict[Series, list[Period]]:
    """Months of which a sum would tell of one enterprise are as if nothing were known of them; a series without any
    other month is left out."""
    nobody = Shared(0, 0, 0)
    shown = {
        series: [
            each if parties.get((series, each.starts_on), nobody).can_be_shown else Period(each.starts_on)
            for each in periods
        ]
        for series, periods in found.items()
    }
    return {series: periods for series, periods in shown.items() if any(each.total is not None for each in periods)}


def measured_parties(actor: Actor) -> tuple[int, int]:
    """How many enterprises have meters, and how many meters there are."""
    found = Channel.objects.visible_to(actor).aggregate(
        enterprises=Count("enterprise", distinct=True), meters=Count("meter", distinct=True)
    )
    return found["enterprises"], found["meters"]


def latest_day(actor: Actor, commodity: str, unit: str, flows: Collection[str], today: date) -> date | None:
    """The last day of the last two weeks on which nearly as many channels of some flows gave something as on the best.

    A gateway that is ahead of the others, or a meter of something else, would otherwise make it a day of its own.
    """
    held = _blocks(actor, commodity, unit).filter(channel__flow__in=flows)
    recent = held.filter(day__gt=today - SHOWN_BACK, day__lte=today)
    counts = dict(recent.values_list("day").annotate(count=Count("channel")))
    most = max(counts.values(), default=0)
    return max((day for day, count in counts.items() if count >= most * NEARLY_ALL), default=None)


def latest_step(curve: Curve) -> int | None:
    """The last step for which nearly as many channels gave a value as for the best one.

    A gateway that is ahead of the others would otherwise make the park look asleep.
    """
    most = int(curve.present.max(initial=0))
    good = (curve.present >= most * NEARLY_ALL).nonzero()[0]
    return int(good[-1]) if most else None
