"""The test mode of a programme: what its terms make of answers that somebody makes up. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from enterprises.models import Enterprise
from incentives.calculations import Estimate, Granted, estimate_amount
from incentives.form_fields import FormField, fields_of
from incentives.models import Application, Programme, ProgrammeVersion
from incentives.services.completeness import (
    Missing,
    asked_fields,
    missing_answers,
    missing_fields,
    needed_documents,
    undecided_answers,
    unmet_rules,
)
from incentives.services.eligibility import RuleCheck, check_rules
from incentives.services.facts import answers_as_facts, facts_as_registered, months_begun
from incentives.services.form_fields import document_label
from incentives.services.formulas import explain_fault
from incentives.services.programmes import PUBLISHED_TERMS
from lib.formulas import FormulaError


@dataclass(frozen=True, slots=True)
class Trial:
    """What an enterprise with these facts and answers would see."""

    rules: list[RuleCheck]
    estimate: Estimate | None
    no_amount: str
    missing: list[Missing]
    documents: list[str]
    asked: list[FormField]


def version_of(programme: Programme) -> ProgrammeVersion:
    """The version that publishing would make, unsaved."""
    terms = {name: getattr(programme, name) for name in PUBLISHED_TERMS}
    return ProgrammeVersion(park_id=programme.park_id, programme=programme, number=0, **terms)


def try_programme(
    programme: Programme,
    *,
    enterprise: Enterprise,
    labels: set[str],
    answers: Mapping[str, Any],
    form_answers: Mapping[str, Any],
    granted: Granted,
    today: date,
) -> Trial:
    """enterprise: an unsaved one with made-up facts. answers: of `ANSWERS`; form_answers: by key, typed."""
    version = version_of(programme)
    # A title and a summary are not worth making up.
    application = Application(
        programme_version=version,
        enterprise=enterprise,
        form_answers=dict(form_answers),
        **{"project_title": "–", "project_summary": "–", **answers},
    )
    values = {
        **facts_as_registered(enterprise, labels, today),
        **answers_as_facts(version, form_answers),
        "saving": application.saving_tce,
        "investment": application.investment_cny,
        "months": months_begun(application.completed_on, today),
    }
    estimate, no_amount = _estimate(version, application.saving_tce, application.investment_cny, granted)
    unfilled = [*missing_answers(application, today), *missing_fields(application, values)]
    missing = [
        *unfilled,
        *undecided_answers(application, values, unfilled),
        *unmet_rules(application, values),
    ]
    documents = [document_label(version, kind) for kind in needed_documents(application, values)]
    asked = [field for field in asked_fields(application, values) if field.is_typed]
    return Trial(check_rules(version, values), estimate, no_amount, missing, documents, asked)


def fields_to_try(programme: Programme) -> list[FormField]:
    """Every field of the programme's own, whatever its condition: what is asked the outcome says."""
    return [field for field in fields_of(programme.form_fields) if field.is_typed]


def _estimate(
    version: ProgrammeVersion, saving: Decimal | None, investment: Decimal | None, granted: Granted
) -> tuple[Estimate | None, str]:
    if saving is None:
        return None, ""
    try:
        return estimate_amount(version.amount_rules, saving, investment_cny=investment, granted=granted), ""
    except FormulaError as error:
        return None, explain_fault(error)
