"""The standing of a registered enterprise: suspended and resumed, ended and begun again. Acts of administrators."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events, obstacles
from enterprises.choices import EnterpriseStatus, EnterpriseStepKind
from enterprises.models import Enterprise
from enterprises.permissions import can_change_standing, guard
from enterprises.services.ground import NotNow, add_enterprise_step, lock_enterprise, refuse_partial, revoke_invitations
from lib.refusals import Refusal
from parks import events as place_events
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership
from parks.querysets import MembershipQuerySet


class ObstaclesLeft(Refusal):
    """Something of the enterprise is still under way; `sentences` say what."""

    code = "obstacles_left"

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(_("The registration cannot end yet. %(what)s") % {"what": " ".join(sentences)})
        self.sentences = sentences


@transaction.atomic
def suspend_enterprise(actor: Actor, enterprise: Enterprise, *, reason: str, now: datetime) -> Enterprise:
    """From now on its people read and change nothing: the database refuses it."""
    known = _locked(actor, enterprise, {EnterpriseStatus.ACTIVE})
    _acting_places(known).update(is_enterprise_suspended=True)
    return _changed(actor, known, EnterpriseStatus.SUSPENDED, EnterpriseStepKind.SUSPENDED, reason, now)


@transaction.atomic
def resume_enterprise(actor: Actor, enterprise: Enterprise, *, reason: str, now: datetime) -> Enterprise:
    """Lift the suspension: its people may work again."""
    known = _locked(actor, enterprise, {EnterpriseStatus.SUSPENDED})
    _acting_places(known).update(is_enterprise_suspended=False)
    return _changed(actor, known, EnterpriseStatus.ACTIVE, EnterpriseStepKind.RESUMED, reason, now)


@transaction.atomic
def deregister_enterprise(actor: Actor, enterprise: Enterprise, *, reason: str, now: datetime) -> Enterprise:
    """End the registration: nobody acts for the enterprise any more, everything of it stays on record.

    Refused while something is under way (`enterprises.obstacles`). Who was invited finds the door closed.
    """
    # Invitations before the enterprise, as whoever accepts one does. Of one that is sent meanwhile no place opens.
    revoke_invitations(enterprise, now)
    known = _locked(actor, enterprise, {EnterpriseStatus.ACTIVE, EnterpriseStatus.SUSPENDED})
    found = obstacles.to_ending(known)
    if found:
        raise ObstaclesLeft(found)
    owners = _owner_ids(known)
    _end_places(actor, known, now)
    return _changed(
        actor, known, EnterpriseStatus.DEREGISTERED, EnterpriseStepKind.DEREGISTERED, reason, now, owners=owners
    )


@transaction.atomic
def reinstate_enterprise(actor: Actor, enterprise: Enterprise, *, reason: str, now: datetime) -> Enterprise:
    """Begin an ended registration again. Nobody acts for the enterprise until its owner is invited anew."""
    revoke_invitations(enterprise, now)
    known = _locked(actor, enterprise, {EnterpriseStatus.DEREGISTERED})
    _places(known).update(is_enterprise_suspended=False)
    return _changed(actor, known, EnterpriseStatus.ACTIVE, EnterpriseStepKind.REINSTATED, reason, now)


def _locked(actor: Actor, enterprise: Enterprise, before: Collection[str]) -> Enterprise:
    guard(can_change_standing(actor) and actor.park_id == enterprise.park_id)
    known = lock_enterprise(enterprise)
    if known.status not in before:
        raise NotNow(
            _("This cannot be done now. The enterprise is: %(state)s.") % {"state": known.get_status_display()}
        )
    refuse_partial(actor, known)
    return known


def _changed(
    actor: Actor,
    known: Enterprise,
    status: EnterpriseStatus,
    kind: EnterpriseStepKind,
    reason: str,
    now: datetime,
    *,
    owners: list[int] | None = None,
) -> Enterprise:
    known.status, known.status_reason, known.status_changed_at = status, reason, now
    known.save(update_fields=["status", "status_reason", "status_changed_at", "updated_at"])
    step = add_enterprise_step(actor, known, kind, now, comment=reason)
    events.standing_changed.publish(
        park_id=known.park_id,
        enterprise_id=known.pk,
        step_id=step.pk,
        owner_ids=_owner_ids(known) if owners is None else owners,
    )
    return known


def _places(enterprise: Enterprise) -> MembershipQuerySet:
    return Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk)


def _acting_places(enterprise: Enterprise) -> MembershipQuerySet:
    """Those that are taken. One that is taken again reads the standing then, and may just be held by who takes it."""
    return _places(enterprise).filter(is_active=True)


def _owner_ids(enterprise: Enterprise) -> list[int]:
    owners = _places(enterprise).filter(is_active=True).with_role(Role.OWNER)
    return list(owners.order_by("pk").values_list("pk", flat=True))


def _end_places(actor: Actor, enterprise: Enterprise, now: datetime) -> None:
    held = _places(enterprise).filter(is_active=True).order_by("pk").select_for_update(of=("self",))
    ended = [place.pk for place in held]
    Membership.objects.filter(pk__in=ended).update(is_active=False, ended_at=now)
    for membership_id in ended:
        place_events.membership_ended.publish(membership_id=membership_id, at=now.isoformat(), by_name=actor.name)
