"""What a payment plan must be like, and the instalments it makes of an award."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from incentives.models import Award, Instalment, Programme
from incentives.payment_calculations import shares_of
from incentives.services.ground import Invalid

PARTS = {"percent", "condition_en", "condition_zh"}
MOST_PAYMENTS = 12
WHOLE = Decimal(100)


def refuse_bad_plan(programme: Programme) -> None:
    """Refuse shares that do not add up to the award, and conditions that one language does not say."""
    plan = programme.payment_plan
    if not isinstance(plan, list) or len(plan) > MOST_PAYMENTS or not all(map(_is_payment, plan)):
        raise Invalid(_("A payment needs its share in percent and its condition in both languages."), field=None)
    total = sum((Decimal(row["percent"]) for row in plan), Decimal(0))
    if plan and total != WHOLE:
        text = _("The shares of the payments add up to %(total)s %%, not to 100 %%.")
        raise Invalid(text % {"total": total.normalize() + 0}, field=None)


def plan_instalments(award: Award) -> list[Instalment]:
    """The payments of an award that has come to stand, as its version plans them."""
    plan = award.application.programme_version.payments
    amounts = shares_of(award.amount_cny, [payment.percent for payment in plan])
    return Instalment.objects.bulk_create(
        Instalment(
            park_id=award.park_id,
            enterprise_id=award.enterprise_id,
            award=award,
            number=f"{award.application.number}/{place}",
            place=place,
            percent=payment.percent,
            amount_cny=amount,
            condition_en=payment.condition_en,
            condition_zh=payment.condition_zh,
        )
        for place, (payment, amount) in enumerate(zip(plan, amounts, strict=True), 1)
        if amount > 0
    )


def _is_payment(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != PARTS or not all(str(row[part]).strip() for part in PARTS):
        return False
    try:
        return 0 < Decimal(row["percent"]) <= WHOLE
    except (InvalidOperation, TypeError, ValueError):
        return False
