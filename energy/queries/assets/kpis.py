"""The indicators of assets: of a year and its months, of the last twelve months, and what stands against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from energy.calculations.asset_doubts import Doubt, doubts_of
from energy.calculations.asset_kpis import KPIS, AssetUse, Kpi, Nameplate, kpi_of, kpis_of
from energy.choices import AssetKind
from energy.models import Asset
from energy.queries.assets import days
from energy.queries.use import months_before, next_month

DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class Headline:
    """What an asset is judged by this year so far, and what stands against its last 365 days."""

    kpi: Kpi
    doubts: list[Doubt]


@dataclass(frozen=True)
class MonthOfAsset:
    month: date
    use: AssetUse
    kpis: list[Kpi]


@dataclass(frozen=True)
class YearOfAsset:
    """The months of a year that have begun, and the year so far.

    `judged` is the span of `judged_kpis`, which the doubts are about; `is_judged`: whether it was there in all of it.
    """

    months: list[MonthOfAsset]
    use: AssetUse
    kpis: list[Kpi]
    judged: tuple[date, date]
    judged_kpis: list[Kpi]
    doubts: list[Doubt]
    is_judged: bool
    hours_at_limit: float | None


def nameplate(asset: Asset) -> Nameplate:
    """What its indicators need of an asset of `register.assets`; of a microgrid the capacities of its members."""
    if asset.kind != AssetKind.MICROGRID:
        return _plate(asset.kind, [asset], asset.floor_area_m2)
    return _plate(asset.kind, [each.member for each in asset.kept_members if each.ends_on is None], None)  # type: ignore[attr-defined]


def _plate(kind: str, several: Sequence[Asset], floor_area_m2: Any) -> Nameplate:
    def of(name: str) -> float | None:
        known = [value for each in several if (value := getattr(each, name)) is not None]
        return float(sum(known)) if known else None

    return Nameplate(
        kind=kind,
        peak_power_kwp=of("peak_power_kwp"),
        power_kw=of("power_kw"),
        capacity_kwh=of("capacity_kwh"),
        floor_area_m2=None if floor_area_m2 is None else float(floor_area_m2),
    )


def headlines(assets: Sequence[Asset], today: date, zone_name: str) -> dict[UUID, Headline]:
    """One statement for all of them. The days until yesterday."""
    starts_on = today - timedelta(days=DAYS_OF_A_YEAR)
    uses = days.uses_of(assets, starts_on, today, zone_name)
    told = {}
    for asset in assets:
        plate, use = nameplate(asset), uses[asset.pk]
        this_year = use.between(date(today.year, 1, 1), today)
        told[asset.pk] = Headline(
            kpi_of(KPIS[asset.kind][0], plate, this_year), _doubts(asset, kpis_of(plate, use), starts_on)
        )
    return told


def _was_there(asset: Asset, starts_on: date) -> bool:
    """Whether it was in service on all of the days that it would be judged by."""
    return asset.starts_on <= starts_on


def _doubts(asset: Asset, kpis: list[Kpi], starts_on: date) -> list[Doubt]:
    if not _was_there(asset, starts_on):
        return []
    return doubts_of(
        kpis,
        design_yield_kwh_per_kwp=_number(asset.design_yield_kwh_per_kwp),
        guaranteed_efficiency_percent=_number(asset.guaranteed_efficiency_percent),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def year_of(asset: Asset, year: int, today: date, zone_name: str) -> YearOfAsset:
    """The months of a year until yesterday. A year that is over is judged itself, this one by the last 365 days."""
    first, behind = date(year, 1, 1), min(date(year + 1, 1, 1), max(today, date(year, 1, 1)))
    judged = (first, behind) if behind < today else (today - timedelta(days=DAYS_OF_A_YEAR), today)
    use = days.uses_of([asset], min(first, judged[0]), behind, zone_name)[asset.pk]
    plate = nameplate(asset)
    months = [
        MonthOfAsset(month, part, kpis_of(plate, part))
        for month in months_before(date(year, 12, 1), 12)
        if month < behind
        for part in [use.between(month, next_month(month))]
    ]
    this_year = use.between(first, behind)
    judged_kpis = kpis_of(plate, use.between(*judged))
    return YearOfAsset(
        months=months,
        use=this_year,
        kpis=kpis_of(plate, this_year),
        judged=judged,
        judged_kpis=judged_kpis,
        doubts=_doubts(asset, judged_kpis, judged[0]),
        is_judged=_was_there(asset, judged[0]),
        hours_at_limit=days.hours_at_export_limit(asset, first, behind),
    )
