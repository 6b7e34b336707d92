"""Energy assets in words: what their indicators say, how they are worked out, and what stands against them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from energy.calculations.asset_doubts import Doubt, DoubtKind
from energy.calculations.asset_kpis import UNITS, Kpi
from energy.choices import AssetKind, AssetKpi, AssetRole
from energy.models import Asset
from energy.queries.assets.kpis import nameplate
from energy.queries.register import PLANNED, RETIRED
from lib import formatting

TONES: dict[str, str] = {
    AssetKind.PV: "pv",
    AssetKind.STORAGE: "stor",
    AssetKind.CHARGING: "chg",
    AssetKind.MICROGRID: "elec",
    AssetKind.BUILDING: "heat",
}
ROLE_TONES: dict[str, str] = {
    AssetRole.GENERATION: "pv",
    AssetRole.SELF_USE: "pv",
    AssetRole.CURTAILED: "ref",
    AssetRole.IRRADIANCE: "ref",
    AssetRole.CHARGE: "stor",
    AssetRole.DISCHARGE: "stor",
    AssetRole.STATE_OF_CHARGE: "ref",
}
# Energy and power, area and count, in the order in which they tell how large an asset is.
CAPACITIES: dict[str, tuple[tuple[str, str], ...]] = {
    AssetKind.PV: (("peak_power_kwp", "kWp"),),
    AssetKind.STORAGE: (("power_kw", "kW"), ("capacity_kwh", "kWh")),
    AssetKind.CHARGING: (("power_kw", "kW"),),
    AssetKind.BUILDING: (("floor_area_m2", "m²"),),
}
DEFINITIONS: dict[str, Any] = {
    AssetKpi.SPECIFIC_YIELD: gettext_lazy(
        "Generation by peak power: what each kilowatt of modules gave (final yield of IEC 61724-1)."
    ),
    AssetKpi.PERFORMANCE_RATIO: gettext_lazy(
        "Specific yield by the hours of full sun, of the days on which both are measured (IEC 61724-1). The sensor is"
        " taken to lie in the plane of the modules; temperature is not corrected for."
    ),
    AssetKpi.SELF_CONSUMPTION: gettext_lazy(
        "The share of the own generation that is not exported, or that a channel of its own shows to be used here."
    ),
    AssetKpi.CURTAILMENT: gettext_lazy(
        "Curtailed energy by what there could have been: generation and curtailed energy. Worked out only where a"
        " channel measures what is curtailed; an export limit alone does not tell what was lost."
    ),
    AssetKpi.ROUND_TRIP: gettext_lazy(
        "Discharge by charge, of the days on which both are measured. What the store holds more at the end counts as"
        " given back where its state of charge is measured; else it is taken to hold the same."
    ),
    AssetKpi.CYCLES: gettext_lazy("Discharge by capacity: how often the store was emptied in full."),
    AssetKpi.UTILISATION: gettext_lazy(
        "What was delivered of what the rated power could have, of the days that are measured in full."
    ),
    AssetKpi.SELF_SUFFICIENCY: gettext_lazy(
        "The share of the consumption that is not drawn from the grid. Where nobody measures the consumption, it is"
        " what is drawn, generated and discharged less what is exported and charged."
    ),
    AssetKpi.ENERGY_BALANCE: gettext_lazy(
        "Generation by consumption: a building whose year comes to 100 % or more makes what it uses."
    ),
    AssetKpi.INTENSITY: gettext_lazy("Consumption by floor area."),
    AssetKpi.FULL_LOAD_HOURS: gettext_lazy("For how long the energy would take at rated power."),
}


def status_of(asset: Asset, today: date) -> str:
    if asset.ends_on is not None and asset.ends_on <= today:
        return RETIRED
    return PLANNED if asset.starts_on > today else ""


def mark_of(asset: Asset, today: date) -> tuple[str, str]:
    """The state of the badge and its word."""
    return {
        RETIRED: ("mute", pgettext("meter", "Out of service")),
        PLANNED: ("info", pgettext("meter", "Planned")),
    }.get(status_of(asset, today), ("ok", pgettext("meter", "In service")))


def capacity_words(asset: Asset) -> str:
    """How large it is: 2,400 kWp, or 500 kW · 1,000 kWh; of a microgrid that of its members together."""
    if asset.kind == AssetKind.MICROGRID:
        plate = nameplate(asset)
        sums = ((plate.peak_power_kwp, "kWp"), (plate.capacity_kwh, "kWh"))
        told = [_told(value, unit) for value, unit in sums if value is not None]
    else:
        known = ((getattr(asset, name), unit) for name, unit in CAPACITIES[asset.kind])
        told = [_told(value.normalize(), unit) for value, unit in known if value is not None]
    return " · ".join(told) or formatting.NOTHING


def _told(value: formatting.Figure, unit: str) -> str:
    return f"{formatting.number(value, 0 if value == int(value) else None)}{formatting.THIN_SPACE}{unit}"


def value_words(kind: AssetKpi, value: float | None) -> str:
    """The figure without its unit, but for percent, whose place is a matter of the language."""
    if value is None:
        return formatting.NOTHING
    if UNITS[kind] == "%":
        return formatting.percent(value)
    return formatting.number(value, 0 if abs(value) >= 100 else 1)


def unit_of(kind: AssetKpi) -> str:
    """The unit behind the figure of `value_words`."""
    return "" if UNITS[kind] == "%" else UNITS[kind]


def with_unit(kind: AssetKpi, value: float | None) -> str:
    unit = unit_of(kind)
    words = value_words(kind, value)
    return f"{words}{formatting.THIN_SPACE}{unit}" if unit and value is not None else words


def reason_words(kpi: Kpi) -> str:
    """Why an indicator has no value, or how much of what it is made of was measured."""
    if kpi.lacks_nameplate:
        return _("not worked out: a figure of the nameplate is missing")
    if kpi.lacking:
        roles = _(", ").join(str(AssetRole(role).label).lower() for role in kpi.lacking)
        return _("not measured: no channel for %(roles)s") % {"roles": roles}
    if kpi.value is None:
        return _("no day is measured in full")
    return _("%(percent)s measured") % {"percent": formatting.percent(kpi.completeness_percent or 0.0)}


CAUSES: dict[tuple[AssetKpi, DoubtKind], Any] = {
    (AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_LOW): gettext_lazy(
        "Look whether the peak power is that of the modules and not of the site, whether every inverter is linked, and"
        " whether the multiplier of the meter is right."
    ),
    (AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_HIGH): gettext_lazy(
        "Look whether the multiplier of the meter is right, and whether the peak power counts all modules."
    ),
    (AssetKpi.PERFORMANCE_RATIO, DoubtKind.TOO_LOW): gettext_lazy(
        "Look for soiled modules, failed inverters and curtailment, and whether the peak power is right."
    ),
    (AssetKpi.PERFORMANCE_RATIO, DoubtKind.TOO_HIGH): gettext_lazy(
        "Look whether the sensor lies in the plane of the modules and is clean, and whether the peak power is right."
    ),
    (AssetKpi.ROUND_TRIP, DoubtKind.TOO_LOW): gettext_lazy(
        "Look whether charge and discharge are swapped, and whether all discharging is measured."
    ),
    (AssetKpi.ROUND_TRIP, DoubtKind.TOO_HIGH): gettext_lazy(
        "More came out than went in: look whether all charging is measured, and at the multipliers."
    ),
    (AssetKpi.ROUND_TRIP, DoubtKind.BELOW_GUARANTEE): gettext_lazy(
        "The guarantee is not kept: look at standby use and cooling, and whether they are part of the guarantee."
    ),
}


def doubt_words(doubt: Doubt) -> dict[str, str]:
    """What stands against an indicator of the judged year: a title, and a sentence with what to look for."""
    kpi = AssetKpi(doubt.kpi)
    facts = {
        "value": with_unit(kpi, doubt.value),
        "lowest": with_unit(kpi, doubt.lowest),
        "highest": with_unit(kpi, doubt.highest),
    }
    title = {
        DoubtKind.TOO_LOW: _("%(kpi)s is too low to be right."),
        DoubtKind.TOO_HIGH: _("%(kpi)s is too high to be right."),
        DoubtKind.BELOW_GUARANTEE: _("%(kpi)s is below the guarantee."),
    }[doubt.kind] % {"kpi": str(kpi.label)}
    if doubt.kind == DoubtKind.BELOW_GUARANTEE:
        found = _("%(value)s in a year; %(lowest)s are guaranteed.") % facts
    else:
        found = _("%(value)s in a year; %(lowest)s to %(highest)s are to be expected.") % facts
    cause = CAUSES.get((kpi, doubt.kind)) or _(
        "Look at the channels that measure it, their flow and their multipliers."
    )
    gap = "" if formatting.speaks_chinese() else " "
    return {"title": title, "text": f"{found}{gap}{cause}"}
