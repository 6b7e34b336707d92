"""Tariff periods of intervals, and what use costs: by hand, and for whatever use there may be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy.calculations import charges, tariff_clock
from energy.calculations.tariff_clock import PERIODS, Season

ALL_YEAR = tuple(range(1, 13))
BEIJING = ZoneInfo("Asia/Shanghai")
# Valley until 8, peak until 12, flat until 18, sharp until 22, flat until 24.
WORKING = "V" * 16 + "P" * 8 + "F" * 12 + "S" * 8 + "F" * 4
SEASONS = [Season(ALL_YEAR, WORKING, "F" * 48, "D" * 48)]


def starts(day, zone, minutes, count=None):
    """The instants of a local day's intervals."""
    first = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    tomorrow = day + timedelta(days=1)
    behind = int(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).timestamp())
    return np.arange(first, behind, minutes * 60, dtype=np.int64)[:count]


def periods(instants, zone=BEIJING, kind="working", seasons=SEASONS):
    days, _slots = tariff_clock.places_on_clock(instants, zone)
    kinds = {date(1970, 1, 1) + timedelta(days=number): kind for number in set(days.tolist())}
    return tariff_clock.periods_at(instants, zone, seasons, kinds)


def hours_of(codes, minutes):
    return {name: float((codes == code).sum()) * minutes / 60 for code, name in enumerate(PERIODS)}


def test_day_is_parted_by_the_clock_of_the_tariff():
    codes = periods(starts(date(2026, 7, 6), BEIJING, 15), BEIJING)

    assert hours_of(codes, 15) == {"sharp": 4.0, "peak": 4.0, "flat": 8.0, "valley": 8.0, "deep": 0.0}


def test_day_of_urumqi_is_parted_by_beijing_time():
    """Its day begins at two in Beijing, so two hours of valley are those of the next night."""
    codes = periods(starts(date(2026, 7, 6), ZoneInfo("Asia/Urumqi"), 60))

    letters = "".join("SPFVD"[code] for code in codes.tolist())
    assert letters == "VVVVVV" + "PPPP" + "FFFFFF" + "SSSS" + "FF" + "VV"


@pytest.mark.parametrize(
    ("day", "valley"), [(date(2026, 3, 29), 7.0), (date(2026, 10, 25), 9.0), (date(2026, 6, 1), 8.0)]
)
def test_clock_change_moves_the_hour_between_two_and_one(day, valley):
    zone = ZoneInfo("Europe/London")
    codes = periods(starts(day, zone, 30), zone)

    assert hours_of(codes, 30) == {"sharp": 4.0, "peak": 4.0, "flat": 8.0, "valley": valley, "deep": 0.0}


def test_kind_of_day_and_season_choose_the_letters():
    summer = [Season((7, 8), "S" * 48, "F" * 48, "D" * 48), Season((1, 2, 3, 4, 5, 6, 9, 10, 11, 12), *["V" * 48] * 3)]

    of_days = [
        set(periods(starts(date(2026, month, 31), BEIJING, 60), BEIJING, kind, summer).tolist())
        for month, kind in ((7, "working"), (7, "weekend"), (8, "holiday"), (5, "working"))
    ]

    assert of_days == [{0}, {2}, {4}, {3}]


def test_worked_weekend_and_weekend_of_a_holiday_are_told_apart():
    days = [date(2026, 2, 7) + timedelta(days=place) for place in range(22)]
    off = {7, 8, 15, 16, 17, 18, 19, 20, 21, 22, 23}
    kinds = tariff_clock.day_kinds(days, [day for day in days if day.day not in off])

    assert [kinds[date(2026, 2, day)] for day in (7, 13, 14, 15, 18, 22, 24, 28)] == [
        "weekend",
        "working",
        "working",
        "holiday",
        "holiday",
        "holiday",
        "working",
        "working",
    ]


def test_hour_across_a_border_is_shared_by_both_sides():
    """From half past eleven by the tariff's clock, where the peak ends at twelve."""
    instants = np.array([int(datetime(2026, 7, 6, 11, 30, tzinfo=BEIJING).timestamp())])
    parts, values = tariff_clock.in_quarters(instants, np.array([8.0]), 60)

    assert tariff_clock.sums_by_period(periods(parts), values) == [0.0, 4.0, 4.0, 0.0, 0.0]


