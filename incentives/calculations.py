"""What an application would be paid, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from incentives.choices import LimitKind
from lib.formulas import Fault, FormulaError, read_formula

CENT = Decimal("0.01")
MOST_CNY = Decimal(10) ** 12
FORMULA_NAMES = frozenset({"saving", "investment", "rate"})
"""What a programme's formula may speak of: tce saved a year, yuan invested, yuan for a tce."""
NOTHING = Decimal(0)
PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tier:
    """From so many tce a year on, this rate."""

    from_tce: Decimal
    rate_cny_per_tce: Decimal


@dataclass(frozen=True, slots=True)
class AmountRules:
    """How a programme turns a saving into an amount. None or an empty value: there is no such rule.

    The rate holds below the first tier. `tiers_by_part`: each part of the saving counts at the rate of its tier;
    otherwise the tier of the whole saving decides the rate for all of it. `cap_percent` is of the investment.
    """

    rate_cny_per_tce: Decimal
    cap_cny: Decimal
    cap_year_cny: Decimal | None = None
    cap_percent: Decimal | None = None
    saving_min_tce: Decimal | None = None
    saving_below_tce: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    tiers_by_part: bool = False
    formula: str = ""

    def admits(self, saving_tce: Decimal) -> bool:
        """Whether the saving is at least the least and below the limit."""
        is_enough = self.saving_min_tce is None or saving_tce >= self.saving_min_tce
        return is_enough and (self.saving_below_tce is None or saving_tce < self.saving_below_tce)


@dataclass(frozen=True, slots=True)
class Granted:
    """What an enterprise was granted under a programme before: in all, and in the year that counts."""

    total_cny: Decimal = NOTHING
    year_cny: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a saving with its rate."""

    saving_tce: Decimal
    rate_cny_per_tce: Decimal
    from_tce: Decimal = NOTHING

    @property
    def amount_cny(self) -> Decimal:
        return self.saving_tce * self.rate_cny_per_tce


@dataclass(frozen=True, slots=True)
class Limit:
    """One of the caps of a programme, and what of it was granted before."""

    kind: LimitKind
    limit_cny: Decimal
    granted_cny: Decimal = NOTHING

    @property
    def room_cny(self) -> Decimal:
        return max(self.limit_cny - self.granted_cny, NOTHING)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount with the steps that lead to it, so that a page can explain it.

    `bands` add up to the saving; `limits` begin with the cap of the enterprise. Where `is_admitted` is false the
    saving is outside of what the programme supports, and the amount is nothing.
    """

    rules: AmountRules
    saving_tce: Decimal
    bands: tuple[Band, ...]
    before_cap_cny: Decimal
    limits: tuple[Limit, ...]
    amount_cny: Decimal
    investment_cny: Decimal | None = None

    @property
    def formula(self) -> str:
        return self.rules.formula

    @property
    def rate_cny_per_tce(self) -> Decimal:
        """Of the tier in which the saving ends."""
        return self.bands[-1].rate_cny_per_tce

    @property
    def is_admitted(self) -> bool:
        return self.rules.admits(self.saving_tce)

    @property
    def cap_cny(self) -> Decimal:
        return self.limits[0].limit_cny

    @property
    def granted_cny(self) -> Decimal:
        return self.limits[0].granted_cny

    @property
    def room_cny(self) -> Decimal:
        """What earlier grants left of the cap of the enterprise."""
        return self.limits[0].room_cny

    @property
    def binding(self) -> Limit | None:
        """The limit that keeps the amount below what was computed; the first of several that are equal."""
        if not self.is_admitted or self.amount_cny >= self.before_cap_cny:
            return None
        return min(self.limits, key=lambda limit: limit.room_cny)

    @property
    def is_capped(self) -> bool:
        return self.binding is not None


