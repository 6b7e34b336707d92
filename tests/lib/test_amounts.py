"""Amounts of money as people write them."""

from __future__ import annotations

import doctest
import time

import pytest

from lib import amounts


def test_examples_hold():
    outcome = doctest.testmod(amounts)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


# A comma that groups nothing may be meant for a point: 1234,56 is not 123456.
@pytest.mark.parametrize("written", ["1234,56", "1,5", "1,50,000", ",500", "5千", "1e5", "万", "8,000,000 dollars"])
def test_what_groups_no_thousands_is_refused(written):
    with pytest.raises(ValueError, match="no amount"):
        amounts.written_amount(written)


@pytest.mark.parametrize("written", ["", "much", "1.2.3", "--5", "1" * 61])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(ValueError, match="no amount"):
        amounts.written_amount(written)


def test_a_long_row_of_digits_is_looked_at_once():
    """In every way two parts of a pattern can share them it takes minutes, and nobody else is served meanwhile."""
    began = time.process_time()
    assert amounts.AMOUNT.match("1" * 1_000_000 + "x") is None
    assert time.process_time() - began < 1
