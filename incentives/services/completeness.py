"""What an application still lacks, and the amount it would ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from incentives.calculations import Estimate, estimate_amount
from incentives.choices import DocumentKind
from incentives.formulas import FormulaError
from incentives.models import Application
from incentives.queries import granted_before
from incentives.services.formulas import explain_fault, speaks_of
from lib.formatting import money

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


def reviewable_fields() -> list[str]:
    """What a reviewer can ask to correct, in the order of the pages."""
    return [*ANSWERS, *(document_field(kind) for kind in DocumentKind.values)]


def estimate_application(application: Application) -> Estimate | None:
    """The amount by the terms of the application's own version, within what earlier grants left of its cap.

    None until everything that the amount depends on is given, and where the formula has no value; one query.
    """
    try:
        return _estimate(application)
    except FormulaError:
        return None


def explain_no_amount(application: Application) -> str:
    """Why the formula of the programme gives no amount for what is given; empty where it gives one."""
    try:
        _estimate(application)
    except FormulaError as error:
        return explain_fault(error)
    return ""


def _estimate(application: Application) -> Estimate | None:
    version = application.programme_version
    if application.saving_tce is None:
        return None
    if application.investment_cny is None and speaks_of(version, "investment"):
        return None
    return estimate_amount(
        application.saving_tce,
        version.rate_cny_per_tce,
        version.cap_cny,
        granted_before(application),
        investment_cny=application.investment_cny,
        formula=version.amount_formula,
    )


def check_application(application: Application, today: date) -> list[Missing]:
    """Everything that stands between the application and its submission, in the order of the pages; two queries."""
    return [*_missing_answers(application, today), *_missing_documents(application)]


def _missing_answers(application: Application, today: date) -> Iterator[Missing]:
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
    yield from _missing_amount(application)


def _missing_amount(application: Application) -> Iterator[Missing]:
    estimate = estimate_application(application)
    if not application.saving_tce:
        yield Missing("saving_tce", _("Enter the annual saving, above zero."))
    elif estimate is None:
        reason = explain_no_amount(application)
        if reason:
            yield Missing("saving_tce", reason)
    elif not estimate.room_cny:
        cap = {"cap": money(estimate.cap_cny)}
        yield Missing("saving_tce", _("Your enterprise was granted the whole cap of this programme, %(cap)s.") % cap)
    elif not estimate.amount_cny:
        yield Missing("saving_tce", _("The amount would be below one cent by these numbers."))


def _missing_documents(application: Application) -> Iterator[Missing]:
    present = set(application.documents.filter(removed_at=None).values_list("kind", flat=True))
    for kind in application.programme_version.document_kinds:
        if kind not in present:
            name = DocumentKind(kind).label
            yield Missing(document_field(kind), _("Attach the document: %(name)s.") % {"name": name})
