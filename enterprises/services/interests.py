"""Declaring an interest in an enterprise, and ending it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enterprises.choices import EnterpriseStatus
from enterprises.models import DeclaredInterest, Enterprise
from enterprises.permissions import can_declare_interest, guard
from enterprises.services.ground import NotNow, lock_enterprise
from lib.refusals import Refusal
from parks.actors import Actor


class InterestAlreadyDeclared(Refusal):
    code = "interest_already_declared"


@transaction.atomic
def declare_interest(actor: Actor, enterprise: Enterprise, *, reason: str, now: datetime) -> DeclaredInterest:
    """The acting official takes themselves out of every case of this enterprise, from this moment on.

    Waits for who changes the enterprise just now: what was begun before is done, or sees the interest.
    """
    guard(can_declare_interest(actor) and actor.park_id == enterprise.park_id)
    known = lock_enterprise(enterprise)
    if known.status == EnterpriseStatus.MERGED:
        raise NotNow(_("This enterprise was merged into another: declare the interest in that one."))
    interest = DeclaredInterest(
        park_id=known.park_id, enterprise=known, user_id=actor.user_id, reason=reason, declared_at=now
    )
    try:
        with transaction.atomic():
            interest.save(force_insert=True)
    except IntegrityError as error:
        raise InterestAlreadyDeclared(_("This interest is already declared.")) from error
    return interest


@transaction.atomic
def end_interest(actor: Actor, enterprise: Enterprise, *, now: datetime) -> None:
    """End the acting official's own interest; the record stays. Safe to repeat."""
    guard(can_declare_interest(actor) and actor.park_id == enterprise.park_id)
    own = DeclaredInterest.objects.current().of_user(actor.user_id).filter(enterprise=enterprise)
    interest = own.select_for_update(of=("self",)).first()
    if interest is None:
        return
    interest.ended_at = now
    interest.save(update_fields=["ended_at"])
