"""What a channel costs by month, and how much of its use lies in which period of its tariff.

Days and months are those of the tariff's clock, which is where bills are cut: in a park of another zone they begin at
another instant than those of its totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from energy.calculations import charges, tariff_clock
from energy.calculations.charges import Charge
from energy.calculations.clock import EPOCH, Seconds, day_starts
from energy.calculations.tariff_clock import Floats
from energy.choices import ChargeBasis, TariffState, Unit
from energy.models import Channel, IntervalBlock, Tariff, TariffAssignment, TariffVersion
from energy.queries.use import next_month
from energy.querysets import TariffQuerySet
from parks.actors import Actor
from parks.queries.work_calendar import working_days

# How far a run of days off may reach: kinds of days are asked for with so many more at both ends.
LONGEST_RUN = timedelta(days=14)
A_DAY = timedelta(days=1)
MOST_SHOWN = 200


@dataclass
class MonthCost:
    """What a month, or the part of it that was asked for, costs by the tariffs that hold in it.

    `use_kwh` by period of those that the tariffs have. `demand_kw` and `power_factor` are of the whole month that is
    over, as far as one tariff holds. present, measured, expected: intervals of the days that have a tariff.
    """

    month: date
    lines: list[Charge] = field(default_factory=list)
    use_kwh: dict[str, Decimal] = field(default_factory=dict)
    demand_kw: Decimal | None = None
    demand_at: datetime | None = None
    power_factor: Decimal | None = None
    is_factor_unknown: bool = False
    present: int = 0
    measured: int = 0
    expected: int = 0
    charged_days: int = 0
    days: int = 0

    @property
    def total(self) -> Decimal:
        return charges.total(self.lines)

    @property
    def total_kwh(self) -> Decimal:
        return sum(self.use_kwh.values(), Decimal("0.000"))

    @property
    def completeness_percent(self) -> float | None:
        return min(self.measured / self.expected * 100, 100.0) if self.expected else None


@dataclass(frozen=True, slots=True)
class Readings:
    """The intervals of a channel in their order: when each begins, its value (NaN where there is none), whether it was
    measured."""

    instants: Seconds
    values: Floats
    is_measured: np.ndarray

    def between(self, first: int, behind: int) -> Readings:
        cut = slice(*np.searchsorted(self.instants, [first, behind]).tolist())
        return Readings(self.instants[cut], self.values[cut], self.is_measured[cut])


def readings_between(channel: Channel, starts_on: date, ends_on: date, zone_name: str) -> Readings:
    """What is kept of the park's days from `starts_on` up to, not including, `ends_on`."""
    kept = IntervalBlock.objects.filter(park_id=channel.park_id, channel_id=channel.pk).between(starts_on, ends_on)
    rows = list(kept.order_by("day").values_list("day", "values", "flags"))
    return laid_out(rows, channel.interval_minutes, zone_name)


