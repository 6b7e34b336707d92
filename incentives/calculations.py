"""What an application would be paid, in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from incentives.formulas import Fault, FormulaError, read_formula

CENT = Decimal("0.01")
MOST_CNY = Decimal(10) ** 12
FORMULA_NAMES = frozenset({"saving", "investment", "rate"})
"""What a programme's formula may speak of: tce saved a year, yuan invested, yuan for a tce."""
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount with the steps that lead to it, so that a page can explain it."""

    saving_tce: Decimal
    rate_cny_per_tce: Decimal
    before_cap_cny: Decimal
    cap_cny: Decimal
    granted_cny: Decimal
    amount_cny: Decimal
    investment_cny: Decimal | None = None
    formula: str = ""

    @property
    def room_cny(self) -> Decimal:
        """What earlier grants left of the cap."""
        return max(self.cap_cny - self.granted_cny, Decimal(0))

    @property
    def is_capped(self) -> bool:
        return self.before_cap_cny > self.room_cny


def estimate_amount(
    saving_tce: Decimal,
    rate_cny_per_tce: Decimal,
    cap_cny: Decimal,
    granted_cny: Decimal = NOTHING,
    *,
    investment_cny: Decimal | None = None,
    formula: str = "",
) -> Estimate:
    """Annual saving times rate, or what the formula over `FORMULA_NAMES` says, to the cent, at most what was granted
    before leaves of the cap. Nothing is negative.

    Raises `FormulaError` where the formula has no value for these numbers.
    Source: the form of the rate programmes in 财建〔2010〕249号 (yuan per tce of annual saving), with the cap per
    company of the Xiamen Torch plan of October 2021; rounding half up is the rule of the yuan's cent.

    >>> estimate_amount(Decimal("812.5"), Decimal("600"), Decimal("1500000")).amount_cny
    Decimal('487500.00')
    >>> capped = estimate_amount(Decimal("4000"), Decimal("600"), Decimal("1500000"))
    >>> capped.before_cap_cny, capped.amount_cny, capped.is_capped
    (Decimal('2400000.00'), Decimal('1500000.00'), True)
    >>> estimate_amount(Decimal("4000"), Decimal("600"), Decimal("1500000"), Decimal("1400000")).amount_cny
    Decimal('100000.00')
    >>> estimate_amount(Decimal("0.001"), Decimal("5"), Decimal("100")).amount_cny
    Decimal('0.01')
    """
    computed = saving_tce * rate_cny_per_tce
    if formula:
        computed = _by_formula(formula, saving_tce, investment_cny or NOTHING, rate_cny_per_tce)
    before_cap = computed.quantize(CENT, ROUND_HALF_UP)
    room = max(cap_cny - granted_cny, NOTHING)
    amount = min(before_cap, room).quantize(CENT, ROUND_HALF_UP)
    return Estimate(saving_tce, rate_cny_per_tce, before_cap, cap_cny, granted_cny, amount, investment_cny, formula)


def _by_formula(text: str, saving: Decimal, investment: Decimal, rate: Decimal) -> Decimal:
    formula = read_formula(text, FORMULA_NAMES)
    value = formula.value({"saving": saving, "investment": investment, "rate": rate})
    if value > MOST_CNY:
        raise FormulaError(Fault.TOO_LARGE)
    return max(value, NOTHING)
