"""Amounts of money as people write them."""

from __future__ import annotations

import doctest

import pytest

from lib import amounts


def test_examples_hold():
    outcome = doctest.testmod(amounts)
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


@pytest.mark.parametrize("written", ["", "much", "1.2.3", "5千", "1e5", "万", "8,000,000 dollars", "--5"])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(ValueError, match="no amount"):
        amounts.written_amount(written)
