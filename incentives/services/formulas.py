"""The amount formula of a programme: what is wrong with it in words, and the examples it has to pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from incentives.calculations import FORMULA_NAMES, estimate_amount
from incentives.models import ProgrammeTerms
from lib.formula_words import words_of
from lib.formulas import FormulaError, read_formula

MOST_EXAMPLES = 6
EXAMPLE_PARTS = ("saving_tce", "investment_cny", "amount_cny")
"""What an example gives, and what it must bring; kept as text."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a programme: what is given, what it must bring, and what it brings. `fault` where it fails."""

    saving_tce: Decimal
    investment_cny: Decimal
    amount_cny: Decimal
    computed_cny: Decimal | None
    fault: str = ""

    @property
    def passes(self) -> bool:
        return self.computed_cny == self.amount_cny


def explain_fault(error: FormulaError, names: Iterable[str] = FORMULA_NAMES) -> str:
    return words_of(error, names)


def explain_formula(text: str) -> str:
    """Why the text is no formula of a programme; empty when it is one, or when there is none."""
    if not text:
        return ""
    try:
        read_formula(text, FORMULA_NAMES)
    except FormulaError as error:
        return explain_fault(error)
    return ""


def speaks_of(terms: ProgrammeTerms, name: str) -> bool:
    """Whether the amount depends on one of `FORMULA_NAMES`."""
    if not terms.amount_formula:
        return name != "investment"
    return name in read_formula(terms.amount_formula, FORMULA_NAMES).names


def examples_of(terms: ProgrammeTerms) -> Iterator[Example]:
    """The examples with what the terms make of them, as of an enterprise that was granted nothing before."""
    for case in terms.example_cases:
        saving, investment, amount = (Decimal(case[part]) for part in EXAMPLE_PARTS)
        try:
            found = estimate_amount(terms.amount_rules, saving, investment_cny=investment)
        except FormulaError as error:
            yield Example(saving, investment, amount, None, explain_fault(error))
        else:
            fault = "" if found.amount_cny == amount else _("The terms give another amount.")
            yield Example(saving, investment, amount, found.amount_cny, fault)
