"""Who is told what happened to a registered enterprise, and in which words. Each letter is written once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Letter, write_to_each
from enterprises import facts
from enterprises.choices import ChangeRequestState, EnterpriseStepKind
from enterprises.models import ChangeRequest, Enterprise, EnterprisePaper, EnterpriseStep
from enterprises.permissions import REGISTRARS, explain_partiality
from enterprises.services import letters
from enterprises.services.register import FACTS
from lib.formatting import day, localized
from lib.periods import local_day
from parks.actors import actor_of
from parks.choices import Role
from parks.models import Membership
from parks.services.mailing import people_of
from parks.services.wording import Wording, wording_of

SIGNERS = (Role.OWNER, Role.CERTIFIER)
STANDINGS = {
    EnterpriseStepKind.SUSPENDED: letters.SUSPENDED,
    EnterpriseStepKind.RESUMED: letters.RESUMED,
    EnterpriseStepKind.DEREGISTERED: letters.DEREGISTERED,
}


@transaction.atomic
def write_change_mails(change_request_id: UUID) -> None:
    """To the officials who may decide while it waits, to the enterprise once it is decided. Safe to repeat."""
    request = ChangeRequest.objects.select_related("enterprise__park").get(pk=change_request_id)
    key = f"enterprises.change:{request.pk}:{request.state}"
    if request.state == ChangeRequestState.SUBMITTED:
        url = reverse("enterprises:change_request_detail", kwargs={"change_request_id": request.pk})
        asked = wording_of(request.park_id, letters.OFFICIAL_CHANGE)
        facts_of = partial(_facts_of_request, request)
        write_to_each(key, _deciders(request), lambda: asked.letter(facts_of(), request.reason), url)
    elif request.state in {ChangeRequestState.APPROVED, ChangeRequestState.REJECTED}:
        url = reverse("enterprises:change_detail", kwargs={"change_request_id": request.pk})
        is_approved = request.state == ChangeRequestState.APPROVED
        told = wording_of(request.park_id, letters.CHANGE_APPROVED if is_approved else letters.CHANGE_REJECTED)
        signers, facts_of = _people(request.enterprise, SIGNERS), partial(_facts_of_request, request)
        write_to_each(key, signers, lambda: told.letter(facts_of(), request.decision), url)


@transaction.atomic
def write_standing_mails(step_id: UUID, owner_ids: Collection[int]) -> None:
    """To the owners as they were when the standing changed. Safe to repeat."""
    step = EnterpriseStep.objects.select_related("enterprise__park").get(pk=step_id)
    owners = Membership.objects.filter(pk__in=owner_ids).select_related("user").order_by("pk")
    url = "" if step.kind == EnterpriseStepKind.DEREGISTERED else reverse("enterprises:profile")
    told = wording_of(step.park_id, STANDINGS.get(EnterpriseStepKind(step.kind), letters.REGISTERED_AGAIN))
    key = f"enterprises.standing:{step.pk}"
    write_to_each(key, people_of(owners), lambda: told.letter(_facts_of_step(step), step.comment), url)


@transaction.atomic
def write_correction_mails(step_ids: Collection[UUID]) -> None:
    """To those who sign for enterprises of which the park has changed facts unasked. Safe to repeat.

    Of the many that a file has changed only those with people are looked at.
    """
    steps = EnterpriseStep.objects.select_related("enterprise__park").filter(pk__in=step_ids).order_by("pk")
    firms: dict[UUID | None, EnterpriseStep] = {step.enterprise_id: step for step in steps}
    signers = Membership.objects.filter(enterprise_id__in=firms, is_active=True, roles__overlap=list(SIGNERS))
    places: dict[UUID | None, list[Membership]] = {}
    for place in signers.select_related("user").order_by("pk"):
        places.setdefault(place.enterprise_id, []).append(place)
    if not places:
        return
    told = wording_of(steps[0].park_id, letters.CORRECTED)
    for enterprise_id, held in places.items():
        step = firms[enterprise_id]
        key = f"enterprises.corrected:{step.pk}"
        write_to_each(key, people_of(held), partial(_correction, told, step), reverse("enterprises:profile"))


@transaction.atomic
def write_ownership_mails(step_id: UUID, membership_ids: Collection[int]) -> None:
    """To the people whose roles changed with the ownership. Safe to repeat."""
    step = EnterpriseStep.objects.select_related("enterprise__park").get(pk=step_id)
    places = list(Membership.objects.filter(pk__in=membership_ids).select_related("user").order_by("pk"))
    owner = next((place for place in places if place.is_active and Role.OWNER in place.roles), None)
    name = owner.user.name if owner else ""
    url = reverse("enterprises:people_list")
    write_to_each(f"enterprises.ownership:{step.pk}", people_of(places), lambda: _ownership(step, name), url)


@transaction.atomic
def write_expiry_mails(paper_id: UUID, valid_until: date, days_before: int) -> None:
    """To owners and certifiers, unless the document was removed meanwhile. Safe to repeat."""
    paper = EnterprisePaper.objects.select_related("enterprise__park").get(pk=paper_id)
    if paper.removed_at is not None or paper.valid_until != valid_until:
        return
    key = f"enterprises.paper_expires:{paper.pk}:{valid_until.isoformat()}:{days_before}"
    people = _people(paper.enterprise, SIGNERS)
    told = wording_of(paper.park_id, letters.PAPER_EXPIRES if days_before else letters.PAPER_EXPIRED)
    url = f"{reverse('enterprises:profile')}#papers"
    write_to_each(key, people, lambda: told.letter(_facts_of_paper(paper)), url)


def _people(enterprise: Enterprise, roles: Iterable[Role]) -> list[User]:
    places = Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk)
    return people_of(places.filter(is_active=True, roles__overlap=list(roles)).select_related("user").order_by("pk"))


def _deciders(request: ChangeRequest) -> list[User]:
    staff = Membership.objects.of_staff(request.park_id).filter(is_active=True, roles__overlap=list(REGISTRARS))
    related = staff.select_related("user", "park").order_by("pk")
    return people_of(
        place
        for place in related
        if not explain_partiality(actor_of(place), request.enterprise, since=request.requested_at)
    )


def _with_words(text: str, words: str) -> str:
    return f"{text}\n\n{words}" if words else text


def _facts_of_request(request: ChangeRequest) -> dict[str, str]:
    return {
        "number": request.number,
        "enterprise": localized(request.enterprise, "name"),
        "by": request.requested_by_name,
        "due": day(local_day(request.due_at, request.enterprise.park.time_zone)),
    }


def _facts_of_step(step: EnterpriseStep) -> dict[str, str]:
    enterprise = step.enterprise
    return {
        "enterprise": localized(enterprise, "name"),
        "park": localized(enterprise.park, "name"),
        "by": step.by_name,
    }


def _correction(told: Wording, step: EnterpriseStep) -> Letter:
    return told.letter(_facts_of_step(step), _before_and_after(step))


def _before_and_after(step: EnterpriseStep) -> str:
    """The changed facts in the order of the register, a line each."""
    currency = step.enterprise.capital_currency
    line = _("%(field)s: %(before)s → %(after)s")
    return "\n".join(
        line
        % {
            "field": facts.label_of(name),
            "before": facts.shown_text(name, before, currency),
            "after": facts.shown_text(name, after, currency),
        }
        for name, (before, after) in sorted(step.changes.items(), key=lambda change: FACTS.index(change[0]))
    )


def _ownership(step: EnterpriseStep, owner: str) -> Letter:
    words = {"enterprise": localized(step.enterprise, "name"), "by": step.by_name, "owner": owner}
    subject = _("%(enterprise)s has a new owner") % words
    if not owner:
        text = _("%(by)s has ended the places of the owners of %(enterprise)s and invited a new one.")
    else:
        text = _("%(by)s has made %(owner)s the owner of %(enterprise)s.")
    return Letter(subject, _with_words(text % words, step.comment))


def _facts_of_paper(paper: EnterprisePaper) -> dict[str, str]:
    assert paper.valid_until is not None  # noqa: S101 - for the type checker: it was compared before
    return {"name": paper.name, "enterprise": localized(paper.enterprise, "name"), "day": day(paper.valid_until)}
