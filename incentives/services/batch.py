"""Decisions made together, as in a meeting: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import Stage
from incentives.models import Application
from incentives.services.duplicates import hold_answers
from incentives.services.ground import lock_applications
from incentives.services.review import approve_application, decline_application
from lib.refusals import Refusal
from parks.actors import Actor

MOST_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about one application, as it was read at `expected_round`. No amount: it is declined.

    `words` are for the enterprise: the reason, or why less is granted.
    """

    application: Application
    expected_round: int
    amount_cny: Decimal | None
    words: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of a verdict: the state that would follow, or why it would be refused."""

    verdict: Verdict
    state: str = ""
    refusal: str = ""


class BatchRefused(Refusal):
    """One of the decisions was refused, so that none was made. `application_id` names it."""

    code = "batch_refused"

    def __init__(self, verdict: Verdict, refusal: Refusal) -> None:
        words = {"number": verdict.application.number, "reason": refusal.message}
        super().__init__(_("Nothing was decided. %(number)s: %(reason)s") % words)
        self.application_id: UUID = verdict.application.pk
        self.refusal = refusal


class BatchTooLarge(Refusal):
    code = "batch_too_large"


@transaction.atomic
def decide_together(actor: Actor, verdicts: Sequence[Verdict], *, now: datetime) -> list[Application]:
    """Decide all of these in one transaction; the first that is refused takes all of them back."""
    _lock_all(verdicts)
    decided = []
    for verdict in verdicts:
        try:
            decided.append(_decide(actor, verdict, now))
        except Refusal as refusal:
            raise BatchRefused(verdict, refusal) from refusal
    return decided


@transaction.atomic
def foresee(actor: Actor, verdicts: Sequence[Verdict], *, now: datetime) -> list[Outlook]:
    """What would become of each, those before it decided: by doing it and taking all of it back."""
    _lock_all(verdicts)
    outlooks = []
    start = transaction.savepoint()
    for verdict in verdicts:
        try:
            with transaction.atomic():
                outlooks.append(Outlook(verdict, state=_decide(actor, verdict, now).state))
        except Refusal as refusal:
            outlooks.append(Outlook(verdict, refusal=refusal.message))
    transaction.savepoint_rollback(start)
    return outlooks


def _lock_all(verdicts: Sequence[Verdict]) -> None:
    if len(verdicts) > MOST_TOGETHER:
        raise BatchTooLarge(_("At most %(most)s applications can be decided together.") % {"most": MOST_TOGETHER})
    ids = [verdict.application.pk for verdict in verdicts]
    lock_applications(ids)
    hold_answers(ids)


def _decide(actor: Actor, verdict: Verdict, now: datetime) -> Application:
    seen: dict[str, Any] = {"expected_round": verdict.expected_round, "note": "", "now": now}
    if verdict.amount_cny is None:
        return decline_application(actor, verdict.application, reason=verdict.words, stage=Stage.DECISION, **seen)
    return approve_application(actor, verdict.application, amount_cny=verdict.amount_cny, message=verdict.words, **seen)
