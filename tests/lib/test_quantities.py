"""Quantities in forms."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lib.forms import MoneyField, QuantityInput


@pytest.mark.parametrize(("unit", "shown"), [("kW", "1920"), ("CNY", "1920.000")])
def test_quantity_is_shown_without_the_zeros_of_its_column(unit, shown):
    field = MoneyField(decimal_places=3, widget=QuantityInput(unit))
    assert str(field.prepare_value(Decimal("1920.000"))) == shown
