"""Totals of many channels and the curve of a day: the sums, and how complete they are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy.calculations import curves
from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.models import SubMeter
from energy.queries import day_curves, totals, use
from energy.queries.use import Series
from tests.factories.measured import ESTIMATED, MEASURED, MISSING, channel, day_of, meter

pytestmark = pytest.mark.django_db
DRAWN = Series(Commodity.ELECTRICITY, Flow.IMPORT, Unit.KWH)
TODAY = date(2026, 11, 22)
SHORT, LONG = date(2026, 3, 29), date(2026, 10, 25)


def asked(park):
    return {"zone_name": park.time_zone, "today": TODAY}


def curve(official, park, day, today=TODAY):
    told = {"zone_name": park.time_zone, "today": today}
    return day_curves.curves_of_day(official, Commodity.ELECTRICITY, Unit.KWH, day, **told)


def test_days_add_up_channels_and_say_how_many_intervals_there_should_be(park, official):
    one = channel(meter(park, starts_on=date(2026, 11, 2)))
    two = channel(meter(park, starts_on=date(2025, 1, 1)), interval_minutes=60)
    day_of(one, date(2026, 11, 2), [1.0] * 96, [ESTIMATED] + [MEASURED] * 95)
    day_of(two, date(2026, 11, 2), [2.0] * 23 + [None])
    day_of(two, date(2026, 11, 3), [None] * 24)
    days = totals.days_of_series(official, DRAWN, date(2026, 11, 1), date(2026, 11, 4), **asked(park))
    assert days == [
        use.Period(date(2026, 11, 1), expected=24),
        use.Period(date(2026, 11, 2), 142.0, 2.0, present=119, measured=118, expected=120),
        use.Period(date(2026, 11, 3), expected=120),
    ]


@pytest.mark.parametrize("zone", ["Europe/London"])
def test_days_of_a_clock_change_expect_as_many_intervals_as_they_have(park, official):
    channel(meter(park), interval_minutes=15)
    day = totals.days_of_series(official, DRAWN, SHORT, date(2026, 3, 30), **asked(park))
    (long,) = totals.days_of_series(official, DRAWN, LONG, date(2026, 10, 26), **asked(park))
    assert ([each.expected for each in day], long.expected) == ([92], 100)


def test_months_of_everything_are_those_of_each_series(park, official):
    drawn, gas = channel(meter(park)), channel(meter(park, commodity=Commodity.GAS), unit=Unit.CUBIC_METRE)
    channel(meter(park, commodity=Commodity.ENVIRONMENT), flow=Flow.STATE, unit=Unit.CELSIUS)
    day_of(drawn, date(2026, 9, 30), [1.0] * 96)
    day_of(drawn, date(2026, 10, 1), [3.0] * 96)
    day_of(gas, date(2026, 10, 31), [0.5] * 96)
    found = totals.months_of_every_series(official, use.months_before(date(2026, 10, 1), 2), **asked(park))
    assert {
        (series.commodity, period.starts_on.month): period.total for series in found for period in found[series]
    } == {
        ("electricity", 9): 96.0,
        ("electricity", 10): 288.0,
        ("gas", 9): None,
        ("gas", 10): 48.0,
    }
    assert [period.expected for period in found[DRAWN]] == [30 * 96, 31 * 96]


def test_years_are_the_sums_of_their_months(park, official):
    drawn = channel(meter(park))
    for day, value in ((date(2025, 12, 31), 1.0), (date(2026, 1, 1), 2.0), (date(2026, 2, 1), 4.0)):
        day_of(drawn, day, [value] * 96)
    months = totals.months_of_every_series(official, use.months_before(date(2026, 2, 1), 3), **asked(park))[DRAWN]
    years = totals.years_of(months)
    assert [(year.starts_on, year.total, year.peak, year.present) for year in years] == [
        (date(2025, 1, 1), 96.0, 1.0, 96),
        (date(2026, 1, 1), 576.0, 4.0, 192),
    ]


def test_what_hangs_below_a_head_meter_is_counted_once(park, official):
    """By day, as placements begin and end on days."""
    head, below = meter(park), meter(park)
    below_day = date(2026, 11, 3)
    SubMeter.objects.create(park=park, meter=below, head=head, starts_on=below_day)
    for each, value in ((head, 3.0), (below, 1.0)):
        counted = channel(each)
        for day in (date(2026, 11, 2), below_day):
            day_of(counted, day, [value] * 96)
    days = totals.days_of_series(official, DRAWN, date(2026, 11, 2), date(2026, 11, 4), **asked(park))
    assert [(day.total, day.measured, day.expected) for day in days] == [(384.0, 192, 192), (288.0, 96, 96)]
    drawn = curve(official, park, below_day)[Flow.IMPORT]
    assert (drawn.curve.total, drawn.expected) == (288.0, 96)
    assert curve(official, park, date(2026, 11, 2))[Flow.IMPORT].curve.total == 384.0


def test_a_register_beside_intervals_is_counted_once(park, official):
    point = meter(park)
    for counted in (channel(point), channel(point, code="R", kind=ChannelKind.REGISTER)):
        day_of(counted, date(2026, 11, 3), [1.0] * 96)
    assert curve(official, park, date(2026, 11, 3))[Flow.IMPORT].curve.total == 96.0


# The curve of a day


def test_curve_adds_up_channels_of_different_intervals_by_one_statement(park, official, django_assert_num_queries):
    day = date(2026, 11, 3)
    day_of(channel(meter(park)), day, [1.0] * 96)
    day_of(channel(meter(park)), day, [None] + [2.0] * 95, [MISSING, ESTIMATED] + [MEASURED] * 94)
    day_of(channel(meter(park), interval_minutes=60), day, [10.0] * 24)
    day_of(channel(meter(park), flow=Flow.GENERATION), day, [5.0] * 96)
    channel(meter(park))
    # Django counts the question of what is expected; that of the blocks goes past its log.
    with django_assert_num_queries(1):
        found = curve(official, park, day)
    drawn = found[Flow.IMPORT]
    assert drawn.curve.minutes == 15
    assert drawn.curve.loads.tolist() == [14.0] + [22.0] * 95
    assert drawn.curve.present.tolist() == [2] + [3] * 95
    assert drawn.curve.measured.tolist() == [2, 2] + [3] * 94
    assert (drawn.present, drawn.measured, drawn.expected) == (96 + 95 + 24, 96 + 94 + 24, 3 * 96 + 24)
    assert drawn.curve.total == 96.0 + 190.0 + 240.0
    assert found[Flow.GENERATION].curve.loads.tolist() == [20.0] * 96


def test_what_nobody_gave_is_not_zero(park, official):
    day_of(channel(meter(park)), date(2026, 11, 3), [0.0] * 40 + [None] * 56)
    loads = curve(official, park, date(2026, 11, 3))[Flow.IMPORT].curve.loads
    assert loads[:40].tolist() == [0.0] * 40
    assert np.isnan(loads[40:]).all()


def test_of_today_nothing_is_expected_yet(park, official):
    day_of(channel(meter(park)), TODAY, [1.0] * 10 + [None] * 86)
    drawn = curve(official, park, TODAY)[Flow.IMPORT]
    assert (drawn.present, drawn.expected, drawn.completeness_percent) == (10, 0, None)


def test_a_day_without_readings_has_no_curve(park, official):
    day_of(channel(meter(park)), date(2026, 11, 3), [None] * 96)
    assert curve(official, park, date(2026, 11, 3)) == {}
    assert curve(official, park, date(2026, 11, 4)) == {}


@pytest.mark.parametrize("zone", ["Europe/London"])
@pytest.mark.parametrize(("day", "count"), [(SHORT, 92), (LONG, 100)])
def test_curve_of_a_clock_change_is_as_long_as_the_day(park, official, day, count):
    day_of(channel(meter(park)), day, [1.0] * count)
    day_of(channel(meter(park), interval_minutes=60), day, [1.0] * (count // 4))
    drawn = curve(official, park, day)[Flow.IMPORT]
    assert drawn.curve.loads.tolist() == [5.0] * count
    assert drawn.completeness_percent == 100.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from([5, 10, 15, 30, 60]),
            st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=24, max_size=24),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_energy_is_lost_between_intervals(drawn):
    """Whatever the intervals, the sum of the curve is the sum of what is known."""
    parts, total = [], 0.0
    for minutes, hours in drawn:
        values = np.repeat(np.array(hours, dtype=float), 60 // minutes)
        parts.append(curves.summed(values[None, :], np.zeros((1, len(values)), dtype=np.uint8), minutes))
        total += float(np.nansum(values))
    together = curves.together(parts)
    known = any(value is not None for _minutes, hours in drawn for value in hours)
    assert (together.total is not None) is known
    assert (together.total or 0.0) == pytest.approx(total, abs=1e-3)
