"""The indicators of assets: of a year and its months, of the last twelve months, and what stands against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from energy.calculations.asset_doubts import Doubt, doubts_of, is_known
from energy.calculations.asset_kpis import KPIS, AssetUse, Kpi, Nameplate, kpi_of, kpis_of
from energy.choices import AssetKind
from energy.models import Asset
from energy.queries.assets import days
from energy.queries.use import months_before, next_month

DAYS_OF_A_YEAR = 365
# A year of three channels of each is a hundred thousand days.
AT_ONCE = 100


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

    `judged` is the span of `judged_kpis`, which the doubts are about; `is_judged`: whether it was in service in all of
    it; `is_known`: whether enough of it is measured to judge one of them.
    """

    months: list[MonthOfAsset]
    use: AssetUse
    kpis: list[Kpi]
    judged: tuple[date, date]
    judged_kpis: list[Kpi]
    doubts: list[Doubt]
    is_judged: bool
    is_known: bool
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
    """Of the days until yesterday. A statement for every `AT_ONCE` of them, whose days are held together."""
    judged = (today - timedelta(days=DAYS_OF_A_YEAR), today)
    told = {}
    for place in range(0, len(assets), AT_ONCE):
        several = assets[place : place + AT_ONCE]
        uses = days.uses_of(several, *judged, zone_name)
        for asset in several:
            plate, use = nameplate(asset), uses[asset.pk]
            this_year = use.between(date(today.year, 1, 1), today)
            told[asset.pk] = Headline(
                kpi_of(KPIS[asset.kind][0], plate, this_year), _doubts(asset, kpis_of(plate, use), judged)
            )
    return told


def _was_there(asset: Asset, judged: tuple[date, date]) -> bool:
    """Whether it was in service on all of the days that it would be judged by."""
    starts_on, behind = judged
    return asset.starts_on <= starts_on and (asset.ends_on is None or asset.ends_on >= behind)


def _doubts(asset: Asset, kpis: list[Kpi], judged: tuple[date, date]) -> list[Doubt]:
    if not _was_there(asset, judged):
        return []
    return doubts_of(
        kpis,
        _days_of(judged),
        design_yield_kwh_per_kwp=_number(asset.design_yield_kwh_per_kwp),
        guaranteed_efficiency_percent=_number(asset.guaranteed_efficiency_percent),
    )


def _days_of(span: tuple[date, date]) -> int:
    return (span[1] - span[0]).days


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
        doubts=_doubts(asset, judged_kpis, judged),
        is_judged=_was_there(asset, judged),
        is_known=any(is_known(kpi, _days_of(judged)) for kpi in judged_kpis),
        hours_at_limit=days.hours_at_export_limit(asset, first, behind),
    )
