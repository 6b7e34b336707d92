"""Who is told of an official's decision on a registration, and of a merger of enterprises."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.messages import MessageKind
from accounts.services import Letter, write_to_each
from enterprises.choices import RegistrationStepKind
from enterprises.models import Enterprise, RegistrationRemark, RegistrationStep
from enterprises.services import letters
from enterprises.services.registration_ground import FIELDS
from enterprises.services.registration_mail import address_of, key_of
from lib.formatting import day, localized
from lib.periods import local_day
from parks.choices import Role
from parks.models import Membership
from parks.services.mailing import people_of
from parks.services.wording import wording_of

LET_IN = frozenset({RegistrationStepKind.APPROVED, RegistrationStepKind.JOINED})


@transaction.atomic
def write_decision_mail(step_id: UUID) -> None:
    """Write to the registrant, of a join to the owners too. Safe to repeat. In the scope of the park."""
    related = RegistrationStep.objects.select_related(
        "registration__park", "registration__registrant", "registration__enterprise"
    )
    step = related.get(pk=step_id)
    told = wording_of(step.park_id, _kind_of(step))
    reader = [step.registration.registrant]
    write_to_each(key_of(step), reader, lambda: told.letter(_words(step), _reasons(step)), _url_after(step))
    if step.kind == RegistrationStepKind.JOINED:
        _tell_owners(step)


def _tell_owners(step: RegistrationStep) -> None:
    """Whoever owns the enterprise hears who was joined to it."""
    registration = step.registration
    places = Membership.objects.active().filter(park_id=registration.park_id, enterprise_id=registration.enterprise_id)
    owners = places.with_role(Role.OWNER).exclude(user_id=registration.registrant_id)
    people = people_of(owners.select_related("user").order_by("pk"))
    write_to_each(key_of(step), people, lambda: _newcomer(step), reverse("enterprises:people_list"))


def _newcomer(step: RegistrationStep) -> Letter:
    words = {**_words(step), "person": step.registration.registrant_name}
    text = _(
        "The park has joined the registration %(number)s of %(person)s to %(registered)s. Their roles: "
        "%(roles)s. You can change the roles or end the place."
    )
    return Letter(_("%(person)s can act for %(registered)s") % words, text % words)


@transaction.atomic
def write_merge_mails(*, enterprise_id: UUID, merged_into_id: UUID, membership_ids: Iterable[int]) -> None:
    """Tell whoever acted for an enterprise that was merged where they act from now on, and the owners there who came.

    Safe to repeat.
    """
    ended, goes_on = (Enterprise.objects.get(pk=pk) for pk in (enterprise_id, merged_into_id))
    moved = list(Membership.objects.filter(pk__in=list(membership_ids)).select_related("user").order_by("pk"))
    key, places = f"enterprises.merged:{enterprise_id}", reverse("parks:membership_choose")
    for place in moved:
        write_to_each(key, people_of([place]), partial(_merged, ended, goes_on, place), places)
    write_to_each(key, people_of(_left_behind(ended, moved)), lambda: _not_taken_along(ended, goes_on))
    told = f"enterprises.absorbed:{enterprise_id}"
    people = people_of(_owners_before(ended, goes_on))
    write_to_each(told, people, lambda: _absorbed(ended, goes_on, moved), reverse("enterprises:people_list"))


def _left_behind(ended: Enterprise, moved: Iterable[Membership]) -> Iterable[Membership]:
    """Whose place ended with the merger and who got none in return."""
    places = Membership.objects.of_enterprise(ended.park_id, ended.pk).filter(ended_at=ended.status_changed_at)
    return places.exclude(user_id__in=[place.user_id for place in moved]).select_related("user").order_by("pk")


def _owners_before(ended: Enterprise, goes_on: Enterprise) -> Iterable[Membership]:
    """Who owned the enterprise that goes on when the other was merged into it."""
    owners = Membership.objects.active().of_enterprise(goes_on.park_id, goes_on.pk).with_role(Role.OWNER)
    return owners.filter(created_at__lt=ended.status_changed_at).select_related("user").order_by("pk")


def _merged(ended: Enterprise, goes_on: Enterprise, place: Membership) -> Letter:
    words = {**_names(ended, goes_on), "roles": place.role_words}
    text = _(
        "The park has found that %(ended)s and %(goes_on)s are one enterprise. You act for %(goes_on)s from "
        "now on. Your roles: %(roles)s. What was filed under %(ended)s stays on record with the park."
    )
    return Letter(_("%(ended)s was merged into %(goes_on)s") % words, text % words)


def _not_taken_along(ended: Enterprise, goes_on: Enterprise) -> Letter:
    words = _names(ended, goes_on)
    text = _(
        "The park has found that %(ended)s and %(goes_on)s are one enterprise. Your place in %(ended)s ended with it. "
        "In %(goes_on)s your place had ended before, so only its owner can invite you again."
    )
    return Letter(_("%(ended)s was merged into %(goes_on)s") % words, text % words)


def _absorbed(ended: Enterprise, goes_on: Enterprise, moved: Collection[Membership]) -> Letter:
    words = _names(ended, goes_on)
    came = "\n".join(f"{place.user.name} ({place.role_words})" for place in moved)
    text = _(
        "The park has found that %(ended)s and %(goes_on)s are one enterprise. These people act for %(goes_on)s from "
        "now on. You can change their roles or end their places."
    )
    nobody = _(
        "The park has found that %(ended)s and %(goes_on)s are one enterprise. Nobody came along: the people of "
        "%(goes_on)s stay the same."
    )
    told = f"{text % words}\n\n{came}" if moved else nobody % words
    return Letter(_("%(ended)s was merged into %(goes_on)s") % words, told)


def _names(ended: Enterprise, goes_on: Enterprise) -> dict[str, str]:
    return {"ended": localized(ended, "name"), "goes_on": localized(goes_on, "name")}


def _kind_of(step: RegistrationStep) -> MessageKind:
    return {
        RegistrationStepKind.RETURNED: letters.REGISTRATION_RETURNED,
        RegistrationStepKind.APPROVED: letters.REGISTRATION_APPROVED,
        RegistrationStepKind.JOINED: letters.REGISTRATION_JOINED,
    }.get(RegistrationStepKind(step.kind), letters.REGISTRATION_REJECTED)


def _reasons(step: RegistrationStep) -> str:
    return "\n\n".join(part for part in (step.comment, _remarks(step)) if part)


def _remarks(step: RegistrationStep) -> str:
    """The corrections asked for, a line each; of the round that was returned."""
    if step.kind != RegistrationStepKind.RETURNED:
        return ""
    asked = RegistrationRemark.objects.filter(registration=step.registration_id, at=step.at)
    named = {remark.field: remark.comment for remark in asked}
    return "\n".join(
        _("%(field)s: %(comment)s") % {"field": label, "comment": named[name]}
        for name, label in FIELDS.items()
        if name in named
    )


def _words(step: RegistrationStep) -> dict[str, str]:
    registration, park = step.registration, step.registration.park
    registered = registration.enterprise
    return {
        "number": registration.number,
        "enterprise": localized(registration, "name"),
        "registered": localized(registered, "name") if registered else "",
        "roles": _roles(step) if step.kind == RegistrationStepKind.JOINED else "",
        "park": localized(park, "name"),
        "due": day(local_day(step.due_at, park.time_zone)) if step.due_at else "",
    }


def _roles(step: RegistrationStep) -> str:
    places = Membership.objects.filter(
        enterprise_id=step.registration.enterprise_id, user_id=step.registration.registrant_id
    )
    return ", ".join(place.role_words for place in places)


def _url_after(step: RegistrationStep) -> str:
    if step.kind in LET_IN:
        return reverse("parks:membership_choose")
    return address_of(step.registration.park, step.registration_id)
