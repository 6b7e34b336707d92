"""Which indicators of an asset cannot be right, or are worse than promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from energy.calculations.asset_kpis import Kpi
from energy.choices import AssetKpi

# Of the intervals, and of the days, of a year: below this it is not judged: what is missing could be the reason.
JUDGED_FROM_PERCENT = 90.0
# Facts of the domain, section 2.5: about 1,000 kWh/kWp a year in Jiangsu, of which 340 is far below; there is no
# sourced table by province, so an asset may carry the yield of its own design. No fixed array in China reaches 2,000.
YIELDS_KWH_PER_KWP = (600.0, 2000.0)
DESIGN_TOLERANCE = 0.3
# Section 7: performance ratios are 75 to 85 % as a rule; above 100 % the sensor or the rated power is wrong.
PERFORMANCE_PERCENT = (60.0, 100.0)
ROUND_TRIP_PERCENT = (50.0, 100.0)
SHARE_PERCENT = (0.0, 100.0)
RANGES: dict[AssetKpi, tuple[float, float]] = {
    AssetKpi.SPECIFIC_YIELD: YIELDS_KWH_PER_KWP,
    AssetKpi.PERFORMANCE_RATIO: PERFORMANCE_PERCENT,
    AssetKpi.ROUND_TRIP: ROUND_TRIP_PERCENT,
    AssetKpi.SELF_CONSUMPTION: SHARE_PERCENT,
    AssetKpi.SELF_SUFFICIENCY: SHARE_PERCENT,
    AssetKpi.CURTAILMENT: SHARE_PERCENT,
    AssetKpi.UTILISATION: SHARE_PERCENT,
}


class DoubtKind(StrEnum):
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    BELOW_GUARANTEE = "below_guarantee"


@dataclass(frozen=True, slots=True)
class Doubt:
    """An indicator outside of `lowest` to `highest`, in its own unit; of a guarantee `lowest` is what was promised."""

    kpi: AssetKpi
    kind: DoubtKind
    value: float
    lowest: float
    highest: float


def is_known(kpi: Kpi, days: int) -> bool:
    """Whether it can be judged over so many days: most of them were due, and most of those were measured.

    >>> is_known(Kpi(AssetKpi.SPECIFIC_YIELD, 230.0, 99.0, due_days=82), 365)
    False
    """
    percents = (kpi.completeness_percent or 0.0, kpi.due_days / days * 100)
    return kpi.value is not None and min(percents) >= JUDGED_FROM_PERCENT


def doubts_of(
    kpis: Iterable[Kpi],
    days: int,
    *,
    design_yield_kwh_per_kwp: float | None = None,
    guaranteed_efficiency_percent: float | None = None,
) -> list[Doubt]:
    """What stands against the indicators of a year of so many days. Those that are not known well are not judged.

    >>> told = Kpi(AssetKpi.SPECIFIC_YIELD, 340.0, 99.0, due_days=365)
    >>> [doubt.kind for doubt in doubts_of([told], 365)]
    [<DoubtKind.TOO_LOW: 'too_low'>]
    >>> doubts_of([Kpi(AssetKpi.SPECIFIC_YIELD, 340.0, 60.0, due_days=365)], 365)
    []
    """
    found = []
    for kpi in kpis:
        if kpi.value is None or not is_known(kpi, days) or kpi.kind not in RANGES:
            continue
        lowest, highest = RANGES[kpi.kind]
        if kpi.kind == AssetKpi.SPECIFIC_YIELD and design_yield_kwh_per_kwp:
            lowest, highest = (design_yield_kwh_per_kwp * (1 + sign * DESIGN_TOLERANCE) for sign in (-1, 1))
        if kpi.value < lowest:
            found.append(Doubt(kpi.kind, DoubtKind.TOO_LOW, kpi.value, lowest, highest))
        elif kpi.value > highest:
            found.append(Doubt(kpi.kind, DoubtKind.TOO_HIGH, kpi.value, lowest, highest))
        elif kpi.kind == AssetKpi.ROUND_TRIP and kpi.value < (guaranteed_efficiency_percent or 0.0):
            promised = guaranteed_efficiency_percent or 0.0
            found.append(Doubt(kpi.kind, DoubtKind.BELOW_GUARANTEE, kpi.value, promised, highest))
    return found
