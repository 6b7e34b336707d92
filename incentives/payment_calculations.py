"""What a payment plan makes of an award, and the interest on what is claimed back. Exact decimals, half a fen up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """One share of an award and what must be done for it; empty conditions for the one payment of no plan."""

    percent: Decimal
    condition_en: str = ""
    condition_zh: str = ""


def shares_of(amount_cny: Decimal, percents: Sequence[Decimal]) -> list[Decimal]:
    """The amounts of the payments: each rounded to the fen, the last takes what is left.

    >>> shares_of(Decimal("1000.01"), [Decimal(50), Decimal(50)])
    [Decimal('500.01'), Decimal('500.00')]
    >>> shares_of(Decimal("100.00"), [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")])
    [Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
    """
    shares: list[Decimal] = []
    for percent in percents[:-1]:
        share = (amount_cny * percent / 100).quantize(CENT, ROUND_HALF_UP)
        shares.append(min(share, amount_cny - sum(shares, Decimal(0))))
    return [*shares, amount_cny - sum(shares, Decimal(0))]


@dataclass(frozen=True, slots=True)
class Interest:
    """Simple interest on one payment from the day it was made until the day it is claimed back."""

    principal_cny: Decimal
    paid_on: date
    until: date
    percent: Decimal

    @property
    def days(self) -> int:
        """
        >>> Interest(Decimal(1000), date(2026, 1, 1), date(2026, 12, 31), Decimal(4)).days
        364
        """
        return max((self.until - self.paid_on).days, 0)

    @property
    def amount_cny(self) -> Decimal:
        """Principal × rate × days / 365, rounded to the fen.

        >>> Interest(Decimal("600000.00"), date(2026, 3, 1), date(2026, 5, 13), Decimal("3.45")).amount_cny
        Decimal('4140.00')
        """
        exact = self.principal_cny * self.percent / 100 * self.days / DAYS_OF_A_YEAR
        return exact.quantize(CENT, ROUND_HALF_UP)