def estimate_amount(
    rules: AmountRules,
    saving_tce: Decimal,
    *,
    investment_cny: Decimal | None = None,
    granted: Granted | None = None,
) -> Estimate:
    """Annual saving times rate, by tiers where there are some, or what the formula over `FORMULA_NAMES` says, to the
    cent, at most what was granted before leaves of each cap. Nothing is negative.

    Raises `FormulaError` where the formula has no value for these numbers. A share of the investment needs the
    investment; without one it is a share of nothing.
    Source: the form of the rate programmes in 财建〔2010〕249号 (yuan per tce of annual saving, from 100 up to below
    10,000 tce), with the cap per company of the Xiamen Torch plan of October 2021, the share of the investment of
    Shanghai (30 % and 5 million), the cap per company and year of Fujian (8 million) and the bands of Beijing. Rounding
    half up is the rule of the yuan's cent; a share is never rounded above what it is of.

    >>> xiamen = AmountRules(Decimal("600"), Decimal("1500000"))
    >>> estimate_amount(xiamen, Decimal("812.5")).amount_cny
    Decimal('487500.00')
    >>> capped = estimate_amount(xiamen, Decimal("4000"))
    >>> capped.before_cap_cny, capped.amount_cny, capped.binding.kind.value
    (Decimal('2400000.00'), Decimal('1500000.00'), 'enterprise')
    >>> estimate_amount(xiamen, Decimal("4000"), granted=Granted(Decimal("1400000"))).amount_cny
    Decimal('100000.00')
    >>> limits = {"cap_percent": Decimal("30"), "saving_min_tce": Decimal("50")}
    >>> shanghai = AmountRules(Decimal("800"), Decimal("5000000"), **limits)
    >>> share = estimate_amount(shanghai, Decimal("1000"), investment_cny=Decimal("2000000"))
    >>> share.before_cap_cny, share.amount_cny, share.binding.kind.value
    (Decimal('800000.00'), Decimal('600000.00'), 'investment')
    >>> estimate_amount(shanghai, Decimal("49.999"), investment_cny=Decimal("2000000")).amount_cny
    Decimal('0.00')
    >>> tiers = (Tier(Decimal("100"), Decimal("300")), Tier(Decimal("500"), Decimal("200")))
    >>> estimate_amount(AmountRules(Decimal("0"), Decimal("1000000"), tiers=tiers), Decimal("600")).amount_cny
    Decimal('120000.00')
    >>> by_part = AmountRules(Decimal("0"), Decimal("1000000"), tiers=tiers, tiers_by_part=True)
    >>> estimate_amount(by_part, Decimal("600")).amount_cny
    Decimal('140000.00')
    """
    bands = bands_of(rules, saving_tce)
    investment = investment_cny or NOTHING
    computed = NOTHING
    if rules.admits(saving_tce):
        computed = sum((band.amount_cny for band in bands), NOTHING)
        if rules.formula:
            computed = _by_formula(rules.formula, saving_tce, investment, bands[-1].rate_cny_per_tce)
    before_cap = computed.quantize(CENT, ROUND_HALF_UP)
    limits = limits_of(rules, investment, granted or Granted())
    amount = min(before_cap, *(limit.room_cny for limit in limits)).quantize(CENT, ROUND_DOWN)
    return Estimate(rules, saving_tce, bands, before_cap, limits, amount, investment_cny)


def depends_on_investment(rules: AmountRules) -> bool:
    """Whether another investment can make another amount.

    >>> rate, cap = Decimal("600"), Decimal("1500000")
    >>> [depends_on_investment(AmountRules(rate, cap, cap_percent=share)) for share in (None, Decimal("30"))]
    [False, True]
    """
    speaks_of_it = bool(rules.formula) and "investment" in read_formula(rules.formula, FORMULA_NAMES).names
    return speaks_of_it or rules.cap_percent is not None


def bands_of(rules: AmountRules, saving_tce: Decimal) -> tuple[Band, ...]:
    """The saving in the parts that have a rate of their own; one part where the whole of it has one rate.

    >>> tiers = (Tier(Decimal("100"), Decimal("300")), Tier(Decimal("500"), Decimal("200")))
    >>> rules = AmountRules(Decimal("50"), Decimal("1000000"), tiers=tiers, tiers_by_part=True)
    >>> [(band.saving_tce, band.rate_cny_per_tce) for band in bands_of(rules, Decimal("600"))]
    [(Decimal('100'), Decimal('50')), (Decimal('400'), Decimal('300')), (Decimal('100'), Decimal('200'))]
    """
    steps = [Tier(NOTHING, rules.rate_cny_per_tce), *rules.tiers]
    reached = [step for step in steps if step.from_tce <= saving_tce]
    last = reached[-1]
    if not rules.tiers_by_part or len(reached) == 1:
        return (Band(saving_tce, last.rate_cny_per_tce, last.from_tce),)
    return tuple(_parts(reached, saving_tce))


