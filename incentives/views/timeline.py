"""The way of an application as its pages draw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import ApplicationState, Stage, StepKind
from incentives.models import Application, ApplicationStep, ProgrammeTerms, usual_stages
from incentives.services import ORDER, applying_stages
from lib.deadlines import day_words
from lib.formatting import money
from lib.templatetags.ui import local_day
from parks.choices import Role

FILINGS = frozenset({StepKind.SUBMITTED, StepKind.RESUBMITTED})
IN_A_STAGE = frozenset({StepKind.RETURNED, StepKind.DECLINED})
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
    return Mark(state, _words_of(step), step.by_name, local_day(step.at, "compact"), step.comment)


def _words_of(step: ApplicationStep) -> str:
    """What happened; in a later stage than the first, also where."""
    label = str(step.get_kind_display())
    if step.kind == StepKind.PASSED:
        return _("%(stage)s: passed") % {"stage": step.get_stage_display()}
    if step.kind in IN_A_STAGE and step.stage not in {"", Stage.COMPLETENESS, Stage.DECISION}:
        return f"{label} · {step.get_stage_display()}"
    return label


def _expected(application: Application) -> Iterable[Mark]:
    due = _("by %(day)s") % {"day": day_words(application.due_at, compact=True)} if application.due_at else ""
    stages = applying_stages(application.programme_version.stages, application.requested_cny)
    here = ORDER[Stage(application.stage)] if application.stage else -1
    match application.state:
        case ApplicationState.DRAFT:
            yield Mark("now", _("You submit"), when=_("receipt with a number"))
            yield from (Mark("later", str(stage.label)) for stage in stages)
        case ApplicationState.RETURNED:
            yield Mark("later", _("You correct and resubmit"), when=due)
            yield from (Mark("later", str(stage.label)) for stage in stages if ORDER[stage] >= here)
        case ApplicationState.SUBMITTED | ApplicationState.ACCEPTED:
            yield Mark("now", str(Stage(application.stage).label), when=due)
            yield from (Mark("later", str(stage.label)) for stage in stages if ORDER[stage] > here)


def way_of_an_application(terms: ProgrammeTerms | None = None) -> list[Mark]:
    """What follows after a start, for those who have not begun; under these terms, or under the usual ones."""
    stages = terms.stages if terms else usual_stages()
    return [
        Mark("now", _("You fill in and upload"), when=_("at your pace, everything is kept")),
        Mark("later", _("Your certifier signs"), when=_("receipt with a number")),
        *(Mark("later", str(Stage(ask["stage"]).label), when=_who(ask)) for ask in stages),
    ]


def _who(ask: dict[str, Any]) -> str:
    """Who acts in a stage, and from which amount on."""
    match Role(ask["role"]):
        case Role.REVIEWER:
            who = _("a reviewer of the park")
        case Role.EXPERT:
            who = _("independent experts")
        case Role.FINANCE_OFFICER:
            who = _("a finance officer of the park")
        case _:
            who = _("an approver of the park")
    return _("%(who)s, above %(amount)s") % {"who": who, "amount": money(ask["above_cny"])} if ask["above_cny"] else who
