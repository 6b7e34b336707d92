"""Instalments of awards: their conditions confirmed, their payment recorded by hand or from the treasury's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_payment
from incentives.choices import AwardState, InstalmentState, StepKind
from incentives.models import Instalment, Payment
from incentives.services import ledger
from incentives.services.agreements import refuse_without_agreement
from incentives.services.awards import lock_award, tell_each
from incentives.services.ground import Invalid, StateChanged, refuse_if
from lib.formatting import money
from lib.periods import local_day
from lib.text import said
from parks.actors import Actor
from tenancy.locks import take_turns

LONGEST_REFERENCE: int = Payment._meta.get_field("reference").max_length or 0


@transaction.atomic
def confirm_condition(actor: Actor, instalment: Instalment, *, evidence: str, now: datetime) -> Instalment:
    """Find that what an instalment waits for is done: the treasury may pay it."""
    current = _lock(actor, instalment)
    if current.state != InstalmentState.PLANNED:
        raise StateChanged(_("This payment does not wait for its condition any more."))
    if not said(evidence):
        raise Invalid(_("Say how the condition was met; the enterprise and auditors read it."), field="evidence")
    refuse_without_agreement(current.award)
    current.state = InstalmentState.DUE
    current.evidence = said(evidence)
    current.confirmed_by_id, current.confirmed_by_name, current.confirmed_at = actor.user_id, actor.name, now
    current.save(update_fields=["state", "evidence", "confirmed_by", "confirmed_by_name", "confirmed_at"])
    return current


@dataclass(frozen=True, slots=True)
class Paid:
    """What the treasury says that it paid."""

    instalment: Instalment
    amount_cny: Decimal
    paid_on: date
    reference: str


@transaction.atomic
def record_payment(
    actor: Actor, instalment: Instalment, *, amount_cny: Decimal, paid_on: date, reference: str, now: datetime
) -> Payment:
    """Write down that the treasury paid a due instalment, in full."""
    paid = Paid(_lock(actor, instalment), amount_cny, paid_on, said(reference))
    wait_for_references(actor)
    fault, field = payment_fault(paid, now, is_taken=Payment.objects.filter(reference=paid.reference).exists())
    if fault:
        raise Invalid(fault, field=field)
    return record_faultless(actor, [paid], now)[0]


def wait_for_references(actor: Actor) -> None:
    """Of two who record payments of a park at once the second sees the references of the first. After applications are
    locked, before any programme is."""
    take_turns(f"incentives.payments:{actor.park_id}")


def record_faultless(actor: Actor, paid: Sequence[Paid], now: datetime) -> list[Payment]:
    """Payments in which no fault was found, of applications that the caller has locked: as many statements for a
    thousand as for one."""
    ledger.pay_each([(one.instalment.award.application, one.amount_cny, one.reference) for one in paid], now)
    payments = Payment.objects.bulk_create(
        Payment(
            park_id=one.instalment.park_id,
            enterprise_id=one.instalment.enterprise_id,
            instalment=one.instalment,
            amount_cny=one.amount_cny,
            paid_on=one.paid_on,
            reference=one.reference,
            recorded_at=now,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.name,
        )
        for one in paid
    )
    Instalment.objects.filter(pk__in=[one.instalment.pk for one in paid]).update(state=InstalmentState.PAID)
    tell_each([(one.instalment.award, one.amount_cny) for one in paid], StepKind.PAID, now)
    return payments


def payment_fault(paid: Paid, now: datetime, *, is_taken: bool) -> tuple[str, str | None]:
    """Why a payment cannot be recorded, and at which field that is said; empty when it can.

    is_taken: whether another payment has the reference.
    """
    instalment = paid.instalment
    if instalment.state != InstalmentState.DUE:
        state = instalment.get_state_display()
        return _("This payment is not due; its state is: %(state)s.") % {"state": state}, None
    if paid.amount_cny != instalment.amount_cny:
        return _("The amount due is %(amount)s.") % {"amount": money(instalment.amount_cny)}, "amount_cny"
    if paid.paid_on > local_day(now, instalment.park.time_zone):
        return _("A payment cannot be dated later than today."), "paid_on"
    stood_at = instalment.award.stands_at
    if stood_at is not None and paid.paid_on < local_day(stood_at, instalment.park.time_zone):
        return _("A payment cannot be dated before the award stood."), "paid_on"
    if not paid.reference:
        return _("Enter the reference of the treasury."), "reference"
    if len(paid.reference) > LONGEST_REFERENCE:
        return _("A reference has at most %(count)s characters.") % {"count": LONGEST_REFERENCE}, "reference"
    if is_taken:
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
