"""Conditions over named facts: read, explained when they cannot be, and settled by what is known."""

from __future__ import annotations

from collections.abc import Mapping

from incentives.formulas import FormulaError, Rule, parts_of, read_condition
from incentives.services.facts import FACTS, Fact, Values
from incentives.services.formulas import explain_fault


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
