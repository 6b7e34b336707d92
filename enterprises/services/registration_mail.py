"""Who is told what happened to a registration, and in which words."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Letter, write_to_each
from enterprises.choices import RegistrationState, RegistrationStepKind
from enterprises.models import Registration, RegistrationStep
from enterprises.permissions import REGISTRARS
from lib.formatting import day, localized
from lib.periods import local_day
from parks.models import Membership, Park
from parks.services.mailing import people_of

FILINGS = frozenset({RegistrationStepKind.SUBMITTED, RegistrationStepKind.RESUBMITTED})


@transaction.atomic
def write_resume_mail(*, park_id: int, registration_id: UUID, registrant_id: int) -> None:
    """Tell a person where they go on with their draft. Safe to repeat. For the login role: nobody else sees a draft."""
    person = User.objects.get(pk=registrant_id)
    park = Park.objects.get(pk=park_id)
    key = f"enterprises.registration_begun:{registration_id}"
    write_to_each(key, [person], lambda: _kept(park), address_of(park, registration_id))


@transaction.atomic
def write_registration_mails(step_id: UUID) -> None:
    """Write to the registrant, and to the officials whose turn it is. Safe to repeat. In the scope of the park."""
    step = RegistrationStep.objects.select_related("registration__park", "registration__registrant").get(pk=step_id)
    registration = step.registration
    key = key_of(step)
    if step.kind in FILINGS:
        own = address_of(registration.park, registration.pk)
        write_to_each(key, [registration.registrant], lambda: _receipt(step), own)
    waiting = reverse("enterprises:vetting_detail", kwargs={"registration_id": registration.pk})
    write_to_each(key, _registrars(step), lambda: _news(step), waiting)


def key_of(step: RegistrationStep) -> str:
    return f"enterprises.registration_step:{step.pk}"


def address_of(park: Park, registration_id: UUID) -> str:
    names = {"park_slug": park.slug, "registration_id": registration_id}
    return reverse("enterprises:registration_detail", kwargs=names)


def _kept(park: Park) -> Letter:
    text = _(
        "You have begun to register an enterprise in %(park)s. What you enter is kept. Go on at the address "
        "below, from any computer, after signing in; nobody else can read the draft."
    )
    return Letter(_("Your registration is kept"), text % {"park": localized(park, "name")})


def _registrars(step: RegistrationStep) -> list[User]:
    """Those who check, but for the person who filed; nobody when it has moved on since the step."""
    registration = step.registration
    if step.kind in FILINGS and registration.state != RegistrationState.SUBMITTED:
        return []
    staff = Membership.objects.of_staff(step.park_id).filter(is_active=True, roles__overlap=list(REGISTRARS))
    people = people_of(staff.select_related("user"))
    return [person for person in people if person.pk != registration.registrant_id]


def _receipt(step: RegistrationStep) -> Letter:
    words = _words(step)
    subject = _("Registration %(number)s was received") % words
    text = _(
        "The registration of %(enterprise)s in %(park)s was received under the number %(number)s. You will hear by "
        "%(due)s what the park has found."
    )
    return Letter(subject, text % words)


def _news(step: RegistrationStep) -> Letter:
    """What officials read: one registration more to check, or one less."""
    words = _words(step)
    if step.kind == RegistrationStepKind.WITHDRAWN:
        text = _("%(enterprise)s: the registration was withdrawn. Nothing is left to do.") % words
        reason = f"\n\n{step.comment}" if step.comment else ""
        return Letter(_("Registration %(number)s was withdrawn") % words, text + reason)
    if step.kind == RegistrationStepKind.RESUBMITTED:
        subject = _("Registration %(number)s was filed again") % words
    else:
        subject = _("Registration %(number)s waits for its check") % words
    return Letter(subject, _("%(enterprise)s, filed by %(by)s. To be checked by %(due)s.") % words)


def _words(step: RegistrationStep) -> dict[str, str]:
    registration: Registration = step.registration
    park = registration.park
    return {
        "number": registration.number,
        "enterprise": localized(registration, "name"),
        "park": localized(park, "name"),
        "by": step.by_name,
        "due": day(local_day(step.due_at, park.time_zone)) if step.due_at else "",
    }
