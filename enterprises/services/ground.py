"""What the acts on a registered enterprise begin with: the row locked, the right checked, the timeline written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from enterprises.choices import EnterpriseStatus, EnterpriseStepKind
from enterprises.models import Enterprise, EnterprisePaper, EnterpriseStep
from enterprises.permissions import explain_partiality
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Invitation


class NotNow(Refusal):
    """What the act is about is not, or no longer, in a state that allows it."""

    code = "not_now"


class NotImpartial(Refusal):
    """The official belongs to the enterprise or has declared an interest in it."""

    code = "not_impartial"


def lock_enterprise(enterprise: Enterprise) -> Enterprise:
    """The enterprise as it is now, with its park, held until the end of the transaction. Before any row of it."""
    return Enterprise.objects.select_related("park").select_for_update(of=("self",)).get(pk=enterprise.pk)


def refuse_ended(enterprise: Enterprise) -> None:
    if enterprise.has_ended:
        raise NotNow(_("The registration of this enterprise has ended: nothing of it changes any more."))


def lock_to_keep(actor: Actor, enterprise: Enterprise) -> Enterprise:
    """The enterprise, held for whoever keeps its record: its people while it is active, officials without a tie to it.

    What its people sent while the park suspended it has waited for the lock, and comes too late.
    """
    known = lock_enterprise(enterprise)
    refuse_ended(known)
    if actor.is_official:
        refuse_partial(actor, known)
    elif known.status != EnterpriseStatus.ACTIVE:
        raise NotNow(_("The registration of this enterprise is suspended: its people change nothing."))
    return known


def lock_each_to_keep(actor: Actor, *enterprises: Enterprise | None) -> dict[UUID, Enterprise]:
    """The enterprises that an act is about together, each as by `lock_to_keep`, in one order. None: the park itself."""
    every = {each.pk: each for each in enterprises if each is not None}
    return {key: lock_to_keep(actor, every[key]) for key in sorted(every)}


def refuse_partial(actor: Actor, enterprise: Enterprise, since: datetime | None = None) -> None:
    reason = explain_partiality(actor, enterprise, since)
    if reason:
        raise NotImpartial(reason)


def refuse_partial_official(actor: Actor, enterprise: Enterprise) -> None:
    """Its own people keep its record; an official with a tie to it leaves that to a colleague."""
    if actor.is_official:
        refuse_partial(actor, enterprise)


def revoke_invitations(enterprise: Enterprise, now: datetime, *, sent_by: int | None = None) -> None:
    """Close the door to whoever was invited, or was by one person.

    Before the enterprise is locked: who accepts one locks them so.
    """
    offers = Invitation.objects.of_enterprise(enterprise.park_id, enterprise.pk).open(now)
    if sent_by is not None:
        offers = offers.filter(invited_by_id=sent_by)
    offers.update(revoked_at=now)


def add_enterprise_step(
    actor: Actor,
    enterprise: Enterprise,
    kind: EnterpriseStepKind,
    now: datetime,
    *,
    comment: str = "",
    evidence: EnterprisePaper | None = None,
    changes: Mapping[str, list[str]] | None = None,
) -> EnterpriseStep:
    return EnterpriseStep.objects.create(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        kind=kind,
        at=now,
        by_id=actor.user_id,
        by_name=actor.name,
        is_by_official=actor.is_official,
        comment=comment,
        evidence=evidence,
        changes=changes or {},
    )
