"""What happened to an enterprise, in words: for officials with its history, for its people what concerns them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from enterprises import queries
from enterprises.choices import ChangeRequestState, EnterpriseStepKind, RegistrationState, RegistrationStepKind
from enterprises.facts import label_of
from enterprises.models import ChangeRequest, Enterprise, EnterpriseStep, Registration
from enterprises.permissions import can_read_history
from enterprises.queries import company
from lib.templatetags.ui import local_time
from parks.actors import Actor
from tenancy.models import AuditEvent

SHOWN = 12
# Told by the steps of the enterprise, or by nobody.
NOT_TOLD = frozenset({"updated_at", "status", "status_reason", "status_changed_at", "merged_into_id"})
LOOKS: dict[str, str] = {
    EnterpriseStepKind.SUSPENDED: "returned",
    EnterpriseStepKind.DEREGISTERED: "refused",
    ChangeRequestState.REJECTED: "refused",
    RegistrationState.REJECTED: "refused",
}


class Moment(NamedTuple):
    at: datetime
    look: str
    label: str
    by: str = ""
    note: str = ""


def timeline_of(enterprise: Enterprise, actor: Actor) -> list[dict[str, Any]]:
    """The latest entries, newest first."""
    with_history = can_read_history(actor)
    registrations = list(company.registrations_of(enterprise))
    moments = [
        *_of_standing(company.steps_of(enterprise), with_history=with_history),
        *_of_requests(company.change_requests_of(enterprise)),
        *(_of_steps(registrations) if actor.is_official else _of_registrations(registrations)),
    ]
    if with_history:
        was_approved = any(filed.state == RegistrationState.APPROVED for filed in registrations)
        moments += _of_history(queries.history_of(enterprise), was_approved=was_approved)
    latest = sorted(moments, key=lambda moment: moment.at, reverse=True)[:SHOWN]
    return [
        {
            "state": moment.look,
            "label": moment.label,
            "by": moment.by,
            "note": moment.note,
            "when": local_time(moment.at, "compact"),
        }
        for moment in latest
    ]


def _of_standing(steps: Iterable[EnterpriseStep], *, with_history: bool) -> list[Moment]:
    """What the park changed is told by its step to those who do not read the history."""
    return [
        Moment(step.at, LOOKS.get(step.kind, "done"), str(step.get_kind_display()), step.by_name, _note(step))
        for step in steps
        if not (with_history and step.kind == EnterpriseStepKind.CORRECTED)
    ]


def _note(step: EnterpriseStep) -> str:
    return step.comment or _names(step.changes)


def _of_requests(requests: Iterable[ChangeRequest]) -> list[Moment]:
    moments = []
    for request in requests:
        names = _names(request.changes)
        asked = _("Change %(number)s requested") % {"number": request.number}
        moments.append(Moment(request.requested_at, "done", asked, request.requested_by_name, names))
        if request.decided_at is not None:
            state = str(request.get_state_display())
            decided = _("Change %(number)s: %(state)s") % {"number": request.number, "state": state}
            look = LOOKS.get(request.state, "done")
            moments.append(Moment(request.decided_at, look, decided, request.decided_by_name, request.decision))
    return moments


def _of_registrations(registrations: Iterable[Registration]) -> list[Moment]:
    moments = []
    for filed in registrations:
        if filed.submitted_at is not None:
            label = _("Registration %(number)s filed") % {"number": filed.number}
            moments.append(Moment(filed.submitted_at, "done", label, filed.registrant_name))
        if filed.decided_at is not None:
            moments.append(Moment(filed.decided_at, LOOKS.get(filed.state, "done"), str(filed.get_state_display())))
    return moments


def _of_steps(registrations: Collection[Registration]) -> list[Moment]:
    """The way of each registration, for officials."""
    numbers = {filed.pk: filed.number for filed in registrations}
    moments = []
    for step in company.registration_steps_of(registrations):
        label = str(step.get_kind_display())
        if step.kind == RegistrationStepKind.SUBMITTED:
            label = _("Registration %(number)s filed") % {"number": numbers[step.registration_id]}
        moments.append(Moment(step.at, LOOKS.get(step.kind, "done"), label, step.by_name, step.comment))
    return moments


def _of_history(events: Iterable[AuditEvent], *, was_approved: bool) -> list[Moment]:
    """The audit trail says what changed; what it was before stands in the trail itself.

    was_approved: whether the enterprise came in by a registration, of which its steps tell.
    """
    moments = []
    for event in events:
        if event.action == AuditEvent.Action.INSERT:
            if was_approved:
                continue
            moments.append(Moment(event.at, "done", _("Registered"), event.user_name))
        elif names := _names(name for name in event.after or {} if name not in NOT_TOLD):
            moments.append(Moment(event.at, "done", _("Changed"), event.user_name, names))
    return moments


def _names(names: Iterable[str]) -> str:
    return _(", ").join(label_of(name) for name in names)
