"""The load of a park, or of all that an actor sees, on one day: thousands of channels by one statement.

The database sends each block's array as it stands, joined to one value for all channels alike; numpy adds them up. To
add them up in SQL takes an element of a row each, a hundred times as many rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, BinaryField, Case, Count, F, FloatField, Func, IntegerField, Q, When

from energy.calculations import curves
from energy.calculations.curves import Curve
from energy.choices import ChannelKind, Flow
from energy.models import Channel, IntervalBlock
from energy.queries import counted_once
from energy.queries.use import expected_intervals, with_service
from lib.binary_rows import binary_rows
from parks.actors import Actor

A_DAY = timedelta(days=1)


class Length(Func):
    """How many elements an array has."""

    function = "cardinality"
    output_field = IntegerField()


class WithoutNull(Func):
    """The array with NaN for what is not there, so that each element takes the same space."""

    template = "array_replace(%(expressions)s, NULL, 'NaN'::float8)"
    output_field = ArrayField(FloatField())


class Sent(Func):
    function = "array_send"
    output_field = BinaryField()


class Joined(Aggregate):
    """The values one after another; of two of these in one query, in the same order."""

    template = "string_agg(%(expressions)s, ''::bytea)"
    output_field = BinaryField()


@dataclass(frozen=True, slots=True)
class DayCurve:
    """What a flow was on a day; `expected`: how many channels there are, as intervals of the day that are over."""

    flow: str
    curve: Curve
    present: int
    measured: int
    expected: int

    @property
    def completeness_percent(self) -> float | None:
        return min(self.measured / self.expected * 100, 100.0) if self.expected else None


WHOLE = Q(present_count=Length("values"))


def curves_of_day(
    actor: Actor, commodity: str, unit: str, day: date, *, zone_name: str, today: date
) -> dict[str, DayCurve]:
    """By flow the curve of the day of all channels that count a commodity in a unit, but for flows without a value.

    Of today nothing is expected yet: what a gateway sends of it is not missing before tomorrow.
    """
    by_flow: dict[str, list[tuple[Curve, int, int]]] = {}
    for flow, minutes, length, present, measured, values, marks in binary_rows(_blocks(actor, commodity, unit, day)):
        grid = curves.values_of(values, length)
        shown = np.frombuffer(marks, dtype=np.uint8).reshape(grid.shape)
        by_flow.setdefault(flow, []).append((curves.summed(grid, shown, minutes), present, measured))
    expected = _expected(actor, commodity, unit, day, zone_name, min(day + A_DAY, today))
    found = {}
    for flow, parts in by_flow.items():
        curve = curves.together([part[0] for part in parts])
        if curve is not None and curve.present.any():
            present, measured = sum(part[1] for part in parts), sum(part[2] for part in parts)
            found[flow] = DayCurve(flow, curve, present, measured, expected.get(flow, 0))
    return found


def _blocks(actor: Actor, commodity: str, unit: str, day: date) -> Any:
    """Flow, interval, how many there are of a day, sums of what is present and measured, all values, all flags."""
    held = IntervalBlock.objects.filter(day=day, channel__meter__commodity=commodity, channel__unit=unit)
    held = held.exclude(channel__flow=Flow.STATE)
    held = held.exclude(counted_once.hanging(actor, day, "channel__meter_id", "channel__flow", unit))
    held = held.exclude(channel__in=_counted_again(actor))
    if actor.enterprise_id is not None:
        held = held.filter(channel__enterprise_id=actor.enterprise_id)
    whole = Case(When(WHOLE, then=F("values")), default=WithoutNull("values"))
    rows = held.order_by().values_list("channel__flow", "channel__interval_minutes", Length("values"))
    return rows.annotate(
        present=_sum("present_count"), measured=_sum("measured_count"), sent=Joined(Sent(whole)), marks=Joined("flags")
    )


def _counted_again(actor: Actor) -> Any:
    """The registers that count what intervals of their meter tell already, and what is worked out."""
    besides = Channel.objects.visible_to(actor).exclude(kind=ChannelKind.INTERVAL).order_by()
    return besides.exclude(pk__in=counted_once.channels(besides).values("pk")).values("pk")


def _sum(column: str) -> Any:
    return Aggregate(column, function="sum", output_field=IntegerField())


def _expected(actor: Actor, commodity: str, unit: str, day: date, zone_name: str, until: date) -> dict[str, int]:
    channels = Channel.objects.visible_to(actor).filter(meter__commodity=commodity, unit=unit).exclude(flow=Flow.STATE)
    once = channels.exclude(counted_once.hanging(actor, day, "meter_id", "flow", unit)).exclude(
        pk__in=_counted_again(actor)
    )
    alike = with_service(once.order_by())
    rows = alike.values_list("flow", "service_from", "service_until", "interval_minutes").annotate(count=Count("pk"))
    expected: dict[str, int] = {}
    for flow, starts_on, ends_on, minutes, count in rows:
        intervals = expected_intervals(day, until, (starts_on, ends_on), minutes, zone_name)
        expected[flow] = expected.get(flow, 0) + count * intervals
    return expected
