"""The rules that find wrong values, and what stands in for them: arithmetic by hand, and what must hold of anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from energy.calculations import estimation, validation
from energy.calculations.estimation import brought_to_total, estimated, interpolated, mean_of_days

AMOUNTS = st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def whole(values):
    return np.ones(values.shape, dtype=bool)


def places(mask):
    return [tuple(place) for place in np.argwhere(mask).tolist()]


def test_spike_stands_over_the_third_highest_of_its_day():
    day = np.full((1, 96), 10.0)
    day[0, 5], day[0, 40] = 28.0, 28.1
    assert places(validation.spikes(day, whole(day), 180.0)) == [(0, 40)]
    assert places(validation.spikes(day, whole(day), 182.0)) == []


def test_what_is_usual_of_a_channel_is_no_spike():
    """A charger that gives one high value a day has done so for a week; the tenth time it is three times as high."""
    days = np.full((10, 96), 1.0)
    days[:, 50] = 40.0
    days[9, 50] = 120.0
    found = places(validation.spikes(days, whole(days), 180.0))
    assert (9, 50) in found
    assert [place for place in found if place[0] in {7, 8}] == []


def test_long_burst_is_a_spike_by_the_days_before():
    days = np.full((9, 24), 10.0)
    days[8, 3:9] = 28.5
    assert places(validation.spikes(days, whole(days), 180.0)) == [(8, hour) for hour in range(3, 9)]


def test_estimated_values_are_not_judged():
    day = np.full((1, 96), 10.0)
    day[0, 40] = 99.0
    known = whole(day)
    known[0, 40] = False
    assert not validation.spikes(day, known, 180.0).any()
    assert not validation.above(day, known, 50.0).any()


def test_frozen_value_is_followed_over_midnight():
    days = np.arange(48, dtype=float).reshape(2, 24) + 1
    days[0, 22:], days[1, :2] = 7.5, 7.5
    assert places(validation.frozen(days, whole(days), whole(days), 4)) == [(0, 22), (0, 23), (1, 0), (1, 1)]
    assert places(validation.frozen(days, whole(days), whole(days), 5)) == []


def test_frozen_value_goes_on_behind_the_end_of_a_short_day():
    """A day of 23 hours: its last cell is no interval, and does not part what follows."""
    days = np.arange(48, dtype=float).reshape(2, 24) + 1
    exists = whole(days)
    exists[0, 23] = False
    days[0, 21:23], days[0, 23], days[1, 0] = 7.5, np.nan, 7.5
    assert places(validation.frozen(days, exists, exists, 3)) == [(0, 21), (0, 22), (1, 0)]


def test_gap_parts_a_frozen_value():
    day = np.array([[2.0, 2.0, np.nan, 2.0, 2.0]])
    assert not validation.frozen(day, np.isfinite(day), whole(day), 3).any()


def test_zero_is_plausible_where_it_was_before():
    """Photovoltaics by night; at noon it never gave nothing."""
    days = np.tile([0.0, 0.0, 5.0, 6.0, 5.0, 0.0], (8, 1))
    days[7, 2:5] = 0.0
    assert places(validation.zeros(days, whole(days), whole(days), 2)) == [(7, 2), (7, 3), (7, 4)]
    assert not validation.zeros(days[1:], whole(days[1:]), whole(days[1:]), 2).any(), "six days tell nothing"


def test_line_needs_known_ends_and_a_short_gap():
    line = np.array([np.nan, 1.0, np.nan, 3.0, np.nan, np.nan, 6.0, np.nan])
    wanted = np.isnan(line)
    assert np.array_equal(
        interpolated(line, wanted, 1), [np.nan, 1.0, 2.0, 3.0, np.nan, np.nan, 6.0, np.nan], equal_nan=True
    )
    assert interpolated(line, wanted, 2)[4:6].tolist() == [4.0, 5.0]


def test_gap_of_two_hours_is_drawn_and_a_longer_one_taken_from_days_like_it():
    day = np.full(96, 10.0)
    like = np.vstack([np.full(96, 20.0), np.full(96, 30.0)])
    nothing = np.zeros(0)
    for length, value, method in ((8, 10.0, "line"), (9, 25.0, "like_days")):
        wanted = np.zeros(96, dtype=bool)
        wanted[30 : 30 + length] = True
        found = estimated(before=nothing, day=day, after=nothing, wanted=wanted, like=like, minutes=15)
        assert (found.values.tolist(), found.methods) == ([value] * length, (method,))


def test_gap_at_midnight_is_drawn_to_the_day_before():
    day = np.array([np.nan, 6.0, 6.0])
    found = estimated(
        before=np.array([1.0, 2.0]), day=day, after=np.zeros(0), wanted=np.isnan(day), like=np.zeros((0, 3)), minutes=60
    )
    assert found.values.tolist() == [4.0]


def test_only_whole_days_are_references_and_at_most_four():
    like = np.array([[np.nan], [1.0], [2.0], [3.0], [6.0], [100.0]])
    mean, used = mean_of_days(like, np.array([True]))
    assert (mean.tolist(), used) == ([3.0], 4)


def test_one_day_like_it_is_too_few():
    day = np.full(24, np.nan)
    found = estimated(
        before=np.zeros(0), day=day, after=np.zeros(0), wanted=np.isnan(day), like=np.full((1, 24), 5.0), minutes=60
    )
    assert (found.is_whole, found.methods, found.references) == (False, (), 0)


@pytest.mark.parametrize(
    ("like", "values"),
    [(np.array([[1.0, 3.0], [1.0, 3.0]]), [3.0, 9.0]), (np.zeros((0, 2)), [6.0, 6.0])],
    ids=["by days like it", "evenly"],
)
def test_total_of_a_register_is_kept(like, values):
    day = np.full(2, np.nan)
    found = estimated(
        before=np.zeros(0), day=day, after=np.zeros(0), wanted=np.isnan(day), like=like, minutes=60, total=12.0
    )
    assert found.values.tolist() == values
    assert found.methods[-1] == "total"


@given(arrays(np.float64, st.integers(1, 300), elements=AMOUNTS), st.integers(0, 10**9))
def test_sum_is_preserved_to_the_last_unit(values, thousandths):
    total = thousandths / 1000
    scaled = brought_to_total(values, total)
    assert abs(sum(scaled.tolist()) - total) < 1e-6
    assert (scaled >= -1e-6).all()


@given(arrays(np.float64, st.integers(3, 60), elements=AMOUNTS), st.data())
def test_line_stays_between_its_ends_and_touches_nothing_else(line, data):
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=len(line), max_size=len(line))))
    filled = interpolated(line, wanted, 8)
    assert np.array_equal(filled[~wanted], line[~wanted])
    for begin, end in estimation.runs_of(wanted):
        part = filled[begin:end]
        if begin and end < len(line) and end - begin <= 8:
            low, high = sorted((line[begin - 1], line[end]))
            assert (part >= low - 1e-6).all()
            assert (part <= high + 1e-6).all()
        else:
            assert np.isnan(part).all()


@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(3, 30)), elements=AMOUNTS), st.integers(2, 6))
def test_rules_find_only_what_was_measured(values, least):
    known = values > 10
    for found in (
        validation.spikes(values, known, 180.0),
        validation.frozen(values, known, whole(values), least),
        validation.zeros(values, known, whole(values), least),
        validation.above(values, known, 100.0),
    ):
        assert not (found & ~known).any()
