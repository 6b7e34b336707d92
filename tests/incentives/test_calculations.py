from __future__ import annotations

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives import calculations
from incentives.calculations import estimate_amount
from lib import file_types, periods

savings = st.decimals(min_value=0, max_value=Decimal("999999999.999"), places=3)
money = st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2)
CENT = Decimal("0.01")


@pytest.mark.parametrize("module", [calculations, file_types, periods])
def test_examples_of_the_documentation_hold(module):
    outcome = doctest.testmod(module)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


@given(savings, money, money)
def test_estimate_is_exact_to_the_cent_and_never_above_the_cap(saving, rate, cap):
    estimate = estimate_amount(saving, rate, cap)
    assert estimate.amount_cny == min(estimate.before_cap_cny, cap)
    assert abs(estimate.before_cap_cny - saving * rate) <= CENT / 2
    assert estimate.amount_cny.as_tuple().exponent == -2
    assert estimate.is_capped == (estimate.amount_cny < estimate.before_cap_cny)


@given(savings, savings, money, money)
def test_estimate_never_falls_when_the_saving_grows(one, other, rate, cap):
    less, more = sorted((one, other))
    assert estimate_amount(less, rate, cap).amount_cny <= estimate_amount(more, rate, cap).amount_cny


def test_estimate_rounds_half_a_cent_up():
    assert estimate_amount(Decimal("0.025"), Decimal("0.20"), Decimal(1)).amount_cny == Decimal("0.01")
    assert estimate_amount(Decimal("0.024"), Decimal("0.20"), Decimal(1)).amount_cny == Decimal("0.00")


@given(savings, money, money, money)
def test_estimate_leaves_room_for_what_was_granted_before(saving, rate, cap, granted):
    estimate = estimate_amount(saving, rate, cap, granted)
    assert estimate.amount_cny == min(estimate.before_cap_cny, max(cap - granted, Decimal(0)))
    assert (estimate.amount_cny + granted <= cap) == (granted <= cap)
