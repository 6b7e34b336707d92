"""What an enterprise does with its application: start, save, submit, withdraw."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from incentives.choices import ApplicationState, Stage, StepKind
from incentives.events import application_submitted, application_withdrawn
from incentives.form_fields import PREFIX
from incentives.models import Application, ProgrammeVersion
from incentives.permissions import Act, can_apply, explain_inactive, explain_no_filing
from incentives.services.completeness import ANSWERS, Missing, check_application, estimate_application
from incentives.services.corrections import refuse_closed
from incentives.services.eligibility import rules_of_enterprise
from incentives.services.form_fields import is_answer, typed_answers
from incentives.services.ground import (
    ChangedMeanwhile,
    Invalid,
    NotAllowed,
    add_step,
    announce,
    lock_application,
    refuse_if,
    refuse_invalid,
    refuse_wrong_state,
    save_changes,
)
from incentives.services.signatures import keep_signed
from incentives.services.stages import into_stage, next_stage
from lib.identifiers import uuid7
from lib.periods import local_day
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor


class WindowClosed(Refusal):
    """The version takes no applications on this day, or the deadline of a returned application has passed."""

    code = "window_closed"


class Incomplete(Refusal):
    """`missing` lists what `check_application` found."""

    code = "incomplete"

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(" ".join(entry.message for entry in missing), field=missing[0].field)
        self.missing = missing


class NotEligible(Refusal):
    """A rule of the programme is not met by what the registration says."""

    code = "not_eligible"


class NotSigned(Refusal):
    code = "not_signed"


class NotConfirmed(Refusal):
    """Who signs has not shown who they are just now."""

    code = "identity_not_confirmed"


@transaction.atomic
def start_application(actor: Actor, version: ProgrammeVersion, *, now: datetime) -> Application:
    """The enterprise's draft under a version: the open one, or a new one. Safe to repeat and to call twice at once."""
    if actor.park_id is None or actor.enterprise_id is None or not can_apply(actor):
        raise NotAllowed(_("Your roles in the enterprise do not include preparing applications."))
    enterprise = Enterprise.objects.select_related("park").get(pk=actor.enterprise_id)
    refuse_if(explain_inactive(enterprise, Act.PREPARE))
    if not version.takes_applications_on(local_day(now, enterprise.park.time_zone)):
        raise WindowClosed(_("The programme takes no applications today."))
    _refuse_ineligible(version, enterprise, local_day(now, enterprise.park.time_zone))
    application, is_new = Application.objects.get_or_create(
        park_id=actor.park_id,
        enterprise=enterprise,
        programme_version=version,
        state=ApplicationState.DRAFT,
        defaults={"started_by_id": actor.user_id, "started_at": now, "saved_at": now},
    )
    if is_new:
        add_step(actor, application, StepKind.STARTED, now)
    return application


def _refuse_ineligible(version: ProgrammeVersion, enterprise: Enterprise, today: date) -> None:
    """What the registration decides already is said before anybody fills in a form for nothing."""
    unmet = [rule for rule in rules_of_enterprise(version, enterprise, today) if rule.is_met is False]
    if unmet:
        reasons = "; ".join(f"{rule.text} ({rule.fault or rule.evidence})" for rule in unmet)
        words = _("Your enterprise does not meet the rules of this programme: %(reasons)s")
        raise NotEligible(words % {"reasons": reasons})


@transaction.atomic
def save_application(
    actor: Actor, application: Application, *, answers: dict[str, Any], expected_revision: int, now: datetime
) -> Application:
    """Keep the given answers, values of some of `ANSWERS` and of the fields of the programme by their names.

    Saving again what is saved already changes nothing.

    Raises `ChangedMeanwhile` when somebody saved since `expected_revision` was read, and `NotAskedFor` for a part of a
    returned application that stays as it was reviewed.
    """
    fixed = {name: value for name, value in answers.items() if not is_answer(name)}
    unknown = fixed.keys() - set(ANSWERS)
    if unknown:
        raise TypeError(f"Answers of an application do not include {sorted(unknown)}")
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    refuse_wrong_state(current, Act.PREPARE)
    own = typed_answers(current.programme_version, {name: answers[name] for name in answers.keys() - fixed.keys()})
    fixed["form_answers"] = {key: value for key, value in {**current.form_answers, **own}.items() if value is not None}
    changes = {name: value for name, value in fixed.items() if getattr(current, name) != value}
    if not changes:
        return current
    if current.revision != expected_revision:
        raise ChangedMeanwhile(current)
    refuse_closed(current, _parts_of(current, changes))
    for name, value in changes.items():
        setattr(current, name, value)
    refuse_invalid(current, changes)
    return save_changes(current, **changes, revision=current.revision + 1, saved_at=now)


