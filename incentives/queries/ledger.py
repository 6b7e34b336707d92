"""Reads of a programme's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, QuerySet, When

from incentives.choices import EFFECTS, FIGURES
from incentives.models import BudgetYear, LedgerEntry, Programme


@dataclass(frozen=True, slots=True)
class Money:
    """The sums of one budget year, or of several."""

    appropriated_cny: Decimal
    reserved_cny: Decimal
    committed_cny: Decimal
    paid_cny: Decimal
    clawed_back_cny: Decimal

    @property
    def free_cny(self) -> Decimal:
        return self.appropriated_cny - self.reserved_cny - self.committed_cny

    @property
    def unpaid_cny(self) -> Decimal:
        return self.committed_cny - self.paid_cny


def budget_years(programme: Programme) -> list[BudgetYear]:
    return list(programme.budget_years.order_by("-year"))


def money_of(years: list[BudgetYear]) -> Money:
    return Money(**{name: sum((getattr(year, name) for year in years), Decimal(0)) for name in FIGURES})


def ledger_entries(programme: Programme, figure: str = "") -> QuerySet[LedgerEntry]:
    """The entries of a programme, the newest first, each with its `effect_cny` on one figure, or on all money.

    figure: a name of `FIGURES`, to have those entries alone of which it is the sum.
    """
    kinds = [kind for kind, sums in EFFECTS.items() if not figure or figure in sums]
    taking = [kind for kind in kinds if EFFECTS[kind].get(figure, max(EFFECTS[kind].values())) < 0]
    rows = LedgerEntry.objects.filter(budget_year__programme=programme, kind__in=kinds)
    money = LedgerEntry._meta.get_field("amount_cny")
    signed = Case(When(kind__in=taking, then=-F("amount_cny")), default=F("amount_cny"), output_field=money)
    return rows.annotate(effect_cny=signed).order_by("-at", "-id")
