"""Instalments of awards: their conditions confirmed, their payment recorded by hand or from the treasury's file."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_payment
from incentives.choices import AwardState, InstalmentState, StepKind
from incentives.models import Instalment, Payment
from incentives.services import ledger
from incentives.services.awards import lock_award, tell
from incentives.services.ground import Invalid, StateChanged, refuse_if
from lib.formatting import money
from lib.periods import local_day
from parks.actors import Actor

LONGEST_REFERENCE: int = Payment._meta.get_field("reference").max_length or 0


@transaction.atomic
def confirm_condition(actor: Actor, instalment: Instalment, *, evidence: str, now: datetime) -> Instalment:
    """Find that what an instalment waits for is done: the treasury may pay it."""
    current = _lock(actor, instalment)
    if current.state != InstalmentState.PLANNED:
        raise StateChanged(_("This payment does not wait for its condition any more."))
    if not evidence.strip():
        raise Invalid(_("Say how the condition was met; the enterprise and auditors read it."), field="evidence")
    current.state = InstalmentState.DUE
    current.evidence = evidence.strip()
    current.confirmed_by_id, current.confirmed_by_name, current.confirmed_at = actor.user_id, actor.name, now
    current.save(update_fields=["state", "evidence", "confirmed_by", "confirmed_by_name", "confirmed_at"])
    return current


@transaction.atomic
def record_payment(
    actor: Actor, instalment: Instalment, *, amount_cny: Decimal, paid_on: date, reference: str, now: datetime
) -> Payment:
    """Write down that the treasury paid a due instalment, in full."""
    current = _lock(actor, instalment)
    fault, field = payment_fault(current, amount_cny=amount_cny, paid_on=paid_on, reference=reference, now=now)
    if fault:
        raise Invalid(fault, field=field)
    entry = ledger.pay(current.award.application, amount_cny, now, reference.strip())
    payment = Payment.objects.create(
        park_id=current.park_id,
        enterprise_id=current.enterprise_id,
        instalment=current,
        amount_cny=amount_cny,
        paid_on=paid_on,
        reference=reference.strip(),
        recorded_at=entry.at,
        recorded_by_id=actor.user_id,
        recorded_by_name=actor.name,
    )
    current.state = InstalmentState.PAID
    current.save(update_fields=["state"])
    tell(current.award, StepKind.PAID, now, amount_cny=amount_cny)
    return payment


def payment_fault(
    instalment: Instalment, *, amount_cny: Decimal, paid_on: date, reference: str, now: datetime
) -> tuple[str, str | None]:
    """Why a payment cannot be recorded, and at which field that is said; empty when it can."""
    if instalment.state != InstalmentState.DUE:
        state = instalment.get_state_display()
        return _("This payment is not due; its state is: %(state)s.") % {"state": state}, None
    if amount_cny != instalment.amount_cny:
        return _("The amount due is %(amount)s.") % {"amount": money(instalment.amount_cny)}, "amount_cny"
    if paid_on > local_day(now, instalment.park.time_zone):
        return _("A payment cannot be dated later than today."), "paid_on"
    stood_at = instalment.award.stands_at
    if stood_at is not None and paid_on < local_day(stood_at, instalment.park.time_zone):
        return _("A payment cannot be dated before the award stood."), "paid_on"
    if not reference.strip():
        return _("Enter the reference of the treasury."), "reference"
    if len(reference.strip()) > LONGEST_REFERENCE:
        return _("A reference has at most %(count)s characters.") % {"count": LONGEST_REFERENCE}, "reference"
    if Payment.objects.filter(reference=reference.strip()).exists():
        return _("Another payment was recorded under this reference."), "reference"
    return "", None


def _lock(actor: Actor, instalment: Instalment) -> Instalment:
    award = lock_award(instalment.award)
    refuse_if(explain_no_payment(actor, award.application))
    if award.state != AwardState.STANDS:
        raise StateChanged(_("The award does not stand, so nothing is paid."))
    current = Instalment.objects.select_related("park").select_for_update(of=("self",)).get(pk=instalment.pk)
    current.award = award
    return current
