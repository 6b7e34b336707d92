"""What use costs by a tariff.

Rounding, here and nowhere else: use is summed by month and period and taken to the third decimal, which is a watt-hour;
every line of a statement is quantity times price, worked out without rounding and then taken to the cent; halves go
away from zero. A total is the sum of the lines as they stand, so that the parts always give the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

ENERGY, LEVY, DEMAND, CAPACITY, ADJUSTMENT = "energy", "levy", "demand", "capacity", "adjustment"
# What the power factor raises or lowers: levies are collected for others, and are not of it.
ADJUSTED = (ENERGY, DEMAND, CAPACITY)
Exact = Decimal | Fraction | int


@dataclass(frozen=True, slots=True)
class Charge:
    """A line: `quantity` of `unit` at `price`, for `days` of the `month_days` where it is charged by the month.

    period: of energy, one of `tariff_clock.PERIODS`. Of an adjustment `quantity` is the amount that is adjusted and
    `price` the percent.
    """

    kind: str
    quantity: Decimal
    unit: str
    price: Decimal
    amount: Decimal
    period: str = ""
    days: int = 0
    month_days: int = 0
    version_number: int = 0


def _rounded(value: Exact, places: int) -> Decimal:
    size = floor(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    return Decimal(size if value >= 0 else -size).scaleb(-places)


def cents(amount: Exact) -> Decimal:
    """
    >>> cents(Decimal("0.125")), cents(Decimal("-0.125")), cents(Fraction(1, 3))
    (Decimal('0.13'), Decimal('-0.13'), Decimal('0.33'))
    """
    return _rounded(amount, 2)


def metered(quantity: float) -> Decimal:
    """
    >>> metered(0.1 + 0.2), metered(1234.0005)
    (Decimal('0.300'), Decimal('1234.001'))
    """
    return _rounded(Decimal(repr(quantity)), 3)


def charged(
    kind: str, quantity: Decimal, unit: str, price: Decimal, *, period: str = "", version_number: int = 0
) -> Charge:
    """
    >>> charged(ENERGY, Decimal("1000.000"), "kWh", Decimal("0.65123"), period="flat").amount
    Decimal('651.23')
    """
    return Charge(kind, quantity, unit, price, cents(quantity * price), period=period, version_number=version_number)


def charged_by_month(
    kind: str, quantity: Decimal, unit: str, price: Decimal, *, days: int, month_days: int, version_number: int = 0
) -> Charge:
    """A price a month, of which a part of a month costs as much as its share of the days.

    >>> charged_by_month(DEMAND, Decimal(900), "kW", Decimal(38), days=31, month_days=31).amount
    Decimal('34200.00')
    >>> charged_by_month(CAPACITY, Decimal(1000), "kVA", Decimal("25.30"), days=10, month_days=31).amount
    Decimal('8161.29')
    """
    amount = cents(Fraction(quantity) * Fraction(price) * Fraction(days, month_days))
    return Charge(kind, quantity, unit, price, amount, days=days, month_days=month_days, version_number=version_number)


def adjustment(lines: Iterable[Charge], percent: Decimal) -> Charge:
    """What the power factor adds to the energy, demand and capacity charges; below zero what it takes off."""
    base = sum((line.amount for line in lines if line.kind in ADJUSTED), Decimal("0.00"))
    return Charge(ADJUSTMENT, base, "CNY", percent, cents(base * percent / 100))


def total(lines: Iterable[Charge]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def power_factor(active_kwh: float, reactive_kvarh: float) -> Decimal | None:
    """The mean power factor of a month, to two decimals; None where nothing was drawn.

    Source: Measures for adjusting charges by the power factor (功率因数调整电费办法, 水电财字〔1983〕215号).

    >>> power_factor(4000.0, 3000.0), power_factor(0.0, 5.0)
    (Decimal('0.80'), None)
    """
    if active_kwh <= 0:
        return None
    return _rounded(Fraction(active_kwh / (active_kwh**2 + reactive_kvarh**2) ** 0.5), 2)


# How many hundredths below the standard cost half a percent each, and how many after those one percent; by the
# standard, what one, two and more hundredths above it take off.
_FIRST_STEPS = 20
_NEXT_STEPS = 5
_REDUCTIONS: dict[Decimal, tuple[str, ...]] = {
    Decimal("0.90"): ("0.15", "0.30", "0.45", "0.60", "0.75"),
    Decimal("0.85"): ("0.10", "0.20", "0.30", "0.40", "0.50", "0.65", "0.80", "0.95", "1.10"),
    Decimal("0.80"): (
        *("0.10", "0.20", "0.30", "0.40", "0.50", "0.60", "0.70", "0.80", "0.90", "1.00"),
        *("1.15", "1.30"),
    ),
}
STANDARDS = tuple(_REDUCTIONS)


def adjustment_percent(factor: Decimal, standard: Decimal) -> Decimal:
    """By how many percent the charges change. factor: to two decimals; standard: one of `STANDARDS`.

    Source: the three tables of 功率因数调整电费办法 (水电财字〔1983〕215号): 0.5 % for each of the first twenty
    hundredths below the standard, 1 % for each of the next five, 2 % for each further one; above it the reductions of
    the table, the last of which holds up to 1.00.

    >>> [str(adjustment_percent(Decimal(each), Decimal("0.90"))) for each in ("0.95", "0.90", "0.85", "0.65", "0.60")]
    ['-0.75', '0', '2.5', '15.0', '25.0']
    """
    steps = int((factor - standard) * 100)
    if steps == 0:
        return Decimal(0)
    if steps > 0:
        table = _REDUCTIONS[standard]
        return -Decimal(table[min(steps, len(table)) - 1])
    below = -steps
    first, following = min(below, _FIRST_STEPS), min(max(below - _FIRST_STEPS, 0), _NEXT_STEPS)
    return first * Decimal("0.5") + following + 2 * max(below - _FIRST_STEPS - _NEXT_STEPS, 0)
