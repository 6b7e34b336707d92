"""What officials decide about a registration: returned, approved, rejected, or joined to who is registered already.

Each act holds the lock of the registration. `expected_round` is the round that the official read: another one is
refused with `StateChanged`. Whoever sends the same decision twice gets the answer of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events
from enterprises.choices import LabelKind, PaperKind, RegistrationState, RegistrationStepKind
from enterprises.models import (
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    Registration,
    RegistrationPaper,
    RegistrationRemark,
    Site,
)
from enterprises.permissions import bearers_of, can_change_standing, explain_no_vetting
from enterprises.queries.vetting import ended_places
from enterprises.services.ground import lock_enterprise, refuse_ended, refuse_partial
from enterprises.services.places import FOUNDERS, give_place, has_owner, is_owner_invited
from enterprises.services.register import EnterpriseFacts, register_enterprise, update_enterprise
from enterprises.services.registration_ground import (
    FIELDS,
    FILED_PAPERS,
    REGISTERED_FACTS,
    SITES,
    Invalid,
    NotAllowed,
    StateChanged,
    add_registration_step,
    kept_papers,
    lock_registration,
    save_columns,
    shown_value,
)
from lib.periods import local_day
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor
from parks.choices import Role
from parks.models import Park
from parks.queries.work_calendar import working_days_after
from tenancy.events import Event

CORRECTION_WORKING_DAYS = 10
LONGEST_REMARK = 1000
PAPERS = "papers"
TAKEN_OVER = (*(name for name in REGISTERED_FACTS if name != "credit_code"), SITES, PAPERS)
"""What can be taken over from a registration into the enterprise that it is joined to."""
EVENTS: dict[RegistrationStepKind, Event] = {
    RegistrationStepKind.RETURNED: events.registration_returned,
    RegistrationStepKind.APPROVED: events.registration_approved,
    RegistrationStepKind.REJECTED: events.registration_rejected,
    RegistrationStepKind.JOINED: events.registration_joined,
}


class RegistrantGone(Refusal):
    """The account of who filed it is closed, so nobody would hold the enterprise."""

    code = "registrant_gone"


class CodeDiffers(Refusal):
    """What was filed is of another code than the enterprise it is to be joined to."""

    code = "credit_code_differs"


class PlaceEnded(Refusal):
    """The registrant had a place in the enterprise that somebody else owns, and the official has not said they know."""

    code = "place_ended"


@transaction.atomic
def return_registration(
    actor: Actor,
    registration: Registration,
    *,
    expected_round: int,
    remarks: Mapping[str, str],
    message: str,
    now: datetime,
) -> Registration:
    """Ask for corrections, all at once: one remark for each field or document, named as in `FIELDS`."""
    current = _lock_for(actor, registration)
    if _is_repeated(actor, current, RegistrationStepKind.RETURNED):
        return current
    _refuse_moved_on(current, expected_round)
    written = {field: said(comment) for field, comment in remarks.items() if said(comment)}
    _refuse_bad_remarks(written)
    RegistrationRemark.objects.bulk_create(
        RegistrationRemark(
            park_id=current.park_id,
            registrant_id=current.registrant_id,
            registration=current,
            field=field,
            comment=comment,
            found=shown_value(current, field),
            round=current.round,
            at=now,
            by_name=actor.name,
        )
        for field, comment in written.items()
    )
    due_at = working_days_after(now, CORRECTION_WORKING_DAYS, current.park.time_zone)
    save_columns(current, state=RegistrationState.RETURNED, due_at=due_at)
    return _told(actor, current, RegistrationStepKind.RETURNED, message, now)


@transaction.atomic
def reject_registration(
    actor: Actor, registration: Registration, *, expected_round: int, reason: str, now: datetime
) -> Registration:
    """Turn the registration down for good, with a reason that the registrant reads."""
    current = _lock_for(actor, registration)
    if _is_repeated(actor, current, RegistrationStepKind.REJECTED):
        return current
    _refuse_moved_on(current, expected_round)
    if not said(reason):
        raise Invalid(_("Give the reason; the registrant reads it."), field="reason")
    save_columns(current, state=RegistrationState.REJECTED, due_at=None, decided_at=now)
    return _told(actor, current, RegistrationStepKind.REJECTED, reason, now)


@transaction.atomic
def approve_registration(
    actor: Actor,
    registration: Registration,
    *,
    expected_round: int,
    message: str,
    now: datetime,
    is_key_energy_user: bool = False,
    is_pilot: bool = False,
    is_code_confirmed: bool = False,
) -> Registration:
    """Let the enterprise in with its sites and documents, and the registrant with it as its owner and certifier.

    Raises `CodeTaken` where its code is registered already: of two registrations of one code at once, one is let in.
    """
    current = _lock_for(actor, registration)
    if _is_repeated(actor, current, RegistrationStepKind.APPROVED):
        return current
    _refuse_moved_on(current, expected_round)
    _refuse_gone(current)
    facts = EnterpriseFacts(**_facts_of(current), is_key_energy_user=is_key_energy_user)
    enterprise = register_enterprise(
        actor, park=current.park, facts=facts, now=now, is_code_confirmed=is_code_confirmed
    )
    _bring_sites(current, enterprise, now)
    _bring_papers(current, enterprise)
    if is_pilot:
        _label_pilot(actor, enterprise, now, current.park)
    give_place(enterprise, current.registrant_id, FOUNDERS, now)
    save_columns(current, state=RegistrationState.APPROVED, enterprise=enterprise, due_at=None, decided_at=now)
    return _told(actor, current, RegistrationStepKind.APPROVED, message, now)


@transaction.atomic
def join_registration(  # noqa: PLR0913 - what the official has decided, each by its name
    actor: Actor,
    registration: Registration,
    *,
    expected_round: int,
    enterprise: Enterprise,
    expected_roles: Collection[str],
    taken: Collection[str],
    message: str,
    now: datetime,
    is_aware: bool = False,
) -> Registration:
    """Join the registrant to the enterprise that is registered already, with `roles_on_joining`.

    `expected_roles` are those that the official was shown: others now are refused with `StateChanged`. `taken` names
    what of the registration is taken over, out of `TAKEN_OVER`. The rest of the enterprise stays. `is_aware`: whether
    the official knows that the registrant had a place there that ended.
    """
    current = _lock_for(actor, registration)
    if _is_repeated(actor, current, RegistrationStepKind.JOINED):
        return current
    _refuse_moved_on(current, expected_round)
    _refuse_gone(current)
    unknown = set(taken) - set(TAKEN_OVER)
    if unknown:
        raise Invalid(_("There is no field “%(name)s”.") % {"name": min(unknown)}, field="taken")
    # Who is its first owner is decided by one after the other, here and where invitations are accepted.
    Park.objects.select_for_update(no_key=True).get(pk=current.park_id)
    known = lock_enterprise(enterprise)
    refuse_ended(known)
    refuse_partial(actor, known, current.started_at)
    reason = explain_other_code(actor, current, known)
    if reason:
        raise CodeDiffers(reason)
    roles = roles_on_joining(known, now)
    if roles != set(expected_roles):
        raise StateChanged(_("What the registrant becomes there changed since you opened this page. Read it again."))
    if asks_if_aware(current, known, roles) and not is_aware:
        raise PlaceEnded(
            _("%(name)s had a place in this enterprise that ended. Confirm that you know.")
            % {"name": current.registrant_name},
            field="is_aware",
        )
    _take_over(actor, current, known, taken, now)
    give_place(known, current.registrant_id, roles, now)
    save_columns(current, state=RegistrationState.JOINED, enterprise=known, due_at=None, decided_at=now)
    return _told(actor, current, RegistrationStepKind.JOINED, message, now)


def roles_on_joining(enterprise: Enterprise, now: datetime) -> frozenset[Role]:
    """Owner and certifier where nobody owns the enterprise or was invited to, else an applicant."""
    is_taken = has_owner(enterprise) or is_owner_invited(enterprise, now)
    return frozenset({Role.APPLICANT}) if is_taken else FOUNDERS


def asks_if_aware(registration: Registration, enterprise: Enterprise, roles: Collection[str]) -> bool:
    """Whether joining lets in again who has left what somebody owns: the owner may have dismissed them."""
    left = ended_places(registration.park_id, registration.registrant_id)
    return Role.OWNER not in roles and enterprise.pk in left


def explain_other_code(actor: Actor, registration: Registration, enterprise: Enterprise) -> str:
    """Why a reviewer does not join the two; empty where the code is that of the enterprise or was merged into it."""
    return explain_other_codes(actor, registration, [enterprise]).get(enterprise.pk, "")


def explain_other_codes(
    actor: Actor, registration: Registration, enterprises: Collection[Enterprise]
) -> dict[UUID, str]:
    """The same of several, by those of them for whom there is a reason."""
    if can_change_standing(actor) or not enterprises:
        return {}
    carriers = bearers_of(registration.park_id, registration.credit_code)[-1:]
    reason = _("The codes of the two differ, so only an administrator of the park can join them.")
    return {enterprise.pk: reason for enterprise in enterprises if enterprise not in carriers}


def _lock_for(actor: Actor, registration: Registration) -> Registration:
    current = lock_registration(registration)
    reason = explain_no_vetting(actor, current)
    if reason:
        raise NotAllowed(reason)
    return current


def _refuse_moved_on(current: Registration, expected_round: int) -> None:
    """Nothing is decided that was decided meanwhile, or filed again and not read."""
    if current.state != RegistrationState.SUBMITTED:
        words = _("The registration does not wait for a decision any more; its state is: %(state)s.")
        raise StateChanged(words % {"state": current.get_state_display()})
    if current.round != expected_round:
        words = _("Round %(round)s was filed since you opened this registration. Read it, then decide.")
        raise StateChanged(words % {"round": current.round})


def _refuse_gone(current: Registration) -> None:
    """A place is given to somebody who can sign in."""
    if not current.registrant.is_active:
        words = _("The account of %(name)s is closed, so nobody could act for the enterprise. Reject the registration.")
        raise RegistrantGone(words % {"name": current.registrant_name})


def _is_repeated(actor: Actor, current: Registration, kind: RegistrationStepKind) -> bool:
    """Whether the actor has brought about the state in which the registration is, by the same act."""
    if current.state != kind.value:
        return False
    last = current.steps.order_by("-at", "-id").first()
    return last is not None and (last.kind, last.by_id) == (kind, actor.user_id)


def _refuse_bad_remarks(remarks: Mapping[str, str]) -> None:
    if not remarks:
        raise Invalid(_("Say what to correct in at least one field or document."), field="remarks")
    unknown = remarks.keys() - FIELDS.keys()
    if unknown:
        raise Invalid(_("There is no field “%(name)s”.") % {"name": min(unknown)}, field="remarks")
    if any(len(comment) > LONGEST_REMARK for comment in remarks.values()):
        raise Invalid(_("A comment has at most %(count)s characters.") % {"count": LONGEST_REMARK}, field="remarks")


def _facts_of(registration: Registration) -> dict[str, Any]:
    known = {field.name for field in fields(EnterpriseFacts)}
    return {name: getattr(registration, name) for name in REGISTERED_FACTS if name in known}


def _bring_sites(registration: Registration, enterprise: Enterprise, now: datetime) -> None:
    present = set(Site.objects.filter(enterprise=enterprise, closed_at=None).values_list("name", "address"))
    Site.objects.bulk_create(
        Site(
            park_id=enterprise.park_id,
            enterprise=enterprise,
            name=site["name"],
            address=site["address"],
            area_m2=Decimal(site["area_m2"]) if site["area_m2"] else None,
            use=site["use"],
            opened_at=now,
        )
        for site in registration.sites
        if (site["name"], site["address"]) not in present
    )


def _bring_papers(registration: Registration, enterprise: Enterprise) -> None:
    """The enterprise gets papers of its own with the same stored files; what it has already is not added again.

    A scan that was filed as two documents is one, of the kind that is asked for first, until the earlier last day.
    """
    present = EnterprisePaper.objects.filter(enterprise=enterprise, removed_at=None).values_list("sha256", flat=True)
    brought: dict[str, list[RegistrationPaper]] = {}
    for paper in sorted(kept_papers(registration), key=lambda paper: FILED_PAPERS.index(PaperKind(paper.kind))):
        brought.setdefault(paper.sha256, []).append(paper)
    for known in present:
        brought.pop(known, None)
    EnterprisePaper.objects.bulk_create(_as_one(scans, enterprise) for scans in brought.values())


def _as_one(scans: Sequence[RegistrationPaper], enterprise: Enterprise) -> EnterprisePaper:
    first = scans[0]
    return EnterprisePaper(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        kind=first.kind,
        file=first.file.name,
        name=first.name,
        content_type=first.content_type,
        size_bytes=first.size_bytes,
        sha256=first.sha256,
        valid_until=min((scan.valid_until for scan in scans if scan.valid_until), default=None),
        uploaded_by_id=first.uploaded_by_id,
        uploaded_at=first.uploaded_at,
    )


def _label_pilot(actor: Actor, enterprise: Enterprise, now: datetime, park: Park) -> None:
    EnterpriseLabel.objects.create(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        kind=LabelKind.PILOT,
        valid_from=local_day(now, park.time_zone),
        given_by_id=actor.user_id,
        given_by_name=actor.name,
        given_at=now,
    )


def _take_over(
    actor: Actor, registration: Registration, enterprise: Enterprise, taken: Collection[str], now: datetime
) -> None:
    changes = {name: getattr(registration, name) for name in taken if name in REGISTERED_FACTS}
    if changes:
        update_enterprise(actor, enterprise, changes=changes, now=now)
    if SITES in taken:
        _bring_sites(registration, enterprise, now)
    if PAPERS in taken:
        _bring_papers(registration, enterprise)


def _told(
    actor: Actor, registration: Registration, kind: RegistrationStepKind, comment: str, now: datetime
) -> Registration:
    step = add_registration_step(
        registration=registration,
        kind=kind,
        by_user_id=actor.user_id,
        by_name=actor.name,
        is_by_official=True,
        now=now,
        comment=said(comment),
    )
    EVENTS[kind].publish(park_id=registration.park_id, registration_id=registration.pk, step_id=step.pk)
    return registration
