"""How an amount came about, as a ledger, and how it stands against its cap, as a measure line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incentives.calculations import FORMULA_NAMES, AmountRules, Estimate, Limit
from incentives.choices import LimitKind
from incentives.models import Application
from incentives.queries import Proof, proof_of
from incentives.services import estimate_application, explain_no_amount, explain_saving
from lib.formatting import money, percent, quantity, quantity_words
from lib.formulas import parts_of, read_formula


@dataclass(frozen=True, slots=True)
class Worth:
    """What an application may bring: `lines` for the ledger; None as estimate while no saving is given."""

    estimate: Estimate | None
    rules: AmountRules
    lines: list[dict[str, Any]]
    no_amount: str = ""
    proof: Proof | None = None

    @property
    def limit(self) -> Limit | None:
        """The cap that the amount is shown against: the one that applies, otherwise that of the enterprise."""
        return (self.estimate.binding or self.estimate.limits[0]) if self.estimate else None

    @property
    def cap_cny(self) -> Decimal:
        return self.limit.limit_cny if self.limit else self.rules.cap_cny

    @property
    def granted_cny(self) -> Decimal:
        """What was granted before of the cap that the amount is shown against."""
        return self.limit.granted_cny if self.limit else Decimal(0)

    @property
    def limit_words(self) -> str:
        """What keeps the amount below what was computed."""
        if self.estimate is None or self.estimate.binding is None:
            return ""
        return _limit_label(self.estimate.binding, self.rules)

    @property
    def saving_tce(self) -> Decimal | None:
        """The saving without the zeros that the column adds."""
        return self.estimate.saving_tce.normalize() + 0 if self.estimate else None

    @property
    def above_cap_cny(self) -> Decimal:
        if self.estimate is None:
            return Decimal(0)
        return self.estimate.before_cap_cny - self.estimate.amount_cny

    @property
    def parts(self) -> list[dict[str, Any]]:
        """What was granted before and what this one adds are solid; what the cap keeps back is hatched."""
        if self.estimate is None:
            return []
        return [
            {"value": self.granted_cny, "tone": "ref", "label": _("Granted before")},
            {"value": self.estimate.amount_cny, "label": _("This application")},
            {"value": self.above_cap_cny, "hatched": True, "label": _("Above the cap")},
        ]

    @property
    def longest(self) -> Decimal:
        """The length of the measure line: the cap, or what was computed when that is more."""
        if self.estimate is None:
            return self.cap_cny
        return max(self.cap_cny, self.granted_cny + self.estimate.before_cap_cny)


def worth_of(application: Application, today: date, result: str = "") -> Worth:
    """`result` is what the last line of the ledger is called."""
    estimate = estimate_application(application, today)
    lines = ledger(estimate, result or _("You may receive")) if estimate else []
    no_amount = "" if estimate else explain_no_amount(application, today)
    return Worth(estimate, application.programme_version.amount_rules, lines, no_amount)


def worth_as_proven(application: Application, today: date) -> Worth:
    """What officials can grant: by the investment that the financial check proved, where that is the smaller one.

    Not for the enterprise: it reads no reviews.
    """
    proof = proof_of(application)
    worth = worth_of(application, today, _("Payable"))
    estimate = estimate_application(application, today, proof.proven_cny) if proof else None
    if proof is None or estimate is None:
        return replace(worth, proof=proof)
    declared = {"kind": "limit", "label": _("Investment declared"), "value": money(proof.declared_cny)}
    proven = {"kind": "binding", "label": _("Investment proven"), "value": money(proof.proven_cny)}
    return replace(worth, estimate=estimate, lines=[declared, proven, *ledger(estimate, _("Payable"))], proof=proof)


def ledger(estimate: Estimate, result: str) -> list[dict[str, Any]]:
    """Inputs, rule, limits and result, in the order in which one would check them by hand."""
    outcome = {"kind": "result", "label": result, "value": money(estimate.amount_cny)}
    if not estimate.is_admitted:
        supported = {"kind": "binding", "label": explain_saving(estimate.rules), "value": ""}
        return [_saving(estimate), supported, outcome]
    computed = {
        "kind": "subtotal",
        "label": _("Computed"),
        "formula": estimate.formula,
        "value": money(estimate.before_cap_cny),
    }
    limits = [line for limit in estimate.limits for line in _limit_lines(estimate, limit)]
    return [*_inputs(estimate), computed, *limits, outcome]


def _limit_lines(estimate: Estimate, limit: Limit) -> Iterator[dict[str, Any]]:
    """A cap, with what was granted of it before where there was something."""
    is_binding = limit == estimate.binding
    outcome = {"kind": "binding" if is_binding else "limit", "formula": "" if is_binding else _("not reached")}
    label = _limit_label(limit, estimate.rules)
    if limit.kind == LimitKind.INVESTMENT:
        label = _("%(share)s of %(investment)s") % {
            "share": _share(estimate.rules),
            "investment": money(estimate.investment_cny or 0),
        }
    if not limit.granted_cny:
        yield {**outcome, "label": label, "value": money(limit.limit_cny)}
        return
    yield {"label": label, "value": money(limit.limit_cny)}
    before = _("Granted this year") if limit.kind == LimitKind.YEAR else _("Granted before")
    yield {"label": before, "value": money(-limit.granted_cny)}
    yield {**outcome, "label": _("Left of the cap"), "value": money(limit.room_cny)}


def _limit_label(limit: Limit, rules: AmountRules) -> str:
    match limit.kind:
        case LimitKind.YEAR:
            return _("Cap of the year")
        case LimitKind.INVESTMENT:
            return _("%(share)s of the investment") % {"share": _share(rules)}
        case _kind:
            return _("Cap")


def _saving(estimate: Estimate) -> dict[str, Any]:
    return {"label": _("Saving a year"), "value": quantity(estimate.saving_tce.normalize() + 0, "tce")}


def _inputs(estimate: Estimate) -> list[dict[str, Any]]:
    """The numbers that the rule of the programme speaks of."""
    saving = _saving(estimate)
    if not estimate.formula:
        return [saving, *_bands(estimate)]
    lines = {
        "saving": saving,
        "investment": {"label": _("Investment"), "value": money(estimate.investment_cny or 0)},
        "rate": {"label": _("Rate for a tce"), "value": money(estimate.rate_cny_per_tce)},
    }
    return [lines[name] for name in parts_of(read_formula(estimate.formula, FORMULA_NAMES))]


def _bands(estimate: Estimate) -> Iterator[dict[str, Any]]:
    """The rate, or each part of the saving with its own."""
    if len(estimate.bands) == 1:
        band = estimate.bands[0]
        tier = _("from %(tce)s on") % {"tce": _tce(band.from_tce)} if band.from_tce else ""
        yield {"label": _("Rate for a tce"), "formula": tier, "value": f"× {money(band.rate_cny_per_tce)}"}
        return
    for band in estimate.bands:
        yield {
            "label": _("above %(tce)s") % {"tce": _tce(band.from_tce)} if band.from_tce else _("first part"),
            "formula": f"{_tce(band.saving_tce)} × {money(band.rate_cny_per_tce)}",
            "value": money(band.amount_cny),
        }


def _share(rules: AmountRules) -> str:
    return percent((rules.cap_percent or Decimal(0)).normalize() + 0, None)


def _tce(saving: Decimal) -> str:
    return quantity_words(saving, "tce")
