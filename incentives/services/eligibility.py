"""Who and what a programme supports: its rules, each with the numbers by which it is met or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from incentives.models import Application, ProgrammeTerms
from incentives.services.conditions import condition_of, explain_condition
from incentives.services.facts import Fact, Values, facts_known, facts_of, facts_of_enterprise
from incentives.services.formulas import explain_fault
from incentives.services.ground import Invalid
from lib.formatting import speaks_chinese
from lib.formulas import FormulaError, parts_of

MOST_RULES = 20
LONGEST_TEXT = 300
RULE_PARTS = ("condition", "text_en", "text_zh")
OF_REGISTRATION = "eligibility"
"""The field of what is missing where a rule is about the enterprise and not about an answer."""


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """A rule with what decides it. `is_met` is None while something that it needs is not known."""

    text: str
    condition: str
    is_met: bool | None
    used: tuple[tuple[Fact, str], ...]
    unknown: tuple[Fact, ...]
    fault: str = ""

    @property
    def evidence(self) -> str:
        """The numbers used, in the order of the condition."""
        return " · ".join(f"{fact.label}: {value}" for fact, value in self.used)

    @property
    def field(self) -> str:
        """The answer that it is about: the first that it speaks of."""
        facts = [*(fact for fact, _value in self.used), *self.unknown]
        return next((fact.field for fact in facts if fact.field), OF_REGISTRATION)

    @property
    def needs(self) -> str:
        """What is not known yet."""
        return " · ".join(str(fact.label) for fact in self.unknown)


def check_rules(terms: ProgrammeTerms, values: Values) -> list[RuleCheck]:
    facts = facts_known(terms.form_fields)
    return [_check(rule, facts, values) for rule in terms.eligibility_rules]


def rules_of_enterprise(terms: ProgrammeTerms, enterprise: Enterprise, today: date) -> list[RuleCheck]:
    """The rules as far as the registration decides them: before anything is filled in."""
    return check_rules(terms, facts_of_enterprise(enterprise, today)) if terms.eligibility_rules else []


def rules_of(application: Application, today: date) -> list[RuleCheck]:
    version = application.programme_version
    return check_rules(version, facts_of(application, today)) if version.eligibility_rules else []


def refuse_bad_rules(rules: Any, form_rows: Any = ()) -> None:
    if not isinstance(rules, list) or len(rules) > MOST_RULES or not all(map(_is_rule, rules)):
        raise Invalid(_("A rule needs a condition and its words in both languages."), field="eligibility_rules")
    for number, rule in enumerate(rules, 1):
        fault = explain_condition(rule["condition"], facts_known(form_rows))
        if fault:
            told = {"number": number, "fault": fault}
            raise Invalid(_("Rule %(number)s: %(fault)s") % told, field="eligibility_rules")


def _is_rule(rule: Any) -> bool:
    if not isinstance(rule, dict) or set(rule) != set(RULE_PARTS):
        return False
    return all(isinstance(rule[part], str) and rule[part].strip() for part in RULE_PARTS) and all(
        len(rule[part]) <= LONGEST_TEXT for part in ("text_en", "text_zh")
    )


def _check(rule: dict[str, str], known_facts: Mapping[str, Fact], values: Values) -> RuleCheck:
    text = rule["text_zh"] if speaks_chinese() else rule["text_en"]
    condition = condition_of(rule["condition"], known_facts)
    facts = [known_facts[name] for name in parts_of(condition)]
    known = {fact.name: value for fact in facts if (value := values.get(fact.name)) is not None}
    used = tuple((fact, fact.written(known[fact.name])) for fact in facts if fact.name in known)
    try:
        return RuleCheck(text, rule["condition"], condition.is_met(known), used, ())
    except KeyError:
        return RuleCheck(text, rule["condition"], None, used, tuple(_unknown(facts, known)))
    except FormulaError as error:
        return RuleCheck(text, rule["condition"], False, used, (), explain_fault(error))


def _unknown(facts: Iterable[Fact], known: Values) -> Iterable[Fact]:
    return (fact for fact in facts if fact.name not in known)