def test_demand_is_the_highest_whole_quarter():
    instants = np.arange(0, 3600, 300, dtype=np.int64)
    values = np.array([1, 1, 1, 2, 3, 1, 9, np.nan, 9, 1, 2, 2], dtype=float)

    assert tariff_clock.highest_demand(instants, values, 5) == (24.0, 900)


@pytest.mark.parametrize(("minutes", "expected"), [(10, (30.0, 600)), (15, (20.0, 900)), (60, (5.0, 3600))])
def test_demand_of_other_intervals_is_that_of_their_own_length(minutes, expected):
    values = np.array([1.0, 5.0, np.nan])

    assert tariff_clock.highest_demand(np.arange(3, dtype=np.int64) * minutes * 60, values, minutes) == expected


def test_demand_of_nothing_is_unknown():
    assert tariff_clock.highest_demand(np.array([0]), np.array([np.nan]), 15) is None


@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1e6)), min_size=1, max_size=200),
    st.sampled_from([5, 10, 15, 30, 60]),
    st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "Europe/London"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001
)
def test_no_use_is_lost_between_the_periods(values, minutes, zone_name, begin):
    zone = ZoneInfo(zone_name)
    first = int(begin.replace(minute=0, second=0, microsecond=0, tzinfo=zone).timestamp())
    instants = first + np.arange(len(values), dtype=np.int64) * minutes * 60
    parts, shared = tariff_clock.in_quarters(instants, np.array(values), minutes)

    sums = tariff_clock.sums_by_period(periods(parts, zone), shared)

    assert sum(sums) == pytest.approx(np.nansum(values))


@given(
    st.lists(st.tuples(st.floats(0, 1e7), st.decimals(0, 3, places=6)), min_size=1, max_size=12),
    st.decimals("0.01", "1.00", places=2),
    st.sampled_from(charges.STANDARDS),
)
def test_parts_of_a_statement_give_the_whole_to_the_cent(uses, factor, standard):
    lines = [charges.charged("energy", charges.metered(use), "kWh", price) for use, price in uses]
    lines.append(charges.charged("levy", Decimal("1000.000"), "kWh", Decimal("0.0423")))
    percent = charges.adjustment_percent(factor, standard)
    extra = charges.adjustment(lines, percent)

    whole = charges.total([*lines, extra])

    assert whole == sum(line.amount for line in lines) + extra.amount
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in [*lines, extra])
    assert abs(extra.amount - sum(line.amount for line in lines[:-1]) * percent / 100) <= Decimal("0.005")
    assert all(abs(line.amount - line.quantity * line.price) <= Decimal("0.005") for line in lines)


def test_two_part_statement_is_what_one_works_out_by_hand():
    lines = [
        charges.charged("energy", Decimal("12000.000"), "kWh", Decimal("1.0987"), period="peak"),
        charges.charged("energy", Decimal("30000.000"), "kWh", Decimal("0.3215"), period="valley"),
        charges.charged("levy", Decimal("42000.000"), "kWh", Decimal("0.027125")),
        charges.charged_by_month("demand", Decimal("256.800"), "kW", Decimal("38.40"), days=31, month_days=31),
    ]
    extra = charges.adjustment(lines, charges.adjustment_percent(Decimal("0.93"), Decimal("0.90")))

    assert [str(line.amount) for line in lines] == ["13184.40", "9645.00", "1139.25", "9861.12"]
    assert (str(extra.quantity), str(extra.amount)) == ("32690.52", "-147.11")
    assert str(charges.total([*lines, extra])) == "33682.66"


@pytest.mark.parametrize(
    ("standard", "factor", "percent"),
    [
        ("0.90", "1.00", "-0.75"),
        ("0.90", "0.91", "-0.15"),
        ("0.90", "0.70", "10.0"),
        ("0.90", "0.69", "11.0"),
        ("0.90", "0.64", "17.0"),
        ("0.85", "0.94", "-1.10"),
        ("0.85", "0.90", "-0.50"),
        ("0.85", "0.65", "10.0"),
        ("0.85", "0.59", "17.0"),
        ("0.80", "0.92", "-1.30"),
        ("0.80", "0.91", "-1.15"),
        ("0.80", "0.55", "15.0"),
    ],
)
def test_power_factor_changes_charges_as_the_table_says(standard, factor, percent):
    assert charges.adjustment_percent(Decimal(factor), Decimal(standard)) == Decimal(percent)
