"""What an application still lacks, and the amount it would ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from incentives.calculations import AmountRules, Estimate, Limit, estimate_amount
from incentives.choices import DocumentKind, FieldKind, LimitKind
from incentives.form_fields import FormField, fields_of
from incentives.models import Application, ProgrammeTerms
from incentives.queries import granted_before
from incentives.services.claimed_numbers import excess_numbers
from incentives.services.conditions import holds, undecided_by
from incentives.services.eligibility import OF_REGISTRATION, check_rules
from incentives.services.facts import Values, facts_known, facts_of
from incentives.services.form_fields import document_label, document_rules_of
from incentives.services.formulas import explain_fault, speaks_of
from lib.formatting import money, quantity_words
from lib.formulas import FormulaError

ANSWERS = ("project_title", "project_summary", "completed_on", "investment_cny", "saving_tce")
"""The fields of an application that the enterprise fills in, in the order of the pages."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`field` is one of `ANSWERS` or, for a document, `document_field(kind)`."""

    field: str
    message: str


def document_field(kind: str) -> str:
    """How a required document is named where a field is: in what is missing and in a reviewer's comments."""
    return f"document_{kind}"


def reviewable_fields(version: ProgrammeTerms) -> list[str]:
    """What a reviewer can ask to correct under a version, in the order of the pages."""
    fields = [field.name for field in fields_of(version.form_fields) if not field.is_heading]
    kinds = [*DocumentKind.values, *(rule.key for rule in document_rules_of(version))]
    return [*ANSWERS, *fields, *(document_field(kind) for kind in kinds)]


def estimate_application(application: Application, today: date, proven_cny: Decimal | None = None) -> Estimate | None:
    """The amount by the terms of the application's own version, within what earlier grants left of its caps.

    None until everything that the amount depends on is given, and where the formula has no value; one query.
    proven_cny: what officials found of the investment, and count instead of it.
    """
    try:
        return _estimate(application, today, proven_cny)
    except FormulaError:
        return None


def explain_no_amount(application: Application, today: date) -> str:
    """Why the formula of the programme gives no amount for what is given; empty where it gives one."""
    try:
        _estimate(application, today)
    except FormulaError as error:
        return explain_fault(error)
    return ""


def _estimate(application: Application, today: date, proven_cny: Decimal | None = None) -> Estimate | None:
    version = application.programme_version
    investment = application.investment_cny if proven_cny is None else proven_cny
    if application.saving_tce is None:
        return None
    if investment is None and (speaks_of(version, "investment") or version.cap_percent is not None):
        return None
    return estimate_amount(
        version.amount_rules,
        application.saving_tce,
        investment_cny=investment,
        granted=granted_before(application, today),
    )


def check_application(application: Application, today: date) -> list[Missing]:
    """Everything that stands between the application and its submission, in the order of the pages.

    Two queries, and one for the labels of the enterprise where the programme has rules.
    """
    values = known_facts(application, today)
    answers = [
        *missing_answers(application, today),
        *_missing_amount(application, today),
        *missing_fields(application, values),
    ]
    return [
        *answers,
        *_too_many_numbers(application, values),
        *undecided_answers(application, values, answers),
        *unmet_rules(application, values),
        *_missing_documents(application, values),
    ]


def known_facts(application: Application, today: date) -> Values:
    """What the conditions of the version speak of; nothing, and no query, where it has none."""
    return facts_of(application, today) if has_conditions(application.programme_version) else {}


def has_conditions(version: ProgrammeTerms) -> bool:
    conditional = [*version.form_fields, *version.document_rules]
    return bool(version.eligibility_rules) or any(row.get("condition") for row in conditional)


def asked_fields(application: Application, values: Values) -> list[FormField]:
    """The fields of the programme's own that this application is asked; also those of which it is not known yet."""
    rows = application.programme_version.form_fields
    facts = facts_known(rows)
    return [field for field in fields_of(rows) if holds(field.condition, facts, values) is not False]


def needed_documents(application: Application, values: Values) -> list[str]:
    """The kinds of documents that this application needs, in the order of the terms."""
    version = application.programme_version
    facts = facts_known(version.form_fields)
    own = [rule.key for rule in document_rules_of(version) if holds(rule.condition, facts, values)]
    return [*version.document_kinds, *own]


def missing_answers(application: Application, today: date) -> Iterator[Missing]:
    if not application.project_title.strip():
        yield Missing("project_title", _("Enter the title of the project."))
    if not application.project_summary.strip():
        yield Missing("project_summary", _("Describe what was done, and where."))
    if application.completed_on is None:
        yield Missing("completed_on", _("Enter the day on which the project was completed."))
    elif application.completed_on > today:
        yield Missing("completed_on", _("The project must be completed before you apply."))
    if not application.investment_cny:
        yield Missing("investment_cny", _("Enter the investment of the project, above zero."))


