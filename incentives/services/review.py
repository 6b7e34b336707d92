"""What officials decide in the stages of an application, each under its lock.

`stage` and `expected_round` are those that the official read: others are refused with `StateChanged`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ApplicationState, Outcome, Stage, StepKind
from incentives.events import application_accepted, application_decided, application_returned
from incentives.models import Application, FieldComment, Review
from incentives.permissions import (
    Act,
    explain_inactive,
    explain_no_decision,
    explain_wrong_stage,
    role_in,
    stands_in_for,
)
from incentives.queries import approvals_in, kept_documents
from incentives.services import awards, ledger
from incentives.services.caps import refuse_unproven
from incentives.services.completeness import reviewable_fields
from incentives.services.duplicates import refuse_claimed_twice
from incentives.services.ground import (
    Invalid,
    StateChanged,
    add_step,
    announce,
    lock_application,
    refuse_if,
    refuse_other_round,
    save_changes,
)
from incentives.services.replies import content_of
from incentives.services.stages import into_stage, next_stage, stages_before
from lib.formatting import money
from lib.text import said
from parks.actors import Actor
from parks.queries.work_calendar import working_days_after

CORRECTION_WORKING_DAYS = 10
CENT = Decimal("0.01")
LONGEST_COMMENT = 1000


@transaction.atomic
def accept_application(
    actor: Actor,
    application: Application,
    *,
    expected_round: int,
    note: str,
    now: datetime,
    stage: Stage = Stage.COMPLETENESS,
    findings: Mapping[str, Any] | None = None,
) -> Application:
    """Let the application pass a stage; it goes on when as many people have as the programme asks for.

    findings: what the stage records besides, columns of the review.
    """
    current = _lock_for(actor, application, stage, expected_round)
    found = dict(findings or {})
    _refuse_bad_findings(stage, found)
    record_review(actor, current, stage, Outcome.ACCEPTED, now, note=note, **found)
    return go_on(actor, current, now)


def go_on(actor: Actor, current: Application, now: datetime, *, by_name: str | None = None) -> Application:
    """To the stage that its reviews lead to, if that is another one than it waits in.

    by_name: who is named to the enterprise, by default the actor.
    """
    was, following = Stage(current.stage), next_stage(current)
    if following is None or following.stage == was:
        return current
    save_changes(current, **into_stage(current, following, now))
    kind = StepKind.ACCEPTED if was is Stage.COMPLETENESS else StepKind.PASSED
    announce(application_accepted, add_step(actor, current, kind, now, stage=was, by_name=by_name))
    return current


@transaction.atomic
def return_application(  # noqa: PLR0913 - each part of the act is told by its name
    actor: Actor,
    application: Application,
    *,
    expected_round: int,
    comments: dict[str, str],
    message: str,
    note: str,
    now: datetime,
    stage: Stage = Stage.COMPLETENESS,
    void_stages: Collection[Stage] = (),
) -> Application:
    """Ask for corrections, all at once: one comment per field or document, keyed as in `reviewable_fields`.

    void_stages: earlier stages that must look at it again. The others keep their reviews: filed anew, the application
    goes on at the first of these, or at `stage`.
    """
    current = _lock_for(actor, application, stage, expected_round)
    written = {field: said(comment) for field, comment in comments.items() if said(comment)}
    _refuse_bad_comments(written, current)
    _refuse_other_stages(current, stage, void_stages)
    record_review(actor, current, stage, Outcome.RETURNED, now, note=note, void_stages=sorted(void_stages))
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
    _give_back(current, now)
    announce(application_returned, add_step(actor, current, StepKind.RETURNED, now, said(message), stage=stage))
    return current


def _give_back(current: Application, now: datetime) -> None:
    following = next_stage(current)
    if following is None:  # pragma: no cover - a return voids at least the stage in which it is written
        raise AssertionError("a returned application has no stage to go on in")
    due_at = working_days_after(now, CORRECTION_WORKING_DAYS, current.park.time_zone)
    waiting = {"stage": following.stage, "stage_role": following.role}
    save_changes(current, state=ApplicationState.RETURNED, due_at=due_at, **waiting)


@transaction.atomic
def decline_application(
    actor: Actor, application: Application, *, expected_round: int, reason: str, note: str, now: datetime, stage: Stage
) -> Application:
    """Turn the application down for good, with a reason that the enterprise reads."""
    current = _lock_for(actor, application, stage, expected_round)
    if not said(reason):
        raise Invalid(_("Give the reason; the enterprise reads it."), field="reason")
    record_review(actor, current, stage, Outcome.DECLINED, now, note=note)
    save_changes(current, state=ApplicationState.DECLINED, stage="", stage_role="", due_at=None, decided_at=now)
    announce(application_decided, add_step(actor, current, StepKind.DECLINED, now, said(reason), stage=stage))
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
    """Grant an amount of at most what was asked for. Where the programme asks for several approvals, all are of the
    same amount, and the last one reserves it within budget and cap, which are locked for it.

    Who grants less than was asked for says why in the message; the enterprise reads the last that was written.
    """
    current = _lock_for(actor, application, Stage.DECISION, expected_round)
    refuse_if(explain_inactive(current.enterprise, Act.APPROVE))
    refuse_claimed_twice(current)
    before = list(approvals_in(current))
    words = said(message) or next((review.message for review in reversed(before) if review.message), "")
    _refuse_bad_amount(current, amount_cny)
    _refuse_other_amount(before, amount_cny)
    _refuse_silent_cut(current, amount_cny, words)
    refuse_unproven(current, amount_cny)
    approved = {"amount_cny": amount_cny, "message": said(message)}
    record_review(actor, current, Stage.DECISION, Outcome.APPROVED, now, note=note, **approved)
    if next_stage(current) is not None:
        return current
    ledger.reserve(current, amount_cny, now)
    ended = {"stage": "", "stage_role": "", "due_at": None, "decided_at": now}
    save_changes(current, state=ApplicationState.APPROVED, approved_cny=amount_cny, **ended)
    announce(application_decided, add_step(actor, current, StepKind.APPROVED, now, words, stage=Stage.DECISION))
    awards.open_award(current, now)
    return current


def _lock_for(actor: Actor, application: Application, stage: Stage, expected_round: int) -> Application:
    current = lock_application(application)
    reason = explain_wrong_stage(current, stage)
    if reason:
        raise StateChanged(reason)
    refuse_if(explain_no_decision(actor, current, stage))
    refuse_other_round(current, expected_round)
    return current


def record_review(
    actor: Actor, application: Application, stage: Stage, outcome: Outcome, now: datetime, *, note: str, **more: Any
) -> Review:
    """In the name of whoever acts, about the round that was filed last; a deputy's says in whose place."""
    role = role_in(application, stage)
    absence = None if role is None or actor.has_role(role) else stands_in_for(actor, role)
    return Review.objects.create(
        park_id=application.park_id,
        application=application,
        stage=stage,
        outcome=outcome,
        round=application.round,
        note=said(note),
        decided_by_id=actor.user_id,
        decided_by_name=actor.name,
        deputy_for=absence.person_name if absence else "",
        decided_at=now,
        **more,
    )


