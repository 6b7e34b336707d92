"""Who may say whether two applications claim the same: whoever may decide on one of them, with a tie to neither."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from incentives.choices import WAITING_FOR_OFFICIALS, Stage
from incentives.models import Application, Duplicate
from incentives.permissions import (
    can_decide_somewhere,
    decidable,
    decides_in,
    explain_no_decision,
    explain_tie,
    explain_ties,
)
from parks.actors import Actor


def explain_no_answer(actor: Actor, duplicate: Duplicate) -> str:
    """Why an official may not answer; empty when they may."""
    if not can_decide_somewhere(actor):
        return _("Only an official who decides on applications can answer this.")
    if actor.is_read_only:
        return actor.read_only_words
    sides = (duplicate.later, duplicate.earlier)
    tie = next((words for side in sides if (words := explain_tie(actor, side))), "")
    if tie:
        return tie
    reasons = [explain_no_decision(actor, side, Stage(side.stage)) for side in _waiting(duplicate)]
    return reasons[0] if reasons and all(reasons) else ""


def answerable(actor: Actor, duplicates: Iterable[Duplicate]) -> list[Duplicate]:
    """Those that the actor may answer: what `explain_no_answer` says of each, in as many queries for any number."""
    rows = list(duplicates)
    if not rows or not can_decide_somewhere(actor) or actor.is_read_only:
        return []
    ties = explain_ties(actor, {side.pk for row in rows for side in (row.later, row.earlier)})
    waiting = Application.objects.filter(pk__in={side.pk for row in rows for side in _waiting(row)})
    decided = set(decidable(waiting, actor.user_id, decides_in(actor)).values_list("pk", flat=True))
    return [
        row
        for row in rows
        if not (ties[row.later_id] or ties[row.earlier_id])
        and (not _waiting(row) or any(side.pk in decided for side in _waiting(row)))
    ]


def _waiting(duplicate: Duplicate) -> list[Application]:
    """Experts score without knowing whose case it is: while they do, officials of the other stages answer."""
    sides = (duplicate.later, duplicate.earlier)
    return [side for side in sides if side.state in WAITING_FOR_OFFICIALS and side.stage != Stage.PANEL]
