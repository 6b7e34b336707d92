"""How an amount came about, as a ledger, and how it stands against its cap, as a measure line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incentives.calculations import FORMULA_NAMES, Estimate
from incentives.formulas import parts_of, read_formula
from incentives.models import Application
from incentives.services import estimate_application, explain_no_amount
from lib.formatting import money, quantity


@dataclass(frozen=True, slots=True)
class Worth:
    """What an application may bring: `lines` for the ledger; None as estimate while no saving is given."""

    estimate: Estimate | None
    cap_cny: Decimal
    lines: list[dict[str, Any]]
    no_amount: str = ""

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
            {"value": self.estimate.granted_cny, "tone": "ref", "label": _("Granted before")},
            {"value": self.estimate.amount_cny, "label": _("This application")},
            {"value": self.above_cap_cny, "hatched": True, "label": _("Above the cap")},
        ]

    @property
    def longest(self) -> Decimal:
        """The length of the measure line: the cap, or what was computed when that is more."""
        return (
            max(self.cap_cny, self.estimate.granted_cny + self.estimate.before_cap_cny)
            if self.estimate
            else self.cap_cny
        )


def worth_of(application: Application, result: str = "") -> Worth:
    """`result` is what the last line of the ledger is called."""
    estimate = estimate_application(application)
    lines = ledger(estimate, result or _("You may receive")) if estimate else []
    no_amount = "" if estimate else explain_no_amount(application)
    return Worth(estimate, application.programme_version.cap_cny, lines, no_amount)


def ledger(estimate: Estimate, result: str) -> list[dict[str, Any]]:
    """Inputs, rule, limit and result, in the order in which one would check them by hand."""
    limit = {
        "kind": "binding" if estimate.is_capped else "limit",
        "formula": "" if estimate.is_capped else _("not reached"),
    }
    caps: list[dict[str, Any]] = [{**limit, "label": _("Cap"), "value": money(estimate.cap_cny)}]
    if estimate.granted_cny:
        caps = [
            {"label": _("Cap"), "value": money(estimate.cap_cny)},
            {"label": _("Granted before"), "value": money(-estimate.granted_cny)},
            {**limit, "label": _("Left of the cap"), "value": money(estimate.room_cny)},
        ]
    return [
        *_inputs(estimate),
        {
            "kind": "subtotal",
            "label": _("Computed"),
            "formula": estimate.formula,
            "value": money(estimate.before_cap_cny),
        },
        *caps,
        {"kind": "result", "label": result, "value": money(estimate.amount_cny)},
    ]


def _inputs(estimate: Estimate) -> list[dict[str, Any]]:
    """The numbers that the rule of the programme speaks of."""
    saving = {"label": _("Saving a year"), "value": quantity(estimate.saving_tce.normalize() + 0, "tce")}
    if not estimate.formula:
        return [saving, {"label": _("Rate for a tce"), "value": f"× {money(estimate.rate_cny_per_tce)}"}]
    lines = {
        "saving": saving,
        "investment": {"label": _("Investment"), "value": money(estimate.investment_cny or 0)},
        "rate": {"label": _("Rate for a tce"), "value": money(estimate.rate_cny_per_tce)},
    }
    return [lines[name] for name in parts_of(read_formula(estimate.formula, FORMULA_NAMES))]
