"""Awards that are revoked: what was not paid is freed, what was paid is claimed back with interest."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_handling, explain_no_payment
from incentives.choices import AwardState, InstalmentState, StepKind
from incentives.models import Award, Clawback, Payment
from incentives.payment_calculations import Interest
from incentives.services import ledger
from incentives.services.awards import lock_award, tell
from incentives.services.ground import Invalid, StateChanged, refuse_if
from lib.formatting import money
from lib.periods import local_day
from lib.text import said
from parks.actors import Actor


def claims_of(award: Award, until: date) -> list[tuple[Payment, Interest]]:
    """What would be claimed back on a day: each payment with the interest on it by the terms of the application."""
    percent = award.application.programme_version.interest_percent
    payments = Payment.objects.filter(instalment__award=award).select_related("instalment").order_by("paid_on", "id")
    return [(payment, Interest(payment.amount_cny, payment.paid_on, until, percent)) for payment in payments]


@transaction.atomic
def revoke_award(actor: Actor, award: Award, *, reason: str, now: datetime) -> Clawback:
    """Take back an award that stands. Who decided on the application leaves it to a colleague."""
    current = lock_award(award)
    refuse_if(explain_no_handling(actor, current.application))
    if current.state != AwardState.STANDS:
        raise StateChanged(_("Only an award that stands can be revoked."))
    if not said(reason):
        raise Invalid(_("Give the reason; the enterprise reads it."), field="reason")
    claims = claims_of(current, local_day(now, current.application.park.time_zone))
    unpaid = [InstalmentState.PLANNED, InstalmentState.DUE]
    current.instalments.filter(state__in=unpaid).update(state=InstalmentState.CANCELLED)
    ledger.release(current.application, now, said(reason))
    clawback = Clawback.objects.create(
        park_id=current.park_id,
        enterprise_id=current.enterprise_id,
        award=current,
        reason=said(reason),
        principal_cny=sum((interest.principal_cny for _payment, interest in claims), Decimal(0)),
        interest_cny=sum((interest.amount_cny for _payment, interest in claims), Decimal(0)),
        calculation=[_line_of(payment, interest) for payment, interest in claims],
        revoked_at=now,
        revoked_by_id=actor.user_id,
        revoked_by_name=actor.name,
    )
    current.state, current.ended_at = AwardState.REVOKED, now
    current.save(update_fields=["state", "ended_at"])
    tell(current, StepKind.REVOKED, now, said(reason), amount_cny=clawback.total_cny)
    return clawback


@transaction.atomic
def confirm_return(
    actor: Actor, clawback: Clawback, *, returned_cny: Decimal, returned_on: date, reference: str, now: datetime
) -> Clawback:
    """Write down that what was claimed back came back, with its interest."""
    award = lock_award(clawback.award)
    refuse_if(explain_no_payment(actor, award.application))
    current = Clawback.objects.select_for_update(of=("self",)).get(pk=clawback.pk)
    if current.returned_on is not None:
        raise StateChanged(_("This money has come back already."))
    if returned_cny != current.total_cny:
        raise Invalid(_("The amount due is %(amount)s.") % {"amount": money(current.total_cny)}, field="returned_cny")
    if returned_on > local_day(now, award.application.park.time_zone):
        raise Invalid(_("A payment cannot be dated later than today."), field="returned_on")
    if returned_on < local_day(current.revoked_at, award.application.park.time_zone):
        raise Invalid(_("The money cannot have come back before it was claimed."), field="returned_on")
    if not said(reference):
        raise Invalid(_("Enter the reference of the treasury."), field="reference")
    if current.principal_cny:
        ledger.claw_back(award.application, current.principal_cny, now, said(reference))
    current.returned_cny, current.returned_on, current.reference = returned_cny, returned_on, said(reference)
    current.confirmed_by_id, current.confirmed_by_name = actor.user_id, actor.name
    current.save(
        update_fields=["returned_cny", "returned_on", "reference", "confirmed_by", "confirmed_by_name"],
    )
    tell(award, StepKind.RETURNED_MONEY, now, amount_cny=returned_cny)
    return current


def _line_of(payment: Payment, interest: Interest) -> dict[str, Any]:
    return {
        "number": payment.instalment.number,
        "principal_cny": str(interest.principal_cny),
        "paid_on": interest.paid_on.isoformat(),
        "until": interest.until.isoformat(),
        "percent": str(interest.percent),
        "days": interest.days,
        "interest_cny": str(interest.amount_cny),
    }
