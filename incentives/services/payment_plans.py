"""What a payment plan must be like, and the instalments it makes of an award."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from incentives.models import Programme
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


def _is_payment(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != PARTS or not all(str(row[part]).strip() for part in PARTS):
        return False
    try:
        return 0 < Decimal(row["percent"]) <= WHOLE
    except (InvalidOperation, TypeError, ValueError):
        return False
