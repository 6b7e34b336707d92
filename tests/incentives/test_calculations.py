from __future__ import annotations

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives import calculations
from incentives.calculations import AmountRules, Granted, Tier, bands_of, estimate_amount
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
    estimate = estimate_amount(AmountRules(rate, cap), saving)
    assert estimate.amount_cny == min(estimate.before_cap_cny, cap)
    assert abs(estimate.before_cap_cny - saving * rate) <= CENT / 2
    assert estimate.amount_cny.as_tuple().exponent == -2
    assert estimate.is_capped == (estimate.amount_cny < estimate.before_cap_cny)


@given(savings, savings, money, money)
def test_estimate_never_falls_when_the_saving_grows(one, other, rate, cap):
    less, more = sorted((one, other))
    rules = AmountRules(rate, cap)
    assert estimate_amount(rules, less).amount_cny <= estimate_amount(rules, more).amount_cny


def test_estimate_rounds_half_a_cent_up():
    assert estimate_amount(AmountRules(Decimal("0.20"), Decimal(1)), Decimal("0.025")).amount_cny == Decimal("0.01")
    assert estimate_amount(AmountRules(Decimal("0.20"), Decimal(1)), Decimal("0.024")).amount_cny == Decimal("0.00")


@given(savings, money, money, money)
def test_estimate_leaves_room_for_what_was_granted_before(saving, rate, cap, granted):
    estimate = estimate_amount(AmountRules(rate, cap), saving, granted=Granted(granted))
    assert estimate.amount_cny == min(estimate.before_cap_cny, max(cap - granted, Decimal(0)))
    assert (estimate.amount_cny + granted <= cap) == (granted <= cap)


percents = st.none() | st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)
starts = st.lists(st.decimals(min_value=Decimal("0.001"), max_value=20_000, places=3), unique=True, max_size=5)


@st.composite
def rules_of_programmes(draw):
    tiers = tuple(Tier(begins, draw(money)) for begins in sorted(draw(starts)))
    return AmountRules(
        rate_cny_per_tce=draw(money),
        cap_cny=draw(money),
        cap_year_cny=draw(st.none() | money),
        cap_percent=draw(percents),
        saving_min_tce=draw(st.none() | savings),
        saving_below_tce=draw(st.none() | savings),
        tiers=tiers,
        tiers_by_part=draw(st.booleans()),
    )


@given(rules_of_programmes(), savings, money, money, money)
def test_amount_keeps_every_limit_and_names_the_one_that_applies(rules, saving, investment, total, year):
    granted = Granted(total, year)
    estimate = estimate_amount(rules, saving, investment_cny=investment, granted=granted)
    rooms = [max(rules.cap_cny - total, Decimal(0))]
    if rules.cap_year_cny is not None:
        rooms.append(max(rules.cap_year_cny - year, Decimal(0)))
    if rules.cap_percent is not None:
        assert estimate.amount_cny <= investment * rules.cap_percent / 100
        rooms.append((investment * rules.cap_percent / 100).quantize(CENT, "ROUND_DOWN"))
    assert estimate.amount_cny == min([estimate.before_cap_cny, *rooms])
    assert estimate.amount_cny >= 0
    if estimate.binding is not None:
        assert (estimate.binding.room_cny, estimate.is_capped) == (estimate.amount_cny, True)
    if not estimate.is_admitted:
        assert (estimate.amount_cny, estimate.binding) == (Decimal(0), None)


@given(rules_of_programmes(), savings)
def test_parts_add_up_to_the_saving(rules, saving):
    assert sum(band.saving_tce for band in bands_of(rules, saving)) == saving


@given(rules_of_programmes(), savings, savings)
def test_more_saving_never_brings_less_where_each_part_has_its_rate(rules, one, other):
    less, more = sorted((one, other))
    by_part = AmountRules(rules.rate_cny_per_tce, rules.cap_cny, tiers=rules.tiers, tiers_by_part=True)
    assert estimate_amount(by_part, less).amount_cny <= estimate_amount(by_part, more).amount_cny


NATIONAL = AmountRules(Decimal(240), Decimal(3_000_000), saving_min_tce=Decimal(100), saving_below_tce=Decimal(10_000))


@pytest.mark.parametrize(
    ("saving", "amount", "is_admitted"),
    [
        ("99.999", "0.00", False),
        ("100", "24000.00", True),
        ("9999.999", "2399999.76", True),
        ("10000", "0.00", False),
    ],
)
def test_saving_outside_of_the_supported_range_brings_nothing(saving, amount, is_admitted):
    estimate = estimate_amount(NATIONAL, Decimal(saving))
    assert (estimate.amount_cny, estimate.is_admitted) == (Decimal(amount), is_admitted)


@pytest.mark.parametrize(
    ("saving", "whole", "by_part"),
    [
        ("99", "4950.00", "4950.00"),
        ("100", "30000.00", "5000.00"),
        ("499.5", "149850.00", "124850.00"),
        ("500", "100000.00", "125000.00"),
        ("600", "120000.00", "145000.00"),
    ],
)
def test_tiers_hold_for_the_whole_or_for_each_part(saving, whole, by_part):
    tiers = (Tier(Decimal(100), Decimal(300)), Tier(Decimal(500), Decimal(200)))
    rules = {"rate_cny_per_tce": Decimal(50), "cap_cny": Decimal(1_000_000), "tiers": tiers}
    amounts = [
        estimate_amount(AmountRules(**rules, tiers_by_part=is_by_part), Decimal(saving)).amount_cny
        for is_by_part in (False, True)
    ]
    assert amounts == [Decimal(whole), Decimal(by_part)]
