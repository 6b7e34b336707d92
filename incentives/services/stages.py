"""The stages that a programme asks for, and the one in which an application waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incentives.choices import FEWEST_EXPERTS, STAGE_ROLES, ApplicationState, Stage
from incentives.models import Application
from parks.choices import Role
from parks.queries.work_calendar import working_days_after

MOST_APPROVALS = 9
MOST_WORKING_DAYS = 250
ORDER = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class NextStage:
    """The first stage of a programme that its reviews have not done yet, and who acts there."""

    stage: Stage
    role: Role
    working_days: int


def next_stage(application: Application, requested_cny: Decimal | None = None) -> NextStage | None:
    """Where the application waits by its reviews as they stand; None when nothing is left to be done.

    The database answers, by the rule with which it also refuses any other stage: people of an enterprise, who go on
    where reviews are void, cannot read reviews. `requested_cny`: the amount with which it is about to be filed.
    """
    asked = application.requested_cny if requested_cny is None else requested_cny
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stage, stage_role, working_days FROM incentives_next_stage(%s, %s)", [application.pk, asked]
        )
        row = cursor.fetchone()
    return NextStage(Stage(row[0]), Role(row[1]), row[2]) if row else None


def into_stage(application: Application, following: NextStage, now: datetime) -> dict[str, Any]:
    """What an application that enters a stage becomes, with its deadline."""
    is_first = following.stage is Stage.COMPLETENESS
    return {
        "state": ApplicationState.SUBMITTED if is_first else ApplicationState.ACCEPTED,
        "stage": following.stage,
        "stage_role": following.role,
        "due_at": working_days_after(now, following.working_days, application.park.time_zone),
    }


def stages_before(application: Application, stage: Stage) -> list[Stage]:
    """The stages that the version asks for before this one, in their order."""
    asked = [Stage(ask["stage"]) for ask in application.programme_version.stages]
    return asked[: asked.index(stage)] if stage in asked else []


def explain_stages(stages: Any) -> str:
    """What is wrong with the stages of a programme, in a sentence; empty when nothing is."""
    if not isinstance(stages, list) or not all(isinstance(ask, dict) for ask in stages):
        return _("The stages are not a list.")
    names = [ask.get("stage") for ask in stages]
    if any(name not in Stage.values for name in names):
        return _("There is no such stage.")
    if not names or names[0] != Stage.COMPLETENESS or names[-1] != Stage.DECISION:
        return _("A programme begins with the completeness check and ends with the decision.")
    if [ORDER[Stage(name)] for name in names] != sorted({ORDER[Stage(name)] for name in names}):
        return _("Each stage stands once, in the order in which the portal lists them.")
    return next(filter(None, map(_explain_stage, stages)), "") or _explain_first_and_last(stages)


def _explain_stage(ask: dict[str, Any]) -> str:
    stage = Stage(ask["stage"])
    named = {"stage": stage.label, "most": MOST_APPROVALS, "fewest": FEWEST_EXPERTS, "days": MOST_WORKING_DAYS}
    is_panel = stage is Stage.PANEL
    if ask.get("role") not in ({Role.EXPERT} if is_panel else set(STAGE_ROLES)):
        return _("%(stage)s: choose the role that acts there.") % named
    if not _is_between(ask.get("approvals"), 1, MOST_APPROVALS):
        return _("%(stage)s: from 1 to %(most)s people.") % named
    if is_panel and ask["approvals"] < FEWEST_EXPERTS:
        return _("%(stage)s: at least %(fewest)s experts.") % named
    if not _is_between(ask.get("working_days"), 1, MOST_WORKING_DAYS):
        return _("%(stage)s: from 1 to %(days)s working days.") % named
    if not _is_threshold(ask.get("above_cny")):
        return _("%(stage)s: the amount above which it applies is not an amount.") % named
    return ""


def _explain_first_and_last(stages: list[dict[str, Any]]) -> str:
    if any(stages[place].get("above_cny") is not None for place in (0, -1)):
        return _("The completeness check and the decision apply to every amount.")
    return ""


def _is_between(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_threshold(value: Any) -> bool:
    """None, or an amount above zero as text, in yuan and cents."""
    if value is None:
        return True
    try:
        amount = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        return False
    return amount.is_finite() and amount > 0 and amount == amount.quantize(Decimal("0.01"))


def applying_stages(stages: Iterable[dict[str, Any]], requested_cny: Decimal | None) -> list[Stage]:
    """The stages that an amount goes through; before it is known, those that every amount does."""
    return [
        Stage(ask["stage"])
        for ask in stages
        if ask["above_cny"] is None or (requested_cny is not None and requested_cny > Decimal(ask["above_cny"]))
    ]
