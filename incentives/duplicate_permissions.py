"""Who may say whether two applications claim the same: whoever may decide on one of them, with a tie to neither."""

from __future__ import annotations

from django.utils.translation import gettext as _

from incentives.choices import WAITING_FOR_OFFICIALS, Stage
from incentives.models import Duplicate
from incentives.permissions import can_decide_somewhere, explain_no_decision, explain_tie
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
    # Experts score without knowing whose case it is: while they do, officials of the other stages answer.
    waiting = [side for side in sides if side.state in WAITING_FOR_OFFICIALS and side.stage != Stage.PANEL]
    reasons = [explain_no_decision(actor, side, Stage(side.stage)) for side in waiting]
    return reasons[0] if reasons and all(reasons) else ""
