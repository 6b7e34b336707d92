"""How well energy assets do: one function for each indicator, of quantities of one and the same time.

Energies are in kWh, powers in kW, shares 0 to 1. Nothing is worked out of nothing: where the divisor is zero the answer
is None. Sources: IEC 61724-1 for photovoltaics, facts of the domain, section 7, for all others.
"""

from __future__ import annotations

from collections.abc import Iterable

# IEC 61724-1: the irradiance at which the rated power of modules is told, kW/m².
REFERENCE_IRRADIANCE_KW_PER_M2 = 1.0
# An inverter that holds a limit stays a little below it.
AT_LIMIT_SHARE = 0.99


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def specific_yield_kwh_per_kwp(generation_kwh: float, peak_power_kwp: float) -> float | None:
    """The final yield Yf: what each kilowatt of modules gave. Source: IEC 61724-1, final system yield.

    >>> specific_yield_kwh_per_kwp(5_200_000, 5_200)
    1000.0
    """
    return _ratio(generation_kwh, peak_power_kwp)


def performance_ratio(generation_kwh: float, peak_power_kwp: float, irradiation_kwh_per_m2: float) -> float | None:
    """Final yield by reference yield Yr = H / (1 kW/m²). Source: IEC 61724-1.

    Irradiation in the plane of the modules; energy behind the inverter; no correction for temperature. With 5 kWh/m² on
    a day the reference yield is 5 h; 400 kWh of 100 kWp are 4 h:

    >>> performance_ratio(400, 100, 5)
    0.8
    """
    yielded = _ratio(generation_kwh, peak_power_kwp)
    reference_hours = irradiation_kwh_per_m2 / REFERENCE_IRRADIANCE_KW_PER_M2
    return None if yielded is None else _ratio(yielded, reference_hours)


def irradiation_kwh_per_m2(mean_w_per_m2: float, hours: float) -> float:
    """
    >>> irradiation_kwh_per_m2(250, 24)
    6.0
    """
    return mean_w_per_m2 * hours / 1000


def self_consumption_share(generation_kwh: float, export_kwh: float) -> float | None:
    """The share of the own generation that is used here. Source: facts, section 7 (pvcompare).

    >>> self_consumption_share(1000, 250)
    0.75
    """
    return _ratio(generation_kwh - export_kwh, generation_kwh)


def used_share(generation_kwh: float, self_use_kwh: float) -> float | None:
    """The same where what is used here is measured itself.

    >>> used_share(1000, 750)
    0.75
    """
    return _ratio(self_use_kwh, generation_kwh)


def self_sufficiency_share(load_kwh: float, import_kwh: float) -> float | None:
    """The share of the consumption that is not drawn from the grid. Source: facts, section 7: (load - import) / load.

    >>> self_sufficiency_share(2000, 1500)
    0.25
    """
    return _ratio(load_kwh - import_kwh, load_kwh)


def load_by_balance_kwh(
    *, import_kwh: float, generation_kwh: float, export_kwh: float, discharge_kwh: float = 0.0, charge_kwh: float = 0.0
) -> float:
    """What was consumed, where all that comes in and goes out is measured. Losses inside count as consumption.

    >>> load_by_balance_kwh(import_kwh=500, generation_kwh=300, export_kwh=100, discharge_kwh=80, charge_kwh=90)
    690
    """
    return import_kwh + generation_kwh + discharge_kwh - export_kwh - charge_kwh


def curtailment_share(curtailed_kwh: float, generation_kwh: float) -> float | None:
    """What was given away of what there could have been. Source: facts, section 7: curtailed / (generated + curtailed).

    >>> curtailment_share(50, 950)
    0.05
    """
    return _ratio(curtailed_kwh, generation_kwh + curtailed_kwh)


def hours_at_limit(values_kwh: Iterable[float | None], limit_kw: float, minutes: int) -> float:
    """How long the export stood at its limit; what was lost meanwhile no meter tells.

    Of four quarters of an hour two reach 99 % of 100 kW, which are 25 kWh a quarter:

    >>> hours_at_limit([25.0, 24.8, 24.0, None], 100, 15)
    0.5
    """
    full = limit_kw * minutes / 60 * AT_LIMIT_SHARE
    return sum(value is not None and value >= full for value in values_kwh) * minutes / 60


def round_trip_efficiency(charge_kwh: float, discharge_kwh: float, kept_kwh: float = 0.0) -> float | None:
    """What comes back of what is stored. Source: facts, section 7: discharge / charge.

    kept_kwh: how much more the store holds at the end than at the beginning; it counts as given back, without the loss
    that its discharge will cost. 1,000 kWh in, 800 kWh out, and 60 kWh more in the store:

    >>> round_trip_efficiency(1000, 800, 60)
    0.86
    """
    return _ratio(discharge_kwh + kept_kwh, charge_kwh)


def full_cycles(discharge_kwh: float, capacity_kwh: float) -> float | None:
    """Equivalent full cycles. Source: facts, section 7: discharge / usable capacity.

    >>> full_cycles(600_000, 2_000)
    300.0
    """
    return _ratio(discharge_kwh, capacity_kwh)


def full_load_hours(energy_kwh: float, power_kw: float) -> float | None:
    """For how long the energy would take at rated power.

    >>> full_load_hours(1_920_000, 1_920)
    1000.0
    """
    return _ratio(energy_kwh, power_kw)


def utilisation_share(energy_kwh: float, power_kw: float, hours: float) -> float | None:
    """What was delivered of what could have been. Source: facts, section 7: kWh / (rated kW x hours).

    >>> utilisation_share(4_608, 1_920, 24)
    0.1
    """
    return _ratio(energy_kwh, power_kw * hours)


def intensity_kwh_per_m2(energy_kwh: float, area_m2: float) -> float | None:
    """
    >>> intensity_kwh_per_m2(450_000, 10_000)
    45.0
    """
    return _ratio(energy_kwh, area_m2)


def energy_balance_share(generation_kwh: float, load_kwh: float) -> float | None:
    """Generation by consumption: a building whose year comes to 1 or more makes what it uses.

    >>> energy_balance_share(460_000, 400_000)
    1.15
    """
    return _ratio(generation_kwh, load_kwh)