def laid_out(
    rows: Sequence[tuple[date, list[float | None], bytes | memoryview]], minutes: int, zone_name: str
) -> Readings:
    """Days of one channel, in their order, as intervals. rows: day, values and flags."""
    if not rows:
        return Readings(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
    first, last = (rows[0][0] - EPOCH).days, (rows[-1][0] - EPOCH).days
    midnights = day_starts(first, last, ZoneInfo(zone_name))
    seconds = 60 * minutes
    instants = [midnights[(day - EPOCH).days - first] + np.arange(len(values)) * seconds for day, values, _ in rows]
    values = [np.array(values, dtype=np.float64) for _day, values, _flags in rows]
    flags = np.frombuffer(b"".join(bytes(each) for _day, _values, each in rows), dtype=np.uint8)
    return Readings(np.concatenate(instants), np.concatenate(values), flags == 1)


def instant_of(day: date, zone_name: str) -> int:
    """The first instant of a day, in seconds since 1970."""
    return int(datetime.combine(day, time.min, ZoneInfo(zone_name)).timestamp())


def kinds_between(starts_on: date, ends_on: date) -> dict[date, str]:
    """What kind each day is, with some more at both ends. Two queries."""
    count = (ends_on - starts_on + 2 * LONGEST_RUN).days + 1
    days = [starts_on - LONGEST_RUN + A_DAY * place for place in range(count)]
    return tariff_clock.day_kinds(days, working_days(days[0], days[-1]))


def expected_between(channel: Channel, first: int, behind: int, zone_name: str, today: date) -> int:
    """How many intervals there should be between two instants: of its service, and over by the clock of the park."""
    until = min(filter(None, (channel.service_ends_on, today)))
    starts = max(first, instant_of(channel.service_starts_on, zone_name))
    ends = min(behind, instant_of(until, zone_name))
    return max(ends - starts, 0) // (60 * channel.interval_minutes)


class Costs:
    """The costs of one channel, worked out month by month from what is read once.

    zone_name: of the park, by whose days readings are kept; today: by its clock, the first day of which nothing is due.
    """

    def __init__(self, channel: Channel, starts_on: date, ends_on: date, *, zone_name: str, today: date) -> None:
        self.channel, self.zone_name, self.today = channel, zone_name, today
        self.starts_on, self.ends_on = starts_on, min(ends_on, today)
        first, behind = starts_on.replace(day=1), next_month(ends_on - A_DAY)
        own = TariffAssignment.objects.filter(park_id=channel.park_id, channel_id=channel.pk)
        self.assignments = list(own.between(first, behind).select_related("tariff"))
        tariffs = {assignment.tariff_id for assignment in self.assignments}
        in_force = TariffVersion.objects.filter(park_id=channel.park_id, tariff_id__in=tariffs).in_force()
        self.versions = list(in_force.between(first, behind).order_by("starts_on")) if tariffs else []
        self.first, self.behind = first, behind
        if self.versions:
            self.kinds = kinds_between(first, behind)
            self.readings = self._read(channel)
            self.reactive = [self._read(each) for each in self._reactive_channels()]

    def _read(self, channel: Channel) -> Readings:
        return readings_between(channel, self.first - A_DAY, self.behind + A_DAY, self.zone_name)

    def _reactive_channels(self) -> QuerySet[Channel]:
        if not any(assignment.power_factor_standard for assignment in self.assignments):
            return Channel.objects.none()
        return Channel.objects.filter(park_id=self.channel.park_id, meter_id=self.channel.meter_id, unit=Unit.KVARH)

    def months(self) -> Iterator[MonthCost]:
        month = self.first
        while month < self.ends_on:
            yield self._month(month)
            month = next_month(month)

    def _month(self, month: date) -> MonthCost:
        behind = min(next_month(month), self.ends_on)
        cost = MonthCost(month, days=max((behind - max(month, self.starts_on)).days, 0))
        for assignment in self.assignments:
            first = max(assignment.starts_on, month)
            last = min(assignment.ends_on or date.max, next_month(month), self.today)
            if first < last:
                self._add_assignment(cost, assignment, first, last)
        return cost

    def _add_assignment(self, cost: MonthCost, assignment: TariffAssignment, first: date, behind: date) -> None:
        """first, behind: of the month the days that it is charged by this tariff."""
        zone_name = assignment.tariff.time_zone
        span = instant_of(first, zone_name), instant_of(behind, zone_name)
        whole = self.readings.between(*span)
        demand = tariff_clock.highest_demand(whole.instants, whole.values, self.channel.interval_minutes)
        if demand is not None and (cost.demand_kw is None or charges.metered(demand[0]) >= cost.demand_kw):
            cost.demand_kw = charges.metered(demand[0])
            cost.demand_at = datetime.fromtimestamp(demand[1], ZoneInfo(zone_name))
        lines: list[Charge] = []
        for version in self.versions:
            starts_on = max(version.starts_on, first, self.starts_on)
            ends_on = min(version.ends_on or date.max, behind, self.ends_on)
            if version.tariff_id == assignment.tariff_id and starts_on < ends_on:
                drawn = charges.metered(demand[0]) if demand else None
                lines += self._lines(cost, assignment, version, (starts_on, ends_on), drawn)
        if assignment.power_factor_standard and lines:
            lines += self._adjusted(cost, assignment, lines, whole, span)
        cost.lines += lines

    def _lines(
        self,
        cost: MonthCost,
        assignment: TariffAssignment,
        version: TariffVersion,
        days: tuple[date, date],
        demand_kw: Decimal | None,
    ) -> list[Charge]:
        """What one version charges for some days of a month."""
        zone_name = assignment.tariff.time_zone
        first, behind = (instant_of(day, zone_name) for day in days)
        own = self.readings.between(first, behind)
        self._count(cost, own, first, behind)
        cost.charged_days += (days[1] - days[0]).days
        instants, values = tariff_clock.in_quarters(own.instants, own.values, self.channel.interval_minutes)
        seasons = version.parsed_seasons
        codes = tariff_clock.periods_at(instants, ZoneInfo(zone_name), seasons, self.kinds)
        sums = dict(zip(tariff_clock.PERIODS, tariff_clock.sums_by_period(codes, values), strict=True))
        lines = []
        for period in tariff_clock.periods_of(each for each in seasons if cost.month.month in each.months):
            used = charges.metered(sums[period])
            cost.use_kwh[period] = cost.use_kwh.get(period, Decimal("0.000")) + used
            rate = getattr(version, f"price_{period}")
            lines.append(
                charges.charged(charges.ENERGY, used, "kWh", rate, period=period, version_number=version.number)
            )
        if version.levy_per_kwh:
            used = sum((line.quantity for line in lines), Decimal("0.000"))
            lines.append(
                charges.charged(charges.LEVY, used, "kWh", version.levy_per_kwh, version_number=version.number)
            )
        return lines + list(_by_month(cost.month, assignment, version, days, demand_kw))

    def _count(self, cost: MonthCost, own: Readings, first: int, behind: int) -> None:
        cost.expected += expected_between(self.channel, first, behind, self.zone_name, self.today)
        cost.present += int((~np.isnan(own.values)).sum())
        cost.measured += int(own.is_measured.sum())

    def _adjusted(
        self,
        cost: MonthCost,
        assignment: TariffAssignment,
        lines: Sequence[Charge],
        whole: Readings,
        span: tuple[int, int],
    ) -> list[Charge]:
        reactive = [each.between(*span).values for each in self.reactive]
        known = [values for values in reactive if not np.isnan(values).all()]
        active = float(np.nansum(whole.values))
        factor = charges.power_factor(active, float(sum(np.nansum(np.abs(values)) for values in known)))
        if not known or factor is None:
            cost.is_factor_unknown = True
            return []
        cost.power_factor = factor
        return [
            charges.adjustment(lines, charges.adjustment_percent(factor, Decimal(assignment.power_factor_standard)))
        ]


def _by_month(
    month: date,
    assignment: TariffAssignment,
    version: TariffVersion,
    days: tuple[date, date],
    demand_kw: Decimal | None,
) -> Iterator[Charge]:
    """The second part of a two-part tariff, for the share of the month's days."""
    told = {"days": (days[1] - days[0]).days, "month_days": (next_month(month) - month).days}
    if assignment.charge_basis == ChargeBasis.DEMAND and demand_kw is not None and version.demand_price_per_kw:
        yield charges.charged_by_month(
            charges.DEMAND, demand_kw, "kW", version.demand_price_per_kw, version_number=version.number, **told
        )
    kva = assignment.capacity_kva
    if assignment.charge_basis == ChargeBasis.CAPACITY and kva is not None and version.capacity_price_per_kva:
        yield charges.charged_by_month(
            charges.CAPACITY, kva, "kVA", version.capacity_price_per_kva, version_number=version.number, **told
        )


def costs_of(channel: Channel, starts_on: date, ends_on: date, *, zone_name: str, today: date) -> list[MonthCost]:
    """What a channel costs in the days from `starts_on` up to, not including, `ends_on`: a statement a month.

    Of a month that is asked for in part, or has not ended, demand and capacity are charged for its share of the days.
    """
    return list(Costs(channel, starts_on, ends_on, zone_name=zone_name, today=today).months())


def tariffs(actor: Actor) -> TariffQuerySet:
    return Tariff.objects.visible_to(actor)


def listed(actor: Actor, words: str) -> TariffQuerySet:
    """Tariffs with their versions, the newest first, and by how many channels that the actor sees they are used."""
    rows = tariffs(actor).filter(name__icontains=words) if words else tariffs(actor)
    versions = TariffVersion.objects.visible_to(actor).order_by("-starts_on", "-number")
    return rows.prefetch_related(Prefetch("versions", versions)).annotate(
        channel_count=Count("assignments__channel", distinct=True)
    )


def assignable(actor: Actor) -> TariffQuerySet:
    """Those of which something is in force."""
    held = TariffVersion.objects.in_force().filter(park_id=OuterRef("park_id"), tariff_id=OuterRef("pk"))
    return tariffs(actor).filter(Exists(held)).order_by("name")


def shown_first(versions: Sequence[TariffVersion], today: date) -> TariffVersion | None:
    """The draft that waits, else what holds today, else the newest. versions: the newest first."""
    draft = next((version for version in versions if version.is_draft), None)
    return draft or held_on(versions, today) or next(iter(versions), None)


def held_on(versions: Iterable[TariffVersion], day: date) -> TariffVersion | None:
    return next(
        (
            version
            for version in versions
            if version.state == TariffState.IN_FORCE
            and version.starts_on <= day
            and (version.ends_on is None or version.ends_on > day)
        ),
        None,
    )


def assigned(actor: Actor, tariff: Tariff) -> list[TariffAssignment]:
    """The first of the assignments to channels that the actor sees, the newest first."""
    rows = TariffAssignment.objects.visible_to(actor).filter(tariff=tariff)
    return list(
        rows.select_related("channel", "channel__meter", "enterprise").order_by("-starts_on", "pk")[:MOST_SHOWN]
    )
