"""What an application would be paid, in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
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

    @property
    def room_cny(self) -> Decimal:
        """What earlier grants left of the cap."""
        return max(self.cap_cny - self.granted_cny, Decimal(0))

    @property
    def is_capped(self) -> bool:
        return self.before_cap_cny > self.room_cny


def estimate_amount(
    saving_tce: Decimal, rate_cny_per_tce: Decimal, cap_cny: Decimal, granted_cny: Decimal = NOTHING
) -> Estimate:
    """Annual saving times rate, to the cent, at most what was granted before leaves of the cap. Nothing is negative.

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
    before_cap = (saving_tce * rate_cny_per_tce).quantize(CENT, ROUND_HALF_UP)
    room = max(cap_cny - granted_cny, NOTHING)
    amount = min(before_cap, room).quantize(CENT, ROUND_HALF_UP)
    return Estimate(saving_tce, rate_cny_per_tce, before_cap, cap_cny, granted_cny, amount)
