"""Who is told what happened to an application, and in which words."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Letter, write_to_each
from incentives.choices import WAITING_FOR_OFFICIALS, Stage, StepKind
from incentives.models import Absence, Application, ApplicationStep
from incentives.permissions import PREPARERS, explain_no_decision, role_in
from incentives.services.award_words import AWARD_WORDS
from lib.formatting import day, localized, money
from lib.periods import local_day
from parks.actors import actor_of
from parks.models import Membership
from parks.services.mailing import people_of


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
    write_to_each(key, _people_of(application), lambda: _letter_to_enterprise(step), filed)
    waiting = reverse("incentives:review_detail", kwargs={"application_id": application.pk})
    write_to_each(key, _officials_after(step), lambda: _letter_to_official(step), waiting)


def _people_of(application: Application) -> Iterable[User]:
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


def _letter_to_enterprise(step: ApplicationStep) -> Letter:
    if step.kind in AWARD_WORDS:
        subject, text = map(str, AWARD_WORDS[StepKind(step.kind)])
    elif step.kind in {StepKind.SUBMITTED, StepKind.RESUBMITTED}:
        subject = _("Application %(number)s was received")
        text = _(
            "Your application %(number)s, “%(project)s”, was received. You asked for %(requested)s. You "
            "will hear by %(due)s whether it is complete."
        )
    elif step.kind == StepKind.RETURNED:
        subject = _("Application %(number)s needs corrections")
        text = _(
            "Your application %(number)s, “%(project)s”, was returned. Correct the fields with comments and "
            "submit it again by %(due)s."
        )
    elif step.kind == StepKind.ACCEPTED:
        subject = _("Application %(number)s is complete")
        text = _("Your application %(number)s, “%(project)s”, was found complete and goes on to its next stage.")
        if step.application.stage == Stage.DECISION:
            text = _("Your application %(number)s, “%(project)s”, was found complete and now waits for the decision.")
    elif step.kind == StepKind.PASSED:
        subject = _("Application %(number)s has passed a stage")
        text = _("Your application %(number)s, “%(project)s”, has passed this stage: %(stage)s.")
    elif step.kind == StepKind.APPROVED:
        subject = _("Application %(number)s was approved")
        text = _("Your application %(number)s, “%(project)s”, was approved. Granted: %(approved)s.")
    elif step.kind == StepKind.DECLINED:
        subject = _("Application %(number)s was declined")
        text = _("Your application %(number)s, “%(project)s”, was declined.")
    else:
        subject = _("Application %(number)s was withdrawn")
        text = _("The application %(number)s, “%(project)s”, was withdrawn by %(by)s.")
    words = _words(step)
    return Letter(subject % words, _with_comment(text % words, step))


def _letter_to_official(step: ApplicationStep) -> Letter:
    if step.kind == StepKind.WITHDRAWN:
        subject = _("%(number)s was withdrawn")
        text = _("%(enterprise)s withdrew “%(project)s”. Nothing is left to do.")
    elif step.application.stage == Stage.DECISION:
        subject = _("%(number)s waits for a decision")
        text = _(
            "%(enterprise)s: “%(project)s”, %(requested)s. The application is complete. A decision is due by %(due)s."
        )
    elif step.application.stage != Stage.COMPLETENESS:
        subject = _("%(number)s waits for you: %(waiting)s")
        text = _("%(enterprise)s: “%(project)s”, %(requested)s. Due by %(due)s: %(waiting)s.")
    elif step.kind == StepKind.RESUBMITTED:
        subject = _("%(number)s was resubmitted")
        text = _("%(enterprise)s: “%(project)s”, %(requested)s. The completeness check is due by %(due)s.")
    else:
        subject = _("%(number)s waits for the completeness check")
        text = _("%(enterprise)s: “%(project)s”, %(requested)s. The completeness check is due by %(due)s.")
    words = _words(step)
    return Letter(subject % words, _with_comment(text % words, step))


def _with_comment(text: str, step: ApplicationStep) -> str:
    return f"{text}\n\n{step.comment}" if step.comment else text


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
