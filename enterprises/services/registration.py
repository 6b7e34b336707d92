"""What a person at the door of a park does with their registration: begin, save, file, withdraw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events
from enterprises.calculations import normalised_code
from enterprises.choices import OPEN_REGISTRATIONS, RegistrationState, RegistrationStepKind
from enterprises.models import Registration, RegistrationStep
from enterprises.services.registration_check import ANSWERS, Missing, check_registration
from enterprises.services.registration_ground import (
    SITES,
    Invalid,
    NotAllowed,
    StateChanged,
    add_registration_step,
    lock_registration,
    save_columns,
)
from enterprises.services.unfiled import as_typed, forget_unfiled, keep_unfiled, take_unfiled
from lib.identifiers import receipt_number
from lib.periods import local_day
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Registrant
from parks.queries.work_calendar import working_days_after
from tenancy.locks import take_turns

CHECK_WORKING_DAYS = 5
"""Days in which a zone says whether papers are complete (Huangpu; facts of the field, 3.6)."""
MOST_OPEN = 5
MOST_A_DAY = 20
"""Drafts that a person begins in a park within 24 hours, withdrawn ones included: anybody may open an account."""


class TooMany(Refusal):
    """The person has as many open registrations in the park as one may have."""

    code = "too_many_registrations"


class ChangedMeanwhile(Refusal):
    """It was saved elsewhere since the page was loaded. `current` is the registration as it is now."""

    code = "changed_meanwhile"

    def __init__(self, current: Registration) -> None:
        super().__init__(_("This was changed in another window since you opened it. Compare both, then save again."))
        self.current = current


class Incomplete(Refusal):
    """`missing` lists what `check_registration` found."""

    code = "incomplete"

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(" ".join(entry.message for entry in missing), field=missing[0].field)
        self.missing = missing


@transaction.atomic
def begin_registration(registrant: Registrant, *, now: datetime) -> Registration:
    """The person's draft in the park: the open one, or a new one. Safe to repeat and to call twice at once."""
    _take_turns(registrant)
    mine = Registration.objects.filter(park_id=registrant.park_id, registrant_id=registrant.user_id)
    draft = mine.filter(state=RegistrationState.DRAFT).first()
    if draft is not None:
        return draft
    if mine.filter(state__in=OPEN_REGISTRATIONS).count() >= MOST_OPEN:
        raise TooMany(
            _("You have %(count)s open registrations in this park. Wait until one of them is decided.")
            % {"count": MOST_OPEN}
        )
    if mine.filter(started_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooMany(_("You have begun %(count)s registrations here today. Go on tomorrow.") % {"count": MOST_A_DAY})
    return Registration.objects.create(
        park_id=registrant.park_id,
        registrant_id=registrant.user_id,
        registrant_name=registrant.name,
        started_at=now,
        saved_at=now,
    )


def _take_turns(registrant: Registrant) -> None:
    """Two clicks of one person at once are answered one after the other."""
    take_turns(f"enterprises.registration:{registrant.park_id}:{registrant.user_id}")


@transaction.atomic
def save_registration(
    registrant: Registrant,
    registration: Registration,
    *,
    answers: dict[str, Any],
    expected_revision: int,
    now: datetime,
) -> Registration:
    """Keep the given answers, values of some of `ANSWERS`. Saving again what is saved already changes nothing.

    Raises `ChangedMeanwhile` when it was saved elsewhere since `expected_revision` was read.
    """
    unknown = answers.keys() - set(ANSWERS)
    if unknown:
        raise TypeError(f"Answers of a registration do not include {sorted(unknown)}")
    current = lock_editable(registrant, registration)
    changes = {name: value for name, value in _as_kept(current, answers).items() if getattr(current, name) != value}
    if not changes:
        return current
    if current.revision != expected_revision:
        raise ChangedMeanwhile(current)
    is_first = current.revision == 0
    for name, value in changes.items():
        setattr(current, name, value)
    _refuse_invalid(current, set(changes))
    _keep(current, changes)
    save_columns(current, revision=current.revision + 1, saved_at=now)
    if is_first:
        events.registration_begun.publish(
            park_id=current.park_id, registration_id=current.pk, registrant_id=current.registrant_id
        )
    return current


def _keep(current: Registration, changes: dict[str, Any]) -> None:
    """What was filed stays as the park read it until it is filed again."""
    if current.state == RegistrationState.RETURNED:
        keep_unfiled(current, changes)
    else:
        save_columns(current, **changes)


def _as_kept(current: Registration, answers: dict[str, Any]) -> dict[str, Any]:
    """A confirmation is for the code that was looked at: another code must be confirmed anew."""
    if "credit_code" not in answers:
        return answers
    code = normalised_code(answers["credit_code"])
    is_other = bool(current.credit_code) and code != current.credit_code
    forgotten = {"is_code_confirmed": False} if is_other and current.is_code_confirmed else {}
    return {**answers, "credit_code": code, **forgotten}


def _refuse_invalid(current: Registration, changed: set[str]) -> None:
    """Refuse the first value that cannot be kept; what is only missing is said before filing."""
    given = {name for name in changed if name != SITES and getattr(current, name) not in ("", None)}
    try:
        current.clean_fields(exclude={field.name for field in current._meta.fields} - given)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error


def lock_editable(registrant: Registrant, registration: Registration) -> Registration:
    """The registrant's own registration, locked, while it can still be changed."""
    current = lock_own(registrant, registration)
    if not current.is_editable:
        raise StateChanged(
            _("This registration can no longer be changed: %(state)s.") % {"state": current.get_state_display()}
        )
    return current


def lock_own(registrant: Registrant, registration: Registration) -> Registration:
    current = lock_registration(registration)
    if current.registrant_id != registrant.user_id:
        raise NotAllowed(_("Only the person who began a registration goes on with it."))
    return as_typed(current)


@transaction.atomic
def submit_registration(
    registrant: Registrant, registration: Registration, *, now: datetime, expected_revision: int | None = None
) -> Registration:
    """File what was read at `expected_revision`; answer the registration with its number, the receipt.

    Safe to repeat: what is filed already answers the same receipt. Filing counts as a revision, so a second click that
    arrives late cannot file again what was returned meanwhile.
    """
    current = lock_own(registrant, registration)
    if current.state == RegistrationState.SUBMITTED:
        return current
    lock_editable(registrant, current)
    if expected_revision is not None and current.revision != expected_revision:
        raise ChangedMeanwhile(current)
    missing = check_registration(current, local_day(now, current.park.time_zone))
    if missing:
        raise Incomplete(missing)
    return _file(registrant, current, now)


def _file(registrant: Registrant, current: Registration, now: datetime) -> Registration:
    is_first = current.round == 0
    save_columns(
        current,
        **take_unfiled(current),
        number=current.number or receipt_number("R"),
        state=RegistrationState.SUBMITTED,
        round=current.round + 1,
        revision=current.revision + 1,
        submitted_at=current.submitted_at or now,
        due_at=working_days_after(now, CHECK_WORKING_DAYS, current.park.time_zone),
    )
    kind = RegistrationStepKind.SUBMITTED if is_first else RegistrationStepKind.RESUBMITTED
    step = _add_step(registrant, current, kind, now)
    events.registration_submitted.publish(park_id=current.park_id, registration_id=current.pk, step_id=step.pk)
    return current


@transaction.atomic
def withdraw_registration(
    registrant: Registrant, registration: Registration, *, reason: str = "", now: datetime
) -> Registration:
    """Take it back for good. What was filed is told to the park, with the reason; a draft never was its business.

    Safe to repeat.
    """
    current = lock_own(registrant, registration)
    if current.state == RegistrationState.WITHDRAWN:
        return current
    if not current.is_open:
        raise StateChanged(_("This registration is decided and can no longer be withdrawn."))
    forget_unfiled(current)
    save_columns(current, state=RegistrationState.WITHDRAWN, due_at=None, saved_at=now)
    if current.submitted_at is not None:
        step = _add_step(registrant, current, RegistrationStepKind.WITHDRAWN, now, said(reason))
        events.registration_withdrawn.publish(park_id=current.park_id, registration_id=current.pk, step_id=step.pk)
    return current


def _add_step(
    registrant: Registrant, current: Registration, kind: RegistrationStepKind, now: datetime, comment: str = ""
) -> RegistrationStep:
    return add_registration_step(
        registration=current,
        kind=kind,
        by_user_id=registrant.user_id,
        by_name=registrant.name,
        is_by_official=False,
        now=now,
        comment=comment,
    )
