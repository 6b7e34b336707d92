"""Who owns an enterprise: handed over by the owner, or named by the park when the owner is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events
from enterprises.choices import EnterpriseStatus, EnterpriseStepKind
from enterprises.models import Enterprise, EnterprisePaper, EnterpriseStep
from enterprises.permissions import can_change_standing, can_invite_owner, guard, owns_enterprise
from enterprises.services.ground import (
    NotNow,
    add_enterprise_step,
    lock_enterprise,
    refuse_ended,
    refuse_partial,
    revoke_invitations,
)
from enterprises.services.papers import keep_evidence
from lib.refusals import Refusal
from parks import events as place_events
from parks.actors import Actor
from parks.choices import Role
from parks.models import Invitation, Membership
from parks.services.people import invite


class NotAnOwner(Refusal):
    code = "not_an_owner"


@transaction.atomic
def invite_owner(actor: Actor, enterprise: Enterprise, *, email: str, now: datetime) -> None:
    """Offer the place of owner where there is none yet."""
    guard(can_invite_owner(actor) and actor.park_id == enterprise.park_id)
    # Invitations before the enterprise, as whoever accepts one does.
    offers = Invitation.objects.of_enterprise(enterprise.park_id, enterprise.pk).open(now)
    list(offers.order_by("pk").select_for_update(of=("self",)))
    known = lock_enterprise(enterprise)
    refuse_ended(known)
    refuse_partial(actor, known)
    _invite(actor, known, email, now)


@transaction.atomic
def hand_over(
    actor: Actor, enterprise: Enterprise, *, to: Membership, keeps: Collection[Role], now: datetime
) -> EnterpriseStep:
    """Make a colleague the owner; the acting owner keeps those of their other roles that are in `keeps`.

    Without any their own place ends. The invitations they sent end with their ownership. Of two
    hand-overs at once the second finds that the actor is no owner any more.
    """
    guard(owns_enterprise(actor) and actor.enterprise_id == enterprise.pk)
    revoke_invitations(enterprise, now, sent_by=actor.user_id)
    known = lock_enterprise(enterprise)
    if known.status != EnterpriseStatus.ACTIVE:
        raise NotNow(_("The registration of the enterprise is not active, so its ownership stays as it is."))
    places = _locked_places(known, {to.pk, actor.membership_id})
    mine, theirs = places.get(actor.membership_id), places.get(to.pk)
    if mine is None or Role.OWNER not in mine.roles:
        raise NotAnOwner(_("You are not an owner of this enterprise any more."))
    _refuse_unfit(mine, theirs)
    assert theirs is not None  # noqa: S101 - for the type checker: unfit without it
    # The colleague first: the database lets only an owner change the places of others.
    _give(actor, theirs, [Role.OWNER, *theirs.roles], now)
    left = [role for role in mine.roles if role in keeps and role != Role.OWNER]
    if left:
        _give(actor, mine, left, now)
    else:
        _end(actor, [mine], now)
    return _recorded(actor, known, EnterpriseStepKind.HANDED_OVER, now, [theirs, mine])


class NoEvidence(Refusal):
    code = "no_evidence"


@transaction.atomic
def name_owner(
    actor: Actor,
    enterprise: Enterprise,
    *,
    reason: str,
    evidence: UploadedFile | EnterprisePaper | None,
    now: datetime,
    to: Membership | None = None,
    email: str = "",
) -> EnterpriseStep:
    """The park names the owner where the one there was is gone: a colleague, or somebody invited by mail.

    The places of the owners so far end, with their keys of the API and the invitations they sent. The evidence is kept
    with the enterprise.
    """
    guard(can_change_standing(actor) and actor.park_id == enterprise.park_id)
    revoke_invitations(enterprise, now)
    known = lock_enterprise(enterprise)
    refuse_ended(known)
    refuse_partial(actor, known)
    if evidence is None:
        raise NoEvidence(_("Choose a document on file, or send one."), field="document")
    paper = keep_evidence(actor, known, evidence, now=now)
    places = _locked_places(known, {to.pk} if to else set())
    owners = [place for place in places.values() if Role.OWNER in place.roles and (to is None or place.pk != to.pk)]
    if to is not None:
        theirs = places.get(to.pk)
        _refuse_unfit(None, theirs)
        assert theirs is not None  # noqa: S101 - for the type checker: unfit without it
        _give(actor, theirs, [Role.OWNER, *theirs.roles], now)
    _end(actor, owners, now)
    if to is None:
        _invite(actor, known, email, now)
    changed = [*owners, *([places[to.pk]] if to else [])]
    return _recorded(actor, known, EnterpriseStepKind.ASSIGNED, now, changed, comment=reason, evidence=paper)


def _locked_places(enterprise: Enterprise, wanted: Collection[int]) -> dict[int, Membership]:
    """The active places among those wanted, and of every owner, locked in one order as when roles change."""
    places = Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk).filter(is_active=True)
    found = places.filter(pk__in=wanted) | places.with_role(Role.OWNER)
    locked = found.select_related("user").order_by("pk").select_for_update(of=("self",))
    return {place.pk: place for place in locked}


def _refuse_unfit(mine: Membership | None, theirs: Membership | None) -> None:
    if theirs is None or not theirs.user.is_active:
        raise NotNow(_("This person does not work here any more."))
    if mine is not None and theirs.pk == mine.pk:
        raise NotNow(_("Choose a colleague: you are the owner."))


def _give(actor: Actor, place: Membership, roles: Collection[str], now: datetime) -> None:
    held = [role for role in Role if role in roles]
    if held == list(place.roles):
        return
    place.roles = held
    place.save(update_fields=["roles"])
    place_events.membership_roles_changed.publish(
        membership_id=place.pk, roles=[role.value for role in held], at=now.isoformat(), by_name=actor.name
    )


def _end(actor: Actor, places: Iterable[Membership], now: datetime) -> None:
    for place in places:
        place.is_active, place.ended_at = False, now
        place.save(update_fields=["is_active", "ended_at"])
        place_events.membership_ended.publish(membership_id=place.pk, at=now.isoformat(), by_name=actor.name)


def _invite(actor: Actor, enterprise: Enterprise, email: str, now: datetime) -> None:
    invite(
        actor=actor,
        email=email,
        roles=[Role.OWNER],
        park=enterprise.park,
        now=now,
        enterprise_id=enterprise.pk,
        enterprise_name_en=enterprise.name_en,
        enterprise_name_zh=enterprise.name_zh,
    )


def _recorded(
    actor: Actor,
    enterprise: Enterprise,
    kind: EnterpriseStepKind,
    now: datetime,
    places: Iterable[Membership],
    *,
    comment: str = "",
    evidence: EnterprisePaper | None = None,
) -> EnterpriseStep:
    step = add_enterprise_step(actor, enterprise, kind, now, comment=comment, evidence=evidence)
    events.ownership_changed.publish(
        park_id=enterprise.park_id,
        enterprise_id=enterprise.pk,
        step_id=step.pk,
        membership_ids=[place.pk for place in places],
    )
    return step
