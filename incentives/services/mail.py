"""Who is told what happened to an application."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.messages import MessageKind
from accounts.models import User
from accounts.services import write_to_each
from incentives.choices import WAITING_FOR_OFFICIALS, Stage, StepKind
from incentives.models import Absence, Application, ApplicationStep
from incentives.permissions import PREPARERS, explain_no_decision, role_in
from incentives.services import letters
from lib.formatting import day, localized, money
from lib.periods import local_day
from parks.actors import actor_of
from parks.models import Membership
from parks.services.mailing import people_of
from parks.services.wording import wording_of


@transaction.atomic
def write_step_mails(step_id: UUID) -> None:
    """Write to the people of the enterprise, and to the officials whose turn it is now. Safe to repeat."""
    related = ApplicationStep.objects.select_related(
        "application__programme_version", "application__park", "enterprise"
    )
    step = related.get(pk=step_id)
    application = step.application
    filed = reverse("incentives:application_detail", kwargs={"application_id": application.pk})
    key = f"incentives.step:{step.pk}"
    told = wording_of(step.park_id, _kind_for_enterprise(step))
    write_to_each(key, people_of_application(application), lambda: told.letter(_words(step), step.comment), filed)
    waiting = reverse("incentives:review_detail", kwargs={"application_id": application.pk})
    asked = wording_of(step.park_id, _kind_for_official(step))
    write_to_each(key, _officials_after(step), lambda: asked.letter(_words(step), step.comment), waiting)


def people_of_application(application: Application) -> Iterable[User]:
    members = Membership.objects.of_enterprise(application.park_id, application.enterprise_id)
    return people_of(members.filter(is_active=True, roles__overlap=list(PREPARERS)).select_related("user"))


def _officials_after(step: ApplicationStep) -> Iterable[User]:
    """Those who could decide next; nobody when the application has moved on since the step.

    Experts have letters of their own, which do not name the enterprise.
    """
    stage = _stage_after(step)
    role = role_in(step.application, stage) if stage else None
    if stage is None or role is None or stage is Stage.PANEL:
        return []
    deputies = Absence.objects.of_park(step.park_id).counting().filter(role=role).values("deputy_id")
    staff = Membership.objects.of_staff(step.park_id).filter(is_active=True)
    able = staff.with_role(role) | staff.filter(user_id__in=deputies)
    return people_of(
        membership
        for membership in able.select_related("user", "park")
        if not explain_no_decision(actor_of(membership), step.application, stage)
    )


def _stage_after(step: ApplicationStep) -> Stage | None:
    """The stage whose officials have to do with what happened; None when the application has moved on since."""
    application = step.application
    if step.kind == StepKind.WITHDRAWN:
        return Stage(step.stage) if step.stage else None
    is_later = ApplicationStep.objects.filter(application=application, at__gt=step.at).exists()
    if is_later or application.state not in WAITING_FOR_OFFICIALS:
        return None
    return Stage(application.stage)


def _kind_for_enterprise(step: ApplicationStep) -> MessageKind:
    kind = StepKind(step.kind)
    if kind is StepKind.AGREED and not step.is_by_official:
        return letters.AGREEMENT_SENT
    if kind in letters.AFTERWARDS:
        return letters.AFTERWARDS[kind]
    if kind is StepKind.ACCEPTED and step.application.stage == Stage.DECISION:
        return letters.COMPLETE_FOR_DECISION
    return {
        StepKind.SUBMITTED: letters.RECEIVED,
        StepKind.RESUBMITTED: letters.RECEIVED,
        StepKind.RETURNED: letters.RETURNED,
        StepKind.ACCEPTED: letters.COMPLETE,
        StepKind.PASSED: letters.PASSED,
        StepKind.APPROVED: letters.APPROVED,
        StepKind.DECLINED: letters.DECLINED,
    }.get(kind, letters.WITHDRAWN)


def _kind_for_official(step: ApplicationStep) -> MessageKind:
    if step.kind == StepKind.WITHDRAWN:
        return letters.OFFICIAL_WITHDRAWN
    if step.application.stage == Stage.DECISION:
        return letters.OFFICIAL_DECISION
    if step.application.stage != Stage.COMPLETENESS:
        return letters.OFFICIAL_STAGE
    return letters.OFFICIAL_RECHECK if step.kind == StepKind.RESUBMITTED else letters.OFFICIAL_CHECK


def _words(step: ApplicationStep) -> dict[str, str]:
    """What the letters can say of a step, in the active language and the park's days: as it was, not as it is now."""
    application, amount = step.application, money(step.amount_cny or 0)
    return {
        "number": application.number,
        "project": application.project_title,
        "enterprise": localized(step.enterprise, "name"),
        "by": step.by_name,
        "stage": step.get_stage_display(),
        "waiting": application.get_stage_display(),
        "requested": amount,
        "approved": amount,
        "due": day(local_day(step.due_at, application.park.time_zone)) if step.due_at else "",
    }