def _parts_of(application: Application, changes: dict[str, Any]) -> list[str]:
    """What changes, with each answer to the programme's own form by itself."""
    before, after = application.form_answers, changes.get("form_answers", application.form_answers)
    own = [f"{PREFIX}{key}" for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return [*(name for name in changes if name != "form_answers"), *sorted(own)]


@transaction.atomic
def submit_application(
    actor: Actor, application: Application, *, expected_revision: int, statement_accepted: bool, now: datetime
) -> Application:
    """Sign and file what was read at `expected_revision`; answer the application with its number, the receipt.

    Filing counts as a revision, so a second submission of the same revision is known as such and answers the same
    receipt, and one that arrives late cannot file again what was returned meanwhile.
    """
    # The enterprise first: who ends or suspends it holds it so, and looks for what was filed.
    Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=application.enterprise_id)
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.CERTIFY))
    if _was_filed_at(current, expected_revision):
        return current
    refuse_wrong_state(current, Act.CERTIFY)
    refuse_if(explain_inactive(current.enterprise, Act.CERTIFY))
    if current.revision != expected_revision:
        raise ChangedMeanwhile(current)
    if not statement_accepted:
        raise NotSigned(_("Confirm that the application is true and complete."), field="statement_accepted")
    _refuse_late(current, now)
    missing = check_application(current, local_day(now, current.park.time_zone))
    if missing:
        raise Incomplete(missing)
    return _file(actor, current, now)


def _was_filed_at(application: Application, revision: int) -> bool:
    is_filed = not application.is_editable and application.state != ApplicationState.WITHDRAWN
    return is_filed and application.revision in {revision, revision + 1}


def _refuse_late(application: Application, now: datetime) -> None:
    """A draft needs an open window; a returned application has its own deadline, also after the window."""
    today = local_day(now, application.park.time_zone)
    if application.state == ApplicationState.RETURNED:
        if application.due_at is not None and now > application.due_at:
            raise WindowClosed(_("The deadline for the corrections has passed."))
    elif application.programme_version.closed_at is not None:
        raise WindowClosed(_("This version of the programme was closed. Start an application under the current one."))
    elif not application.programme_version.is_open_on(today):
        raise WindowClosed(_("The programme takes no applications today."))


def _file(actor: Actor, application: Application, now: datetime) -> Application:
    estimate = estimate_application(application, local_day(now, application.park.time_zone))
    if estimate is None:
        raise Invalid(_("Enter the annual saving, above zero."), field="saving_tce")
    is_first = application.round == 0
    following = next_stage(application, estimate.amount_cny)
    if following is None:  # pragma: no cover - who files has no decision yet
        raise AssertionError("a filed application has a stage to wait in")
    save_changes(
        application,
        number=application.number or _next_number(application, now),
        requested_cny=estimate.amount_cny,
        round=application.round + 1,
        revision=application.revision + 1,
        submitted_at=application.submitted_at or now,
        **into_stage(application, following, now),
    )
    keep_signed(actor, application, estimate, now)
    step = add_step(actor, application, StepKind.SUBMITTED if is_first else StepKind.RESUBMITTED, now)
    announce(application_submitted, step)
    return application


def _next_number(application: Application, now: datetime) -> str:
    """The next number of the programme in the park's year. Others wait until this transaction ends: no gaps."""
    year = local_day(now, application.park.time_zone).year
    series = f"{application.programme_version.code}-{year}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_next_number(%s, %s)", [series, uuid7()])
        (number,) = cursor.fetchone()
    return f"{series}-{number:04}"


@transaction.atomic
def withdraw_application(actor: Actor, application: Application, *, reason: str, now: datetime) -> Application:
    """Take an application back for good. What was filed needs a signer and a reason; a draft needs neither."""
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.WITHDRAW))
    refuse_wrong_state(current, Act.WITHDRAW)
    was_filed, was_in = current.submitted_at is not None, Stage(current.stage) if current.stage else None
    if was_filed and not said(reason):
        raise Invalid(_("Say why the application is withdrawn."), field="reason")
    save_changes(current, state=ApplicationState.WITHDRAWN, stage="", stage_role="", due_at=None, saved_at=now)
    step = add_step(actor, current, StepKind.WITHDRAWN, now, said(reason), stage=was_in)
    if was_filed:
        announce(application_withdrawn, step)
    return current