def _refuse_bad_findings(stage: Stage, findings: dict[str, Any]) -> None:
    if stage is Stage.FINANCIAL and findings.get("proven_cny") is None:
        raise Invalid(_("Enter the investment that invoices and payments prove."), field="proven_cny")
    if findings.get("visited_on") and not (findings.get("visited_by") and findings.get("visit_findings")):
        raise Invalid(_("Say who went and what was seen."), field="visit_findings")
    if not findings.get("visited_on") and (findings.get("visited_by") or findings.get("visit_findings")):
        raise Invalid(_("Enter the day of the visit."), field="visited_on")


def _refuse_other_stages(application: Application, stage: Stage, void_stages: Collection[Stage]) -> None:
    if not set(void_stages) <= set(stages_before(application, stage)):
        raise Invalid(_("Only earlier stages of this application can be asked to look again."), field="void_stages")


def _refuse_bad_comments(comments: dict[str, str], application: Application) -> None:
    if not comments:
        raise Invalid(_("Say what to correct in at least one field or document."), field="comments")
    unknown = comments.keys() - set(reviewable_fields(application.programme_version))
    if unknown:
        raise Invalid(_("There is no field “%(name)s”.") % {"name": min(unknown)}, field="comments")
    if any(len(comment) > LONGEST_COMMENT for comment in comments.values()):
        raise Invalid(_("A comment has at most %(count)s characters.") % {"count": LONGEST_COMMENT}, field="comments")


def _refuse_bad_amount(application: Application, amount_cny: Decimal) -> None:
    if not amount_cny.is_finite() or amount_cny <= 0 or amount_cny != amount_cny.quantize(CENT):
        raise Invalid(_("Enter an amount above zero, in yuan and at most two decimals."), field="amount_cny")
    if application.requested_cny is None or amount_cny > application.requested_cny:
        raise Invalid(_("The amount must not be above what was applied for."), field="amount_cny")


def _refuse_other_amount(before: list[Review], amount_cny: Decimal) -> None:
    """Several approvers grant one amount; who would grant another declines, or asks for changes."""
    for review in before:
        if review.amount_cny is not None and review.amount_cny != amount_cny:
            given = {"name": review.decided_by_name, "amount": money(review.amount_cny)}
            raise Invalid(
                _("%(name)s approved %(amount)s; all approvals must be of the same amount.") % given, field="amount_cny"
            )


def _refuse_silent_cut(application: Application, amount_cny: Decimal, message: str) -> None:
    if application.requested_cny is not None and amount_cny < application.requested_cny and not said(message):
        raise Invalid(_("Say why less is granted than requested; the enterprise reads it."), field="message")