def _parts(steps: Sequence[Tier], saving_tce: Decimal) -> list[Band]:
    ends = [step.from_tce for step in steps[1:]] + [saving_tce]
    return [
        Band(end - step.from_tce, step.rate_cny_per_tce, step.from_tce)
        for step, end in zip(steps, ends, strict=True)
        if end > step.from_tce
    ]


def limits_of(rules: AmountRules, investment_cny: Decimal, granted: Granted) -> tuple[Limit, ...]:
    """The caps in the order in which a page tells them."""
    limits = [Limit(LimitKind.ENTERPRISE, rules.cap_cny, granted.total_cny)]
    if rules.cap_year_cny is not None:
        limits.append(Limit(LimitKind.YEAR, rules.cap_year_cny, granted.year_cny))
    if rules.cap_percent is not None:
        share = (investment_cny * rules.cap_percent / PERCENT).quantize(CENT, ROUND_DOWN)
        limits.append(Limit(LimitKind.INVESTMENT, share))
    return tuple(limits)


def _by_formula(text: str, saving: Decimal, investment: Decimal, rate: Decimal) -> Decimal:
    formula = read_formula(text, FORMULA_NAMES)
    value = formula.value({"saving": saving, "investment": investment, "rate": rate})
    if value > MOST_CNY:
        raise FormulaError(Fault.TOO_LARGE)
    return max(value, NOTHING)


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """What the seats of a panel gave for one criterion."""

    mean: Decimal
    lowest: Decimal
    highest: Decimal

    @property
    def spread(self) -> Decimal:
        return self.highest - self.lowest


@dataclass(frozen=True, slots=True)
class PanelScore:
    """By criterion, and as a whole out of 100."""

    criteria: tuple[CriterionScore, ...]
    total: Decimal


def score_panel(criteria: Sequence[Mapping[str, Any]], scores: Sequence[Sequence[Decimal]]) -> PanelScore:
    """The mean and the spread of each criterion, and the mean of all as shares of their most points, by weight.

    criteria: mappings with "weight" and "most"; scores: one row for each seat, in the order of the criteria.

    >>> criteria = [{"weight": 3, "most": 10}, {"weight": 1, "most": 20}]
    >>> result = score_panel(criteria, [[Decimal(8), Decimal(10)], [Decimal(6), Decimal(20)]])
    >>> [(str(one.mean), str(one.spread)) for one in result.criteria]
    [('7.00', '2'), ('15.00', '10')]
    >>> result.total  # 100 × (3 × 7/10 + 1 × 15/20) ÷ 4
    Decimal('71.25')
    """
    columns = [[row[place] for row in scores] for place in range(len(criteria))]
    means = [sum(column, Decimal(0)) / len(column) for column in columns]
    weights = sum(int(criterion["weight"]) for criterion in criteria)
    # As one fraction: means that are cut after 28 digits would let a half fall below itself.
    shares = (
        Fraction(sum(column, Decimal(0))) * int(one["weight"]) / (len(column) * int(one["most"]))
        for one, column in zip(criteria, columns, strict=True)
    )
    exact = 100 * sum(shares, Fraction(0)) / weights
    total = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(CENT, ROUND_HALF_UP)
    found = (
        CriterionScore(mean.quantize(CENT, ROUND_HALF_UP), min(column), max(column))
        for mean, column in zip(means, columns, strict=True)
    )
    return PanelScore(tuple(found), total)


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """The smallest value that at least so many percent do not exceed; counts: how often each value occurs.

    >>> percentile({1: 5, 2: 4, 30: 1}, 50), percentile({1: 5, 2: 4, 30: 1}, 90), percentile({}, 50)
    (1, 2, None)
    """
    whole = sum(counts.values())
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if 100 * seen >= percent * whole:
            return value
    return None
