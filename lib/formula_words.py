"""What is wrong with a formula, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from lib.formulas import DEEPEST, LONGEST, Fault, FormulaError

WORDS = {
    Fault.EMPTY: gettext_lazy("The formula is empty."),
    Fault.TOO_LONG: gettext_lazy("The formula is longer than %(longest)s characters."),
    Fault.TOO_DEEP: gettext_lazy("The formula is nested more than %(deepest)s levels deep."),
    Fault.SIGN: gettext_lazy("The sign “%(part)s” at character %(place)s does not belong to a formula."),
    Fault.UNREADABLE: gettext_lazy("The formula cannot be read at character %(place)s."),
    Fault.NUMBER: gettext_lazy(
        "“%(part)s” at character %(place)s is not a number: write up to 15 digits and 10 decimals."
    ),
    Fault.NAME: gettext_lazy("“%(part)s” at character %(place)s is not known. The names are %(names)s."),
    Fault.NOT_ALLOWED: gettext_lazy("“%(part)s” at character %(place)s is not allowed in a formula."),
    Fault.ARGUMENTS: gettext_lazy("“%(part)s” at character %(place)s has too few, too many or the wrong values."),
    Fault.NUMBER_WANTED: gettext_lazy("“%(part)s” at character %(place)s is a condition where a number is needed."),
    Fault.CONDITION_WANTED: gettext_lazy("“%(part)s” at character %(place)s is no condition: compare two numbers."),
    Fault.DIVISION_BY_ZERO: gettext_lazy("The formula divides by zero for these numbers."),
    Fault.TOO_LARGE: gettext_lazy("The formula gives an amount beyond all measure for these numbers."),
}


def words_of(error: FormulaError, names: Iterable[str]) -> str:
    """names: those that the formula may use."""
    told = {
        "part": error.part[:40],
        "place": error.place,
        "names": ", ".join(sorted(names)),
        "longest": LONGEST,
        "deepest": DEEPEST,
    }
    return str(WORDS[error.fault]) % told
