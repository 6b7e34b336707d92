"""Conditions over named facts: read, explained when they cannot be, and settled by what is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import pgettext_lazy

from incentives.services.facts import FACTS, Fact, Values
from incentives.services.formulas import explain_fault
from lib.formatting import number
from lib.formulas import FormulaError, Rule, parts_of, read_condition

# A name compared with a figure that nothing is done to, any other name, any other sign.
TOKENS = re.compile(
    r"\b([a-z_]\w*)\s*(<=|>=|==|!=|<|>)\s*(\d+(?:\.\d+)?)\b(?!\s*[-+*/.%])|\b([a-z_]\w*)\b|(<=|>=|==|!=)", re.ASCII
)
SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
JOINTS = {
    "and": pgettext_lazy("between conditions", "and"),
    "or": pgettext_lazy("between conditions", "or"),
    "not": pgettext_lazy("before a condition", "not"),
}


def condition_of(text: str, facts: Mapping[str, Fact] = FACTS) -> Rule:
    """Raises `FormulaError`."""
    numbers = frozenset(fact.name for fact in facts.values() if not fact.is_truth)
    return read_condition(text, numbers, frozenset(facts) - numbers)


def explain_condition(text: str, facts: Mapping[str, Fact] = FACTS) -> str:
    """Why the text is no condition; empty when it is one."""
    try:
        condition_of(text, facts)
    except FormulaError as error:
        return explain_fault(error, _names_told(facts))
    return ""


def condition_words(text: str, facts: Mapping[str, Fact] = FACTS) -> str:
    """A condition as enterprises read it: what its names mean, and figures in the unit of what they are compared with.

    Names that are not known stay as they are written.
    """
    return TOKENS.sub(lambda found: _token_words(found, facts), text)


def _token_words(found: re.Match[str], facts: Mapping[str, Fact]) -> str:
    name, sign, figure, word, bare_sign = found.groups()
    if name:
        fact = facts.get(name)
        shown = fact.written(Decimal(figure)) if fact and not fact.is_truth else number(Decimal(figure))
        return f"{fact.label if fact else name} {SIGNS.get(sign, sign)} {shown}"
    if word:
        return str(facts[word].label if word in facts else JOINTS.get(word, word))
    return SIGNS.get(bare_sign, bare_sign)


def holds(text: str, facts: Mapping[str, Fact], values: Values) -> bool | None:
    """Whether a condition is met, an empty one always; None while what decides it is not known or has no value."""
    if not text:
        return True
    known = {name: value for name, value in values.items() if value is not None}
    try:
        return condition_of(text, facts).is_met(known)
    except (KeyError, FormulaError):
        return None


def undecided_by(text: str, facts: Mapping[str, Fact], values: Values) -> list[Fact]:
    """What is not known of a condition that waits for it, in the order of the text; nothing where it is settled."""
    if not text or holds(text, facts, values) is not None:
        return []
    return [facts[name] for name in parts_of(condition_of(text, facts)) if values.get(name) is None]


def _names_told(facts: Mapping[str, Fact]) -> list[str]:
    """The twenty sections of the industries as one."""
    return [*(name for name in facts if not name.startswith("section_")), "section_a … section_t"]
