"""Who is told what happened to a registration, and in which words."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import write_mail
from enterprises.choices import RegistrationState, RegistrationStepKind
from enterprises.models import Registration, RegistrationStep
from enterprises.permissions import REGISTRARS
from lib.formatting import day, speaks_chinese
from lib.periods import local_day
from parks.models import Membership, Park

FILINGS = frozenset({RegistrationStepKind.SUBMITTED, RegistrationStepKind.RESUBMITTED})


@transaction.atomic
def write_resume_mail(*, park_id: int, registration_id: UUID, registrant_id: int) -> None:
    """Tell a person where they go on with their draft. Safe to repeat. For the login role: nobody else sees a draft."""
    person = User.objects.get(pk=registrant_id)
    park = Park.objects.get(pk=park_id)
    with translation.override(person.language):
        write_mail(
            key=f"enterprises.registration_begun:{registration_id}",
            recipient=person,
            subject=_("Your registration is kept"),
            text=_(
                "You have begun to register an enterprise in %(park)s. What you enter is kept. Go on at the address "
                "below, from any computer, after signing in; nobody else can read the draft."
            )
            % {"park": shown_name(park.name_en, park.name_zh)},
            url=address_of(park, registration_id),
        )


@transaction.atomic
def write_registration_mails(step_id: UUID) -> None:
    """Write to the registrant, and to the officials whose turn it is. Safe to repeat. In the scope of the park."""
    step = RegistrationStep.objects.select_related("registration__park", "registration__registrant").get(pk=step_id)
    registration = step.registration
    person = registration.registrant
    with translation.override(person.language):
        if step.kind in FILINGS:
            _send(step, person, *_receipt(step), address_of(registration.park, registration.pk))
    waiting = reverse("enterprises:vetting_detail", kwargs={"registration_id": registration.pk})
    for official in _registrars(step):
        with translation.override(official.language):
            _send(step, official, *_news(step), f"{settings.SITE_URL}{waiting}")


def address_of(park: Park, registration_id: UUID) -> str:
    path = reverse(
        "enterprises:registration_detail", kwargs={"park_slug": park.slug, "registration_id": registration_id}
    )
    return f"{settings.SITE_URL}{path}"


def shown_name(name_en: str, name_zh: str) -> str:
    first, second = (name_zh, name_en) if speaks_chinese() else (name_en, name_zh)
    return first or second


def _send(step: RegistrationStep, person: User, subject: str, text: str, url: str) -> None:
    write_mail(
        key=f"enterprises.registration_step:{step.pk}:{person.pk}",
        recipient=person,
        subject=subject,
        text=text,
        url=url,
    )


def _registrars(step: RegistrationStep) -> list[User]:
    """Those who check, but for the person who filed; nobody when it has moved on since the step."""
    registration = step.registration
    if step.kind in FILINGS and registration.state != RegistrationState.SUBMITTED:
        return []
    staff = Membership.objects.of_staff(step.park_id).filter(is_active=True, roles__overlap=list(REGISTRARS))
    people = {found.user_id: found.user for found in staff.select_related("user") if found.user.is_active}
    return [user for user_id, user in people.items() if user_id != registration.registrant_id]


def _receipt(step: RegistrationStep) -> tuple[str, str]:
    words = _words(step)
    subject = _("Registration %(number)s was received") % words
    text = _(
        "The registration of %(enterprise)s in %(park)s was received under the number %(number)s. You will hear by "
        "%(due)s what the park has found."
    )
    return subject, text % words


def _news(step: RegistrationStep) -> tuple[str, str]:
    """What officials read: one registration more to check, or one less."""
    words = _words(step)
    if step.kind == RegistrationStepKind.WITHDRAWN:
        text = _("%(enterprise)s: the registration was withdrawn. Nothing is left to do.") % words
        reason = f"\n\n{step.comment}" if step.comment else ""
        return _("Registration %(number)s was withdrawn") % words, text + reason
    if step.kind == RegistrationStepKind.RESUBMITTED:
        subject = _("Registration %(number)s was filed again") % words
    else:
        subject = _("Registration %(number)s waits for its check") % words
    return subject, _("%(enterprise)s, filed by %(by)s. To be checked by %(due)s.") % words


def _words(step: RegistrationStep) -> dict[str, str]:
    registration: Registration = step.registration
    park = registration.park
    return {
        "number": registration.number,
        "enterprise": shown_name(registration.name_en, registration.name_zh),
        "park": shown_name(park.name_en, park.name_zh),
        "by": step.by_name,
        "due": day(local_day(step.due_at, park.time_zone)) if step.due_at else "",
    }
