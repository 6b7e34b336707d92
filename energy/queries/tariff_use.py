"""How much of the use of all channels of a tariff lies in which of its periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from energy.calculations import tariff_clock
from energy.models import IntervalBlock, Tariff, TariffAssignment, TariffVersion
from energy.queries.tariffs import (
    A_DAY,
    MOST_SHOWN,
    Readings,
    expected_between,
    instant_of,
    kinds_between,
    laid_out,
)
from energy.queries.use import next_month
from parks.actors import Actor


@dataclass
class PeriodUse:
    """The use of a channel in a month, of the days on which the tariff holds; by period of those that the month has."""

    assignment: TariffAssignment
    use_kwh: dict[str, float] = field(default_factory=dict)
    present: int = 0
    measured: int = 0
    expected: int = 0


class _Month:
    """A month of a tariff up to today, with what is read of it once for all channels."""

    def __init__(self, tariff: Tariff, month: date, zone_name: str, today: date) -> None:
        self.tariff, self.month, self.zone_name, self.today = tariff, month, zone_name, today
        self.behind = min(next_month(month), today)
        in_force = TariffVersion.objects.filter(park_id=tariff.park_id, tariff=tariff).in_force()
        self.versions = list(in_force.between(month, self.behind).order_by("starts_on"))
        self.kinds = kinds_between(month, self.behind)

    def readings(self, assignments: Sequence[TariffAssignment]) -> dict[UUID, Readings]:
        minutes = {each.channel_id: each.channel.interval_minutes for each in assignments}
        kept = IntervalBlock.objects.filter(park_id=self.tariff.park_id, channel_id__in=minutes)
        rows = kept.between(self.month - A_DAY, self.behind + A_DAY).order_by("channel_id", "day")
        found = rows.values_list("channel_id", "day", "values", "flags")
        return {
            channel_id: laid_out([row[1:] for row in days], minutes[channel_id], self.zone_name)
            for channel_id, days in groupby(found, itemgetter(0))
        }

    def use_of(self, assignment: TariffAssignment, readings: Readings | None) -> PeriodUse:
        use = PeriodUse(assignment)
        for version in self.versions:
            first = max(version.starts_on, assignment.starts_on, self.month)
            behind = min(version.ends_on or date.max, assignment.ends_on or date.max, self.behind)
            if first < behind:
                self._add(use, version, readings, (first, behind))
        return use

    def _add(self, use: PeriodUse, version: TariffVersion, readings: Readings | None, days: tuple[date, date]) -> None:
        channel, zone_name = use.assignment.channel, self.tariff.time_zone
        first, behind = (instant_of(day, zone_name) for day in days)
        use.expected += expected_between(channel, first, behind, self.zone_name, self.today)
        seasons = [season for season in version.parsed_seasons if self.month.month in season.months]
        for period in tariff_clock.periods_of(seasons):
            use.use_kwh.setdefault(period, 0.0)
        if readings is None:
            return
        own = readings.between(first, behind)
        use.present += int((~np.isnan(own.values)).sum())
        use.measured += int(own.is_measured.sum())
        instants, values = tariff_clock.in_quarters(own.instants, own.values, channel.interval_minutes)
        codes = tariff_clock.periods_at(instants, ZoneInfo(zone_name), seasons, self.kinds)
        for period, used in zip(tariff_clock.PERIODS, tariff_clock.sums_by_period(codes, values), strict=True):
            if period in use.use_kwh:
                use.use_kwh[period] += used


def use_by_period(actor: Actor, tariff: Tariff, month: date, *, zone_name: str, today: date) -> list[PeriodUse]:
    """The use of every channel that the actor sees and that the tariff holds for in a month, up to today.

    month: its first day, by the clock of the tariff. The first `MOST_SHOWN` of them; five queries however many.
    """
    asked = _Month(tariff, month, zone_name, today)
    rows = TariffAssignment.objects.visible_to(actor).filter(tariff=tariff)
    held = rows.between(month, max(asked.behind, month + timedelta(days=1)))
    related = ("channel", "channel__meter", "enterprise")
    assignments = list(held.select_related(*related).order_by("channel__meter__name", "channel_id")[:MOST_SHOWN])
    readings = asked.readings(assignments)
    return [asked.use_of(assignment, readings.get(assignment.channel_id)) for assignment in assignments]