def _missing_amount(application: Application, today: date) -> Iterator[Missing]:
    estimate = estimate_application(application, today)
    if not application.saving_tce:
        yield Missing("saving_tce", _("Enter the annual saving, above zero."))
    elif estimate is None:
        reason = explain_no_amount(application, today)
        if reason:
            yield Missing("saving_tce", reason)
    elif not estimate.is_admitted:
        yield Missing("saving_tce", explain_saving(estimate.rules))
    elif not estimate.amount_cny and estimate.binding is not None:
        yield Missing("saving_tce", _nothing_left(estimate.binding))
    elif not estimate.amount_cny:
        yield Missing("saving_tce", _("The amount would be below one cent by these numbers."))


def missing_fields(application: Application, values: Values) -> Iterator[Missing]:
    facts = facts_known(application.programme_version.form_fields)
    for field in asked_fields(application, values):
        is_needed = field.is_typed and field.is_required and holds(field.condition, facts, values)
        if is_needed and field.key not in application.form_answers:
            sentence = _("Confirm: %(name)s") if field.kind == FieldKind.DECLARATION else _("Fill in: %(name)s")
            yield Missing(field.name, sentence % {"name": field.label})


def _too_many_numbers(application: Application, values: Values) -> Iterator[Missing]:
    excess = excess_numbers(application, {field.name for field in asked_fields(application, values)})
    if excess is not None:
        yield Missing(*excess)


def undecided_answers(application: Application, values: Values, missing: Iterable[Missing]) -> Iterator[Missing]:
    """Answers that may be left out, and yet decide whether a rule is met, or a needed field or document is asked."""
    version = application.programme_version
    facts, asked = facts_known(version.form_fields), asked_fields(application, values)
    needed = [field.condition for field in asked if field.is_typed and field.is_required]
    papers = [rule.condition for rule in document_rules_of(version)]
    conditions = [*needed, *(rule["condition"] for rule in version.eligibility_rules), *papers]
    waited_for = {fact.field: fact for text in conditions for fact in undecided_by(text, facts, values)}
    told = {entry.field for entry in missing}
    for name in (*ANSWERS, *(field.name for field in asked)):
        if name in waited_for and name not in told:
            sentence = _("Fill in: %(name)s. Rules or documents of the programme depend on it.")
            yield Missing(name, sentence % {"name": waited_for[name].label})


def unmet_rules(application: Application, values: Values) -> Iterator[Missing]:
    """A rule that is not met, or that waits for something that the registration lacks."""
    for rule in check_rules(application.programme_version, values):
        if rule.is_met is False:
            told = {"rule": rule.text, "evidence": rule.fault or rule.evidence}
            yield Missing(rule.field, _("Not met: %(rule)s (%(evidence)s)") % told)
        elif rule.is_met is None and not any(fact.field for fact in rule.unknown):
            told = {"rule": rule.text, "needs": rule.needs}
            yield Missing(OF_REGISTRATION, _("%(rule)s: the registration does not say this: %(needs)s") % told)


def explain_saving(rules: AmountRules) -> str:
    """Which savings the programme supports; empty where it supports all."""
    least, below = (
        quantity_words(bound, "tce") if bound is not None else ""
        for bound in (rules.saving_min_tce, rules.saving_below_tce)
    )
    told = {"least": least, "below": below}
    if least and below:
        return _("The programme supports savings from %(least)s up to below %(below)s a year.") % told
    if least:
        return _("The programme supports savings of at least %(least)s a year.") % told
    return _("The programme supports savings below %(below)s a year.") % told if below else ""


def _nothing_left(limit: Limit) -> str:
    cap = {"cap": money(limit.limit_cny)}
    if limit.kind == LimitKind.YEAR:
        return _("Your enterprise was granted the whole cap of this year, %(cap)s.") % cap
    if limit.kind == LimitKind.INVESTMENT:
        return _("The amount is limited to a share of the investment, which leaves nothing of it.")
    return _("Your enterprise was granted the whole cap of this programme, %(cap)s.") % cap


def _missing_documents(application: Application, values: Values) -> Iterator[Missing]:
    present = set(application.documents.filter(removed_at=None).values_list("kind", flat=True))
    for kind in needed_documents(application, values):
        if kind not in present:
            name = document_label(application.programme_version, kind)
            yield Missing(document_field(kind), _("Attach the document: %(name)s.") % {"name": name})
