"""Changes of vetted facts: asked for by the enterprise, decided by an official, written with the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events, facts
from enterprises.calculations import differences, normalised_code
from enterprises.choices import ChangeRequestState, EnterpriseStatus
from enterprises.models import VETTED, ChangeRequest, Enterprise, EnterprisePaper
from enterprises.permissions import can_register_enterprise, guard, signs_for_enterprise
from enterprises.services.ground import NotNow, lock_enterprise, lock_to_keep, refuse_ended, refuse_partial
from enterprises.services.papers import keep_evidence
from enterprises.services.register import checked_code, refuse_founding_to_come, update_enterprise
from lib.identifiers import receipt_number
from lib.refusals import Refusal
from parks.actors import Actor
from parks.queries.work_calendar import working_days_after
from tenancy.events import Event

DECISION_WORKING_DAYS = 5


class NothingToChange(Refusal):
    code = "nothing_to_change"


class RequestOpen(Refusal):
    code = "change_request_open"


class FactsChanged(Refusal):
    """The register says something else than the page on which the official decided."""

    code = "facts_changed"


@transaction.atomic
def request_change(
    actor: Actor,
    enterprise: Enterprise,
    *,
    changes: Mapping[str, Any],
    reason: str,
    now: datetime,
    is_code_confirmed: bool = False,
    evidence: UploadedFile | EnterprisePaper | None = None,
) -> ChangeRequest:
    """Ask the park to change some of `VETTED`; what is as it was is left out. One request at a time.

    Whether a new code belongs to somebody else is not looked at here: that is for officials to see.
    """
    guard(signs_for_enterprise(actor) and actor.enterprise_id == enterprise.pk)
    known = lock_enterprise(enterprise)
    if known.status != EnterpriseStatus.ACTIVE:
        raise NotNow(_("The registration of the enterprise is not active, so nothing can be asked for."))
    if open_request(known) is not None:
        raise RequestOpen(_("A request of this enterprise is being checked already."))
    wanted = _wanted(known, changes, is_code_confirmed=is_code_confirmed)
    if "established_on" in wanted:
        refuse_founding_to_come(changes["established_on"], known.park, now)
    paper = keep_evidence(actor, known, evidence, now=now) if evidence else None
    request = ChangeRequest.objects.create(
        park_id=known.park_id,
        enterprise=known,
        number=receipt_number("C"),
        changes=wanted,
        reason=reason,
        is_code_confirmed=is_code_confirmed,
        evidence=paper,
        requested_by_id=actor.user_id,
        requested_by_name=actor.name,
        requested_at=now,
        due_at=working_days_after(now, DECISION_WORKING_DAYS, known.park.time_zone),
    )
    _announce(events.change_requested, request)
    return request


@transaction.atomic
def withdraw_change(actor: Actor, request: ChangeRequest, *, now: datetime) -> ChangeRequest:
    """Take the request back while nobody has decided."""
    guard(signs_for_enterprise(actor) and actor.enterprise_id == request.enterprise_id)
    lock_to_keep(actor, request.enterprise)
    held = _locked_open(request)
    held.state, held.decided_at = ChangeRequestState.WITHDRAWN, now
    held.save(update_fields=["state", "decided_at"])
    return held


@transaction.atomic
def approve_change(
    actor: Actor, request: ChangeRequest, *, seen: str, now: datetime, decision: str = ""
) -> ChangeRequest:
    """Write what was asked for into the register, with the decision.

    `seen` is the fingerprint of the facts as the page showed them (`shown_facts`): where the register says something
    else by now, nothing is written and the official decides anew.
    """
    known, held = _locked_for_decision(actor, request)
    refuse_ended(known)
    if facts.fingerprint(shown_facts(known, held)) != seen:
        raise FactsChanged(_("The register changed since you opened this page. Compare again, then decide."))
    changes = {name: facts.stored_value(name, after) for name, (_before, after) in held.changes.items()}
    update_enterprise(
        actor, known, changes=changes, now=now, is_code_confirmed=held.is_code_confirmed, is_asked_for=True
    )
    return _decide(actor, held, ChangeRequestState.APPROVED, decision, now)


@transaction.atomic
def reject_change(actor: Actor, request: ChangeRequest, *, decision: str, now: datetime) -> ChangeRequest:
    """Leave the register as it is; `decision` tells the enterprise why."""
    _known, held = _locked_for_decision(actor, request)
    return _decide(actor, held, ChangeRequestState.REJECTED, decision, now)


def open_request(enterprise: Enterprise) -> ChangeRequest | None:
    waiting = ChangeRequest.objects.filter(park_id=enterprise.park_id, enterprise=enterprise)
    return waiting.filter(state=ChangeRequestState.SUBMITTED).first()


def explain_open_request(enterprise: Enterprise) -> list[str]:
    """For `enterprises.obstacles`: a request that waits must be decided before the registration ends."""
    request = open_request(enterprise)
    return [_("Change request %(number)s is not decided yet.") % {"number": request.number}] if request else []


def shown_facts(enterprise: Enterprise, request: ChangeRequest) -> dict[str, str]:
    """The facts of the request as the register has them now."""
    return facts.texts_of(enterprise, request.changes)


def _wanted(enterprise: Enterprise, changes: Mapping[str, Any], *, is_code_confirmed: bool) -> dict[str, list[str]]:
    unknown = changes.keys() - set(VETTED)
    if unknown:
        raise ValueError(f"Not vetted: {', '.join(sorted(unknown))}")
    after = {name: facts.stored_text(name, changes[name]) for name in VETTED if name in changes}
    if "credit_code" in after and normalised_code(after["credit_code"]) != enterprise.credit_code:
        after["credit_code"] = checked_code(after["credit_code"], is_confirmed=is_code_confirmed)
    elif "credit_code" in after:
        after["credit_code"] = enterprise.credit_code
    wanted = differences(facts.texts_of(enterprise, after), after)
    if not wanted:
        raise NothingToChange(_("Nothing differs from what the register says. Change at least one fact."))
    return wanted


def _locked_open(request: ChangeRequest) -> ChangeRequest:
    held = ChangeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if held.state != ChangeRequestState.SUBMITTED:
        raise NotNow(_("This request is not open any more: %(state)s.") % {"state": held.get_state_display()})
    return held


def _locked_for_decision(actor: Actor, request: ChangeRequest) -> tuple[Enterprise, ChangeRequest]:
    """The enterprise is locked before its request, as when a request is filed."""
    guard(can_register_enterprise(actor) and actor.park_id == request.park_id)
    known = lock_enterprise(request.enterprise)
    held = _locked_open(request)
    refuse_partial(actor, known, since=held.requested_at)
    return known, held


def _decide(
    actor: Actor, held: ChangeRequest, state: ChangeRequestState, decision: str, now: datetime
) -> ChangeRequest:
    decided: dict[str, Any] = {
        "state": state,
        "decided_by_id": actor.user_id,
        "decided_by_name": actor.name,
        "decided_at": now,
        "decision": decision,
    }
    for name, value in decided.items():
        setattr(held, name, value)
    held.save(update_fields=list(decided))
    _announce(events.change_decided, held)
    return held


def _announce(event: Event, request: ChangeRequest) -> None:
    event.publish(park_id=request.park_id, enterprise_id=request.enterprise_id, change_request_id=request.pk)
