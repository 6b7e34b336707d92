"""What an application still lacks, and the amount it would ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from incentives.calculations import Estimate, estimate_amount
from incentives.choices import DocumentKind
from incentives.models import Application
from incentives.queries import granted_before
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

    None until a saving is given; one query.
    """
    if application.saving_tce is None:
        return None
    version = application.programme_version
    granted = granted_before(application)
    return estimate_amount(application.saving_tce, version.rate_cny_per_tce, version.cap_cny, granted)


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
    estimate = estimate_application(application)
    if estimate is None or not estimate.saving_tce:
        yield Missing("saving_tce", _("Enter the annual saving, above zero."))
    elif not estimate.room_cny:
        cap = {"cap": money(estimate.cap_cny)}
        yield Missing("saving_tce", _("Your enterprise was granted the whole cap of this programme, %(cap)s.") % cap)
    elif not estimate.amount_cny:
        yield Missing("saving_tce", _("The saving is too small: the amount would be below one cent."))


def _missing_documents(application: Application) -> Iterator[Missing]:
    present = set(application.documents.filter(removed_at=None).values_list("kind", flat=True))
    for kind in application.programme_version.document_kinds:
        if kind not in present:
            name = DocumentKind(kind).label
            yield Missing(document_field(kind), _("Attach the document: %(name)s.") % {"name": name})
