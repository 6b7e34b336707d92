"""The way of an application as its pages draw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incentives.choices import ApplicationState, StepKind
from incentives.models import Application, ApplicationStep
from lib.deadlines import day_words
from lib.templatetags.ui import local_day

FILINGS = frozenset({StepKind.SUBMITTED, StepKind.RESUBMITTED})
REFUSALS = frozenset({StepKind.DECLINED, StepKind.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Mark:
    """One dot of the timeline. state: done, now, returned, refused or later."""

    state: str
    label: str
    by: str = ""
    when: str = ""
    note: str = ""


def filed_at(application: Application) -> datetime | None:
    """When the present round was filed. The application comes with `timeline`, its steps."""
    steps: list[ApplicationStep] = list(getattr(application, "timeline", ()))
    return next((step.at for step in reversed(steps) if step.kind in FILINGS), application.submitted_at)


def timeline(application: Application) -> list[Mark]:
    """What has happened, oldest first, what the application waits for, and what follows.

    The application comes with `timeline`, its steps.
    """
    steps: list[ApplicationStep] = list(getattr(application, "timeline", ()))
    marks = [_done(step) for step in steps]
    if application.state == ApplicationState.RETURNED and marks:
        last = marks[-1]
        marks[-1] = Mark("returned", last.label, last.by, last.when, last.note)
    return [*marks, *_expected(application)]


def _done(step: ApplicationStep) -> Mark:
    state = "refused" if step.kind in REFUSALS else "done"
    return Mark(state, str(step.get_kind_display()), step.by_name, local_day(step.at, "compact"), step.comment)


def _expected(application: Application) -> Iterable[Mark]:
    due = _("by %(day)s") % {"day": day_words(application.due_at, compact=True)} if application.due_at else ""
    check, decision = _("Completeness check"), _("Decision")
    match application.state:
        case ApplicationState.DRAFT:
            yield Mark("now", _("You submit"), when=_("receipt with a number"))
            yield Mark("later", check)
            yield Mark("later", decision)
        case ApplicationState.RETURNED:
            yield Mark("later", _("You correct and resubmit"), when=due)
            yield Mark("later", check)
            yield Mark("later", decision)
        case ApplicationState.SUBMITTED:
            yield Mark("now", check, when=due)
            yield Mark("later", decision)
        case ApplicationState.ACCEPTED:
            yield Mark("now", decision, when=due)


def way_of_an_application() -> list[Mark]:
    """What follows after a start, for those who have not begun."""
    return [
        Mark("now", _("You fill in and upload"), when=_("at your pace, everything is kept")),
        Mark("later", _("Your certifier signs"), when=_("receipt with a number")),
        Mark("later", _("Completeness check"), when=_("a reviewer of the park")),
        Mark("later", _("Decision"), when=_("an approver of the park")),
    ]
