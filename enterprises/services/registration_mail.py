"""Who is told what happened to a registration, and in which words."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.messages import MessageKind
from accounts.models import User
from accounts.services import Letter, write_to_each
from enterprises.choices import RegistrationState, RegistrationStepKind
from enterprises.models import Registration, RegistrationStep
from enterprises.permissions import REGISTRARS
from enterprises.services import letters
from lib.formatting import day, localized
from lib.periods import local_day
from parks.models import Membership, Park
from parks.services.mailing import people_of
from parks.services.wording import wording_of

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
        receipt = wording_of(step.park_id, letters.REGISTRATION_RECEIVED)
        write_to_each(key, [registration.registrant], lambda: receipt.letter(_words(step)), own)
    waiting = reverse("enterprises:vetting_detail", kwargs={"registration_id": registration.pk})
    news = wording_of(step.park_id, _kind_of_news(step))
    # Of what is filed the officials read the words on its own page.
    words = step.comment if step.kind == RegistrationStepKind.WITHDRAWN else ""
    write_to_each(key, _registrars(step), lambda: news.letter(_words(step), words), waiting)


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


def _kind_of_news(step: RegistrationStep) -> MessageKind:
    """What officials read: one registration more to check, or one less."""
    return {
        RegistrationStepKind.WITHDRAWN: letters.OFFICIAL_REGISTRATION_WITHDRAWN,
        RegistrationStepKind.RESUBMITTED: letters.OFFICIAL_REGISTRATION_AGAIN,
    }.get(RegistrationStepKind(step.kind), letters.OFFICIAL_REGISTRATION)


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
