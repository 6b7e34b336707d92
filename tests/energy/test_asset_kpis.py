"""The indicators of energy assets, with the arithmetic beside each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from energy.calculations import assets
from energy.calculations.asset_doubts import DoubtKind, doubts_of
from energy.calculations.asset_kpis import KPIS, UNITS, AssetUse, Kpi, Nameplate, RoleDay, kpi_of, kpis_of
from energy.choices import AssetKind, AssetKpi, AssetRole

FIRST = date(2026, 3, 1)
QUARTERS = 96
PV = Nameplate(AssetKind.PV, peak_power_kwp=100)


def whole(amount):
    return RoleDay(amount, QUARTERS, QUARTERS, QUARTERS)


def partly(amount, present=72, measured=72):
    return RoleDay(amount, present, measured, QUARTERS)


def days(*each):
    """Days in their order; a number is a day that is whole."""
    return {
        FIRST + timedelta(days=place): whole(one) if isinstance(one, int | float) else one
        for place, one in enumerate(each)
    }


def use(**roles):
    return AssetUse({role: days(*each) for role, each in roles.items()})


def told(kind, plate, used):
    found = kpi_of(kind, plate, used)
    return found.value, found.completeness_percent


def test_specific_yield_is_generation_by_peak_power():
    # 400 + 500 + 300 kWh of 100 kWp: 1,200 / 100 = 12 kWh/kWp.
    assert told(AssetKpi.SPECIFIC_YIELD, PV, use(generation=(400, 500, 300))) == (12.0, 100.0)


def test_sum_is_of_all_that_is_there_and_says_how_much_that_is():
    # A day with 72 of 96 quarters: (96 + 72) / 192 = 87.5 % measured, and its 300 kWh count.
    assert told(AssetKpi.SPECIFIC_YIELD, PV, use(generation=(400, partly(300)))) == (7.0, 87.5)


def test_estimates_count_as_energy_and_not_as_measured():
    # The second day is whole by estimates: 24 of its 96 quarters. (96 + 72) / 192 = 87.5 %.
    estimated = RoleDay(300, QUARTERS, 72, QUARTERS)
    assert told(AssetKpi.UTILISATION, Nameplate(AssetKind.CHARGING, power_kw=50), use(load=(300, estimated))) == (
        25.0,
        87.5,
    )


def test_performance_ratio_is_of_the_days_on_which_both_are_known():
    # Days 1 and 3: 400 + 300 = 700 kWh of 100 kWp are 7 h; 5 + 4 = 9 kWh/m2 are 9 h of full sun; 7 / 9 = 77.8 %.
    # Day 2 has generation and no irradiance: with it the ratio would be 12 / 9 = 133 %.
    value, percent = told(
        AssetKpi.PERFORMANCE_RATIO, PV, use(generation=(400, 500, 300), irradiance=(5, partly(None, 0, 0), 4))
    )
    assert value == pytest.approx(77.78, abs=0.01)
    assert percent == pytest.approx((3 * 96 + 2 * 96) / (6 * 96) * 100)


def test_self_consumption_by_export_and_by_its_own_channel():
    # (1,000 - 250) / 1,000 = 75 %.
    assert told(AssetKpi.SELF_CONSUMPTION, PV, use(generation=(1000,), export=(250,)))[0] == 75.0
    # 740 / 1,000: a channel of the use itself goes before the export.
    assert told(AssetKpi.SELF_CONSUMPTION, PV, use(generation=(1000,), export=(250,), self_use=(740,)))[0] == 74.0


def test_what_nobody_measures_is_named_and_not_zero():
    kpi = kpi_of(AssetKpi.SELF_CONSUMPTION, PV, use(generation=(1000,)))
    assert (kpi.value, kpi.lacking) == (None, (AssetRole.EXPORT,))
    kpi = kpi_of(AssetKpi.CURTAILMENT, PV, use(generation=(1000,)))
    assert (kpi.value, kpi.lacking) == (None, (AssetRole.CURTAILED,))
    kpi = kpi_of(AssetKpi.SPECIFIC_YIELD, Nameplate(AssetKind.PV), use(generation=(1000,)))
    assert (kpi.value, kpi.lacks_nameplate) == (None, True)


def test_channel_that_has_no_days_yet_is_there():
    # On 1 January no day of the year is over: nothing is known, and nobody lacks a channel.
    new_year = use(generation=(1000,), self_use=(740,)).between(date(2027, 1, 1), date(2027, 1, 1))
    for kind in (AssetKpi.SPECIFIC_YIELD, AssetKpi.SELF_CONSUMPTION):
        assert kpi_of(kind, PV, new_year) == Kpi(kind, None)
    balance = use(generation=(300,), export=(100,), **{"import": (200,)})
    new_year = balance.between(date(2027, 1, 1), date(2027, 1, 1))
    plate = Nameplate(AssetKind.BUILDING, floor_area_m2=10)
    assert kpis_of(plate, new_year) == [Kpi(kind, None) for kind in KPIS[AssetKind.BUILDING]]
    # Of two ways the one that has days is chosen.
    both = AssetUse({**use(generation=(1000,), export=(250,)).days, "self_use": {}})
    assert told(AssetKpi.SELF_CONSUMPTION, PV, both)[0] == 75.0


def test_curtailment_is_of_what_there_could_have_been():
    # 50 / (950 + 50) = 5 %.
    assert told(AssetKpi.CURTAILMENT, PV, use(generation=(950,), curtailed=(50,)))[0] == 5.0


def test_hours_at_limit_count_intervals_within_a_percent_of_it():
    # 60 kW over a quarter are 15 kWh; 99 % of it 14.85. Three of five reach it: 3 x 15 min = 0.75 h.
    assert assets.hours_at_limit([15.0, 14.85, 14.84, None, 15.2], 60, 15) == 0.75


STORE = Nameplate(AssetKind.STORAGE, power_kw=500, capacity_kwh=1000)


def test_round_trip_without_a_state_of_charge():
    # 860 of 1,000 kWh.
    assert told(AssetKpi.ROUND_TRIP, STORE, use(charge=(600, 400), discharge=(500, 360))) == (86.0, 100.0)


def test_round_trip_counts_what_the_store_keeps():
    # In 1,000, out 800; the state of charge rises by 20 % less 12 %: 8 % of 1,000 kWh = 80 kWh kept; 880 / 1,000.
    value, _percent = told(
        AssetKpi.ROUND_TRIP, STORE, use(charge=(600, 400), discharge=(300, 500), state_of_charge=(20, -12))
    )
    assert value == pytest.approx(88.0)


def test_round_trip_leaves_out_days_of_which_one_side_is_missing():
    # The second day has no discharge readings: it would make 300 / 1,000.
    assert told(AssetKpi.ROUND_TRIP, STORE, use(charge=(400, 600), discharge=(300, partly(None, 0, 0))))[0] == 75.0


def test_cycles_and_hours_of_a_store():
    # 3,000 kWh out of 1,000 kWh: 3 cycles; at 500 kW for 6 h.
    used = use(discharge=(1000, 1200, 800), charge=(1, 1, 1))
    assert told(AssetKpi.CYCLES, STORE, used)[0] == 3.0
    assert told(AssetKpi.FULL_LOAD_HOURS, STORE, used)[0] == 6.0


def test_utilisation_is_of_the_hours_of_whole_days():
    # 480 kW x 24 h = 11,520 kWh possible; 1,152 are 10 %. The second day, half of it missing, is left out.
    plate = Nameplate(AssetKind.CHARGING, power_kw=480)
    assert told(AssetKpi.UTILISATION, plate, use(load=(1152, partly(100, 48, 48)))) == (10.0, 75.0)


def test_day_of_a_clock_change_has_its_own_hours():
    # 23 hours at 100 kW are 2,300 kWh; 1,150 are 50 %.
    short = RoleDay(1150, 92, 92, 92, 23.0)
    assert told(AssetKpi.UTILISATION, Nameplate(AssetKind.CHARGING, power_kw=100), use(load=(short,)))[0] == 50.0


GRID = Nameplate(AssetKind.MICROGRID)


def test_self_sufficiency_by_the_consumption_that_is_measured():
    # (2,000 - 1,500) / 2,000 = 25 %.
    assert told(AssetKpi.SELF_SUFFICIENCY, GRID, use(load=(2000,), **{"import": (1500,)}))[0] == 25.0


def test_self_sufficiency_by_the_balance_where_it_is_not():
    # 500 drawn + 300 made + 80 out of the store - 100 exported - 90 into the store = 690 used; (690 - 500) / 690.
    used = use(generation=(300,), export=(100,), charge=(90,), discharge=(80,), **{"import": (500,)})
    assert told(AssetKpi.SELF_SUFFICIENCY, GRID, used)[0] == pytest.approx(190 / 690 * 100)
    # Without the export it cannot be known, and the consumption is what is missing.
    kpi = kpi_of(AssetKpi.SELF_SUFFICIENCY, GRID, use(generation=(300,), **{"import": (500,)}))
    assert kpi.lacking == (AssetRole.LOAD,)


def test_building_that_makes_what_it_uses():
    # 460 MWh by 400 MWh: 115 %; 400 MWh on 8,000 m2: 50 kWh/m2.
    plate = Nameplate(AssetKind.BUILDING, floor_area_m2=8000)
    used = use(generation=(460_000,), load=(400_000,))
    assert told(AssetKpi.ENERGY_BALANCE, plate, used)[0] == pytest.approx(115.0)
    assert told(AssetKpi.INTENSITY, plate, used) == (50.0, 100.0)


def test_building_of_which_only_the_balance_is_known():
    # 200 + 300 - 100 = 400 kWh on 10 m2.
    used = use(generation=(300,), export=(100,), **{"import": (200,)})
    plate = Nameplate(AssetKind.BUILDING, floor_area_m2=10)
    assert told(AssetKpi.INTENSITY, plate, used)[0] == 40.0
    # What all channels counted, as of one: 600 + 900 - 300 kWh, though only the first day is whole on all three.
    gaps = use(generation=(300, partly(300, 95, 95), 300), export=(100,) * 3, **{"import": (200, 200, partly(200))})
    value, percent = told(AssetKpi.INTENSITY, plate, gaps)
    assert (value, percent) == (120.0, pytest.approx((9 * 96 - 1 - 24) / (9 * 96) * 100))
    # Of nothing that was drawn the balance is not known.
    assert (
        told(AssetKpi.INTENSITY, plate, use(generation=(300,), export=(100,), **{"import": (partly(None, 0, 0),)}))[0]
        is None
    )


def test_nothing_is_worked_out_of_nothing():
    assert told(AssetKpi.ROUND_TRIP, STORE, use(charge=(0,), discharge=(0,))) == (None, 100.0)
    assert told(AssetKpi.PERFORMANCE_RATIO, PV, use(generation=(0,), irradiance=(0,)))[0] is None
    assert told(AssetKpi.SPECIFIC_YIELD, PV, use(generation=(partly(None, 0, 0),))) == (None, 0.0)


@pytest.mark.parametrize("kind", AssetKind.values)
def test_every_kind_has_indicators_with_units(kind):
    assert [kpi.kind for kpi in kpis_of(Nameplate(kind), AssetUse())] == list(KPIS[kind])
    assert set(KPIS[kind]) <= set(UNITS)


# What cannot be right


def kinds(*kpis, due_days=365, **options):
    known = [replace(kpi, due_days=due_days) for kpi in kpis]
    return [(doubt.kpi, doubt.kind) for doubt in doubts_of(known, 365, **options)]


def test_yield_of_liyang_as_published_is_flagged():
    # Facts, section 2.5: 5.2 GWh of 77,000 m2 at 0.2 kWp/m2, 15,400 kWp: 338 kWh/kWp, a third of what is usual.
    value = assets.specific_yield_kwh_per_kwp(5_200_000, 77_000 * 0.2)
    assert value == pytest.approx(337.7, abs=0.1)
    assert kinds(Kpi(AssetKpi.SPECIFIC_YIELD, value, 100.0)) == [(AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_LOW)]


@pytest.mark.parametrize(
    ("value", "found"),
    [(599.9, [DoubtKind.TOO_LOW]), (600.0, []), (1000.0, []), (2000.0, []), (2000.1, [DoubtKind.TOO_HIGH])],
)
def test_yields_between_the_bounds_are_plausible(value, found):
    assert [kind for _kpi, kind in kinds(Kpi(AssetKpi.SPECIFIC_YIELD, value, 100.0))] == found


def test_yield_of_the_design_sets_the_bounds():
    # 1,400 of the design less 30 %: 980.
    kpi = Kpi(AssetKpi.SPECIFIC_YIELD, 979.0, 100.0)
    assert kinds(kpi, design_yield_kwh_per_kwp=1400) == [(AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_LOW)]
    assert kinds(Kpi(AssetKpi.SPECIFIC_YIELD, 981.0, 100.0), design_yield_kwh_per_kwp=1400) == []


def test_year_with_gaps_is_not_judged():
    assert kinds(Kpi(AssetKpi.SPECIFIC_YIELD, 340.0, 89.9)) == []
    assert kinds(Kpi(AssetKpi.SPECIFIC_YIELD, 340.0, 90.0)) == [(AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_LOW)]


def test_year_of_which_few_days_were_due_is_not_judged():
    # 329 of 365 days are 90.1 %, 328 are 89.9 %.
    kpi = Kpi(AssetKpi.SPECIFIC_YIELD, 230.0, 99.0)
    assert kinds(kpi, due_days=328) == []
    assert kinds(kpi, due_days=329) == [(AssetKpi.SPECIFIC_YIELD, DoubtKind.TOO_LOW)]
    # Due are the days on which both sides are: the first two of three.
    ratio = kpi_of(AssetKpi.PERFORMANCE_RATIO, PV, AssetUse({"generation": days(4, 4, 4), "irradiance": days(5, 5)}))
    assert ratio.due_days == 2


def test_store_below_its_guarantee_and_store_that_gives_more_than_it_takes():
    assert kinds(Kpi(AssetKpi.ROUND_TRIP, 84.9, 99.0), guaranteed_efficiency_percent=85) == [
        (AssetKpi.ROUND_TRIP, DoubtKind.BELOW_GUARANTEE)
    ]
    assert kinds(Kpi(AssetKpi.ROUND_TRIP, 85.0, 99.0), guaranteed_efficiency_percent=85) == []
    assert kinds(Kpi(AssetKpi.ROUND_TRIP, 101.0, 99.0)) == [(AssetKpi.ROUND_TRIP, DoubtKind.TOO_HIGH)]


def test_shares_outside_of_zero_and_one_are_flagged():
    told_kpis = [Kpi(AssetKpi.SELF_SUFFICIENCY, -3.0, 99.0), Kpi(AssetKpi.SELF_CONSUMPTION, 104.0, 99.0)]
    assert kinds(*told_kpis) == [
        (AssetKpi.SELF_SUFFICIENCY, DoubtKind.TOO_LOW),
        (AssetKpi.SELF_CONSUMPTION, DoubtKind.TOO_HIGH),
    ]
