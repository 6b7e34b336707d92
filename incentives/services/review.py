"""What officials decide: complete or not, approved or declined, each under the lock of the application.

`expected_round` is the round that the official read: another one is refused with `StateChanged`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ApplicationState, Outcome, Stage, StepKind
from incentives.events import application_accepted, application_decided, application_returned
from incentives.models import Application, FieldComment, Review
from incentives.permissions import Act, explain_inactive, explain_no_decision
from incentives.queries import kept_documents
from incentives.services import awards, ledger
from incentives.services.completeness import reviewable_fields
from incentives.services.ground import (
    Invalid,
    add_step,
    announce,
    lock_application,
    refuse_if,
    refuse_other_round,
    refuse_wrong_state,
    save_changes,
)
from incentives.services.replies import content_of
from parks.actors import Actor
from parks.queries.work_calendar import working_days_after

CORRECTION_WORKING_DAYS = 10
DECISION_WORKING_DAYS = 10
ACT_OF_STAGE = {Stage.COMPLETENESS: Act.REVIEW, Stage.DECISION: Act.APPROVE}
CENT = Decimal("0.01")
LONGEST_COMMENT = 1000


@transaction.atomic
def accept_application(
    actor: Actor, application: Application, *, expected_round: int, note: str, now: datetime
) -> Application:
    """Find the application complete and pass it on for decision."""
    current = _lock_for(actor, application, Stage.COMPLETENESS, expected_round)
    _record(actor, current, Stage.COMPLETENESS, Outcome.ACCEPTED, note, now)
    due_at = working_days_after(now, DECISION_WORKING_DAYS, current.park.time_zone)
    save_changes(current, state=ApplicationState.ACCEPTED, due_at=due_at)
    announce(application_accepted, add_step(actor, current, StepKind.ACCEPTED, now))
    return current


@transaction.atomic
def return_application(
    actor: Actor,
    application: Application,
    *,
    expected_round: int,
    comments: dict[str, str],
    message: str,
    note: str,
    now: datetime,
) -> Application:
    """Ask for corrections, all at once: one comment per field or document, keyed as in `reviewable_fields`."""
    current = _lock_for(actor, application, Stage.COMPLETENESS, expected_round)
    written = {field: comment.strip() for field, comment in comments.items() if comment.strip()}
    _refuse_bad_comments(written)
    _record(actor, current, Stage.COMPLETENESS, Outcome.RETURNED, note, now)
    documents = list(kept_documents().filter(application=current))
    FieldComment.objects.bulk_create(
        FieldComment(
            park_id=current.park_id,
            enterprise_id=current.enterprise_id,
            application=current,
            field=field,
            comment=comment,
            found=content_of(current, field, documents),
            round=current.round,
            at=now,
            by_name=actor.name,
        )
        for field, comment in written.items()
    )
    due_at = working_days_after(now, CORRECTION_WORKING_DAYS, current.park.time_zone)
    save_changes(current, state=ApplicationState.RETURNED, due_at=due_at)
    announce(application_returned, add_step(actor, current, StepKind.RETURNED, now, message.strip()))
    return current


@transaction.atomic
def decline_application(
    actor: Actor, application: Application, *, expected_round: int, reason: str, note: str, now: datetime, stage: Stage
) -> Application:
    """Turn the application down for good, with a reason that the enterprise reads."""
    current = _lock_for(actor, application, stage, expected_round)
    if not reason.strip():
        raise Invalid(_("Give the reason; the enterprise reads it."), field="reason")
    _record(actor, current, stage, Outcome.DECLINED, note, now)
    save_changes(current, state=ApplicationState.DECLINED, due_at=None, decided_at=now)
    announce(application_decided, add_step(actor, current, StepKind.DECLINED, now, reason.strip()))
    return current


@transaction.atomic
def approve_application(
    actor: Actor,
    application: Application,
    *,
    expected_round: int,
    amount_cny: Decimal,
    message: str,
    note: str,
    now: datetime,
) -> Application:
    """Grant an amount of at most what was asked for and reserve it within budget and cap, which are locked for it.

    Who grants less than was asked for says why in the message.
    """
    current = _lock_for(actor, application, Stage.DECISION, expected_round)
    refuse_if(explain_inactive(current.enterprise, Act.APPROVE))
    _refuse_bad_amount(current, amount_cny)
    _refuse_silent_cut(current, amount_cny, message)
    ledger.reserve(current, amount_cny, now)
    _record(actor, current, Stage.DECISION, Outcome.APPROVED, note, now, amount_cny=amount_cny)
    save_changes(current, state=ApplicationState.APPROVED, approved_cny=amount_cny, due_at=None, decided_at=now)
    announce(application_decided, add_step(actor, current, StepKind.APPROVED, now, message.strip()))
    awards.open_award(current, now)
    return current


def _lock_for(actor: Actor, application: Application, stage: Stage, expected_round: int) -> Application:
    current = lock_application(application)
    refuse_if(explain_no_decision(actor, current, stage))
    refuse_wrong_state(current, ACT_OF_STAGE[stage])
    refuse_other_round(current, expected_round)
    return current


def _record(
    actor: Actor, application: Application, stage: Stage, outcome: Outcome, note: str, now: datetime, **more: Any
) -> None:
    Review.objects.create(
        park_id=application.park_id,
        application=application,
        stage=stage,
        outcome=outcome,
        round=application.round,
        note=note.strip(),
        decided_by_id=actor.user_id,
        decided_by_name=actor.name,
        decided_at=now,
        **more,
    )


def _refuse_bad_comments(comments: dict[str, str]) -> None:
    if not comments:
        raise Invalid(_("Say what to correct in at least one field or document."), field="comments")
    unknown = comments.keys() - set(reviewable_fields())
    if unknown:
        raise Invalid(_("There is no field “%(name)s”.") % {"name": min(unknown)}, field="comments")
    if any(len(comment) > LONGEST_COMMENT for comment in comments.values()):
        raise Invalid(_("A comment has at most %(count)s characters.") % {"count": LONGEST_COMMENT}, field="comments")


def _refuse_bad_amount(application: Application, amount_cny: Decimal) -> None:
    if not amount_cny.is_finite() or amount_cny <= 0 or amount_cny != amount_cny.quantize(CENT):
        raise Invalid(_("Enter an amount above zero, in yuan and at most two decimals."), field="amount_cny")
    if application.requested_cny is None or amount_cny > application.requested_cny:
        raise Invalid(_("The amount must not be above what was applied for."), field="amount_cny")


def _refuse_silent_cut(application: Application, amount_cny: Decimal, message: str) -> None:
    if application.requested_cny is not None and amount_cny < application.requested_cny and not message.strip():
        raise Invalid(_("Say why less is granted than requested; the enterprise reads it."), field="message")
