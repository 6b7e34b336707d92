"""Which indicators an asset has, worked out of its days; and which of them cannot be right.

A day of a role is whole when every interval of it has a value, measured or estimated. Ratios of two things are worked
out of the days on which both are whole: a month of charging against half a month of discharging would say nothing.
Sums (specific yield, cycles, hours, use per area) are of all that is there. How much was measured stands beside each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from energy.calculations import assets
from energy.choices import AssetKind, AssetKpi, AssetRole

UNITS: dict[str, str] = {
    AssetKpi.SPECIFIC_YIELD: "kWh/kWp",
    AssetKpi.PERFORMANCE_RATIO: "%",
    AssetKpi.SELF_CONSUMPTION: "%",
    AssetKpi.CURTAILMENT: "%",
    AssetKpi.ROUND_TRIP: "%",
    AssetKpi.CYCLES: "",
    AssetKpi.UTILISATION: "%",
    AssetKpi.SELF_SUFFICIENCY: "%",
    AssetKpi.ENERGY_BALANCE: "%",
    AssetKpi.INTENSITY: "kWh/m²",
    AssetKpi.FULL_LOAD_HOURS: "h",
}
"""Shares are told in percent."""
KPIS: dict[str, tuple[AssetKpi, ...]] = {
    AssetKind.PV: (
        AssetKpi.SPECIFIC_YIELD,
        AssetKpi.PERFORMANCE_RATIO,
        AssetKpi.SELF_CONSUMPTION,
        AssetKpi.CURTAILMENT,
    ),
    AssetKind.STORAGE: (AssetKpi.ROUND_TRIP, AssetKpi.CYCLES, AssetKpi.FULL_LOAD_HOURS),
    AssetKind.CHARGING: (AssetKpi.UTILISATION, AssetKpi.FULL_LOAD_HOURS),
    AssetKind.MICROGRID: (AssetKpi.SELF_SUFFICIENCY, AssetKpi.SELF_CONSUMPTION, AssetKpi.ROUND_TRIP),
    AssetKind.BUILDING: (
        AssetKpi.ENERGY_BALANCE,
        AssetKpi.INTENSITY,
        AssetKpi.SELF_SUFFICIENCY,
        AssetKpi.SELF_CONSUMPTION,
    ),
}
"""The indicators of a kind, the one it is judged by first."""


@dataclass(frozen=True, slots=True)
class RoleDay:
    """What a role counted on a local day: kWh, of irradiance kWh/m², of the state of charge its change in percent.

    `present`, `measured`, `expected`: intervals with a value, measured ones, all of the day.
    """

    amount: float | None
    present: int
    measured: int
    expected: int
    hours: float = 24.0

    @property
    def is_whole(self) -> bool:
        return self.amount is not None and self.present >= self.expected > 0


Days = Mapping[date, RoleDay]


@dataclass(frozen=True, slots=True)
class Nameplate:
    """What stands on an asset, as far as its indicators need it; for a microgrid the sums of its members."""

    kind: str
    peak_power_kwp: float | None = None
    power_kw: float | None = None
    capacity_kwh: float | None = None
    floor_area_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """`value` in the unit of `UNITS`, None where it cannot be worked out.

    `due_days`: on how many days all that it is made of should be measured. `lacking`: the roles that no channel is
    linked for; `lacks_nameplate`: whether a figure of the asset itself is not known.
    """

    kind: AssetKpi
    value: float | None
    completeness_percent: float | None = None
    due_days: int = 0
    lacking: tuple[AssetRole, ...] = ()
    lacks_nameplate: bool = False


@dataclass(frozen=True)
class Sums:
    """Amounts by role, of the same days; `hours` of those days."""

    amounts: dict[str, float]
    hours: float
    days: int

    def __getitem__(self, role: str) -> float:
        return self.amounts[role]


@dataclass(frozen=True)
class AssetUse:
    """The days of an asset by role; a role is there when a channel is linked for it, whatever it gave."""

    days: Mapping[str, Days] = field(default_factory=dict)

    def between(self, starts_on: date, ends_on: date) -> AssetUse:
        return AssetUse(
            {
                role: {day: each for day, each in days.items() if starts_on <= day < ends_on}
                for role, days in self.days.items()
            }
        )

    def total(self, role: str) -> float | None:
        known = [each.amount for each in self.days.get(role, {}).values() if each.amount is not None]
        return sum(known) if known else None

    def completeness_percent(self, roles: Iterable[str]) -> float | None:
        """The measured share of the intervals that should be there, of all these roles together."""
        days = [each for role in roles for each in self.days.get(role, {}).values()]
        expected = sum(each.expected for each in days)
        return min(sum(each.measured for each in days) / expected * 100, 100.0) if expected else None

    def due_days(self, roles: Iterable[str]) -> int:
        """On how many days all these roles should be measured."""
        return len(set.intersection(*(set(self.days.get(role, {})) for role in roles)))

    def common(self, roles: Iterable[str]) -> Sums | None:
        """Of the days on which all the roles are whole; None without such a day."""
        wanted = list(roles)
        first, *others = (self.days.get(role, {}) for role in wanted)
        shared = [
            day for day, each in first.items() if each.is_whole and all(day in o and o[day].is_whole for o in others)
        ]
        if not shared:
            return None
        amounts = {role: sum(self.days[role][day].amount or 0.0 for day in shared) for role in wanted}
        return Sums(amounts, sum(first[day].hours for day in shared), len(shared))

    def has(self, *roles: str) -> bool:
        """Whether all of them should be measured on some day."""
        return all(self.days.get(role) for role in roles)

    def is_linked(self, *roles: str) -> bool:
        """Whether channels are linked for all of them, on these days or on others."""
        return all(role in self.days for role in roles)

    def way(self, *ways: tuple[AssetRole, ...], otherwise: tuple[AssetRole, ...]) -> tuple[AssetRole, ...]:
        """The first of some ways to measure a thing that is open on these days, or else on others."""
        known = (roles for is_open in (self.has, self.is_linked) for roles in ways if is_open(*roles))
        return next(known, otherwise)


def kpi_of(kind: AssetKpi, plate: Nameplate, use: AssetUse) -> Kpi:
    return _WAYS[kind](plate, use)


def kpis_of(plate: Nameplate, use: AssetUse) -> list[Kpi]:
    """All indicators of its kind, in their order."""
    return [kpi_of(kind, plate, use) for kind in KPIS[plate.kind]]


def _told(kind: AssetKpi, value: float | None, roles: tuple[AssetRole, ...], use: AssetUse) -> Kpi:
    lacking = tuple(role for role in roles if not use.is_linked(role))
    if lacking:
        return Kpi(kind, None, lacking=lacking)
    return Kpi(kind, value, use.completeness_percent(roles), use.due_days(roles))


def _of_sum(
    kind: AssetKpi, role: AssetRole, plate: float | None, way: Callable[[float, float], float | None], use: AssetUse
) -> Kpi:
    if plate is None:
        return Kpi(kind, None, lacks_nameplate=True)
    total = use.total(role)
    return _told(kind, None if total is None else way(total, plate), (role,), use)


def _of_common(kind: AssetKpi, roles: tuple[AssetRole, ...], way: Callable[[Sums], float | None], use: AssetUse) -> Kpi:
    """A share of what several roles counted on the same days, in percent."""
    sums = use.common(roles)
    share = None if sums is None else way(sums)
    return _told(kind, None if share is None else share * 100, roles, use)


def _specific_yield(plate: Nameplate, use: AssetUse) -> Kpi:
    way = assets.specific_yield_kwh_per_kwp
    return _of_sum(AssetKpi.SPECIFIC_YIELD, AssetRole.GENERATION, plate.peak_power_kwp, way, use)


def _performance_ratio(plate: Nameplate, use: AssetUse) -> Kpi:
    power = plate.peak_power_kwp
    if power is None:
        return Kpi(AssetKpi.PERFORMANCE_RATIO, None, lacks_nameplate=True)
    roles = (AssetRole.GENERATION, AssetRole.IRRADIANCE)

    def way(sums: Sums) -> float | None:
        return assets.performance_ratio(sums[AssetRole.GENERATION], power, sums[AssetRole.IRRADIANCE])

    return _of_common(AssetKpi.PERFORMANCE_RATIO, roles, way, use)


def _self_consumption(_plate: Nameplate, use: AssetUse) -> Kpi:
    kind, generation = AssetKpi.SELF_CONSUMPTION, AssetRole.GENERATION
    (other,) = use.way((AssetRole.SELF_USE,), (AssetRole.EXPORT,), otherwise=(AssetRole.EXPORT,))
    share = assets.used_share if other == AssetRole.SELF_USE else assets.self_consumption_share
    return _of_common(kind, (generation, other), lambda sums: share(sums[generation], sums[other]), use)


def _curtailment(_plate: Nameplate, use: AssetUse) -> Kpi:
    roles = (AssetRole.CURTAILED, AssetRole.GENERATION)
    return _of_common(
        AssetKpi.CURTAILMENT, roles, lambda sums: assets.curtailment_share(sums[roles[0]], sums[roles[1]]), use
    )


def _round_trip(plate: Nameplate, use: AssetUse) -> Kpi:
    """With the change of the state of charge where it is measured; else it is taken to be none."""
    capacity = plate.capacity_kwh
    roles: tuple[AssetRole, ...] = (AssetRole.CHARGE, AssetRole.DISCHARGE)
    if capacity is not None and use.has(AssetRole.STATE_OF_CHARGE):
        roles = (*roles, AssetRole.STATE_OF_CHARGE)

    def way(sums: Sums) -> float | None:
        kept = sums.amounts.get(AssetRole.STATE_OF_CHARGE, 0.0) / 100 * (capacity or 0.0)
        return assets.round_trip_efficiency(sums[AssetRole.CHARGE], sums[AssetRole.DISCHARGE], kept)

    return _of_common(AssetKpi.ROUND_TRIP, roles, way, use)


def _cycles(plate: Nameplate, use: AssetUse) -> Kpi:
    return _of_sum(AssetKpi.CYCLES, AssetRole.DISCHARGE, plate.capacity_kwh, assets.full_cycles, use)


def _full_load_hours(plate: Nameplate, use: AssetUse) -> Kpi:
    role = AssetRole.DISCHARGE if plate.kind == AssetKind.STORAGE else AssetRole.LOAD
    return _of_sum(AssetKpi.FULL_LOAD_HOURS, role, plate.power_kw, assets.full_load_hours, use)


def _utilisation(plate: Nameplate, use: AssetUse) -> Kpi:
    power = plate.power_kw
    if power is None:
        return Kpi(AssetKpi.UTILISATION, None, lacks_nameplate=True)
    load = AssetRole.LOAD
    return _of_common(
        AssetKpi.UTILISATION, (load,), lambda sums: assets.utilisation_share(sums[load], power, sums.hours), use
    )


BALANCE = (AssetRole.IMPORT, AssetRole.GENERATION, AssetRole.EXPORT)
STORED = (AssetRole.CHARGE, AssetRole.DISCHARGE)


def _load_roles(use: AssetUse) -> tuple[AssetRole, ...]:
    """What the consumption is worked out of: its own channel, or all that comes in and goes out."""
    roles = use.way((AssetRole.LOAD,), BALANCE, otherwise=(AssetRole.LOAD,))
    return (*roles, *(role for role in STORED if roles == BALANCE and use.has(role)))


def _load_of(amounts: Mapping[str, float]) -> float:
    if AssetRole.LOAD in amounts:
        return amounts[AssetRole.LOAD]
    return assets.load_by_balance_kwh(
        import_kwh=amounts[AssetRole.IMPORT],
        generation_kwh=amounts[AssetRole.GENERATION],
        export_kwh=amounts[AssetRole.EXPORT],
        discharge_kwh=amounts.get(AssetRole.DISCHARGE, 0.0),
        charge_kwh=amounts.get(AssetRole.CHARGE, 0.0),
    )


def _with_load(use: AssetUse, *roles: AssetRole) -> tuple[AssetRole, ...]:
    return tuple(dict.fromkeys((*roles, *_load_roles(use))))


def _self_sufficiency(_plate: Nameplate, use: AssetUse) -> Kpi:
    roles = _with_load(use, AssetRole.IMPORT)
    return _of_common(
        AssetKpi.SELF_SUFFICIENCY,
        roles,
        lambda sums: assets.self_sufficiency_share(_load_of(sums.amounts), sums[AssetRole.IMPORT]),
        use,
    )


def _energy_balance(_plate: Nameplate, use: AssetUse) -> Kpi:
    roles = _with_load(use, AssetRole.GENERATION)
    return _of_common(
        AssetKpi.ENERGY_BALANCE,
        roles,
        lambda sums: assets.energy_balance_share(sums[AssetRole.GENERATION], _load_of(sums.amounts)),
        use,
    )


def _intensity(plate: Nameplate, use: AssetUse) -> Kpi:
    """What the building used, by its own channel or by the balance; a balance without one of its sides says nothing."""
    area = plate.floor_area_m2
    if area is None:
        return Kpi(AssetKpi.INTENSITY, None, lacks_nameplate=True)
    roles = _load_roles(use)
    amounts: dict[str, float] = {role: total for role in roles if (total := use.total(role)) is not None}
    value = assets.intensity_kwh_per_m2(_load_of(amounts), area) if len(amounts) == len(roles) else None
    return _told(AssetKpi.INTENSITY, value, roles, use)


_WAYS: dict[AssetKpi, Callable[[Nameplate, AssetUse], Kpi]] = {
    AssetKpi.SPECIFIC_YIELD: _specific_yield,
    AssetKpi.PERFORMANCE_RATIO: _performance_ratio,
    AssetKpi.SELF_CONSUMPTION: _self_consumption,
    AssetKpi.CURTAILMENT: _curtailment,
    AssetKpi.ROUND_TRIP: _round_trip,
    AssetKpi.CYCLES: _cycles,
    AssetKpi.FULL_LOAD_HOURS: _full_load_hours,
    AssetKpi.UTILISATION: _utilisation,
    AssetKpi.SELF_SUFFICIENCY: _self_sufficiency,
    AssetKpi.ENERGY_BALANCE: _energy_balance,
    AssetKpi.INTENSITY: _intensity,
}
