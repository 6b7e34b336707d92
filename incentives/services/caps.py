"""The caps of a programme at the moment in which money is granted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from incentives.calculations import Limit, limits_of
from incentives.choices import LimitKind
from incentives.models import Application
from incentives.queries import granted_before, proof_of
from lib.formatting import money
from lib.periods import local_day
from lib.refusals import Refusal


class CapExceeded(Refusal):
    """With what it was granted before, the enterprise would get more than a cap of the programme allows."""

    code = "cap_exceeded"


def refuse_above_caps(application: Application, amount_cny: Decimal, now: datetime) -> None:
    """To be asked while the programme is locked, so that nothing is granted meanwhile."""
    refuse_unproven(application, amount_cny)
    granted = granted_before(application, local_day(now, application.park.time_zone))
    rules = application.programme_version.amount_rules
    for limit in limits_of(rules, application.investment_cny or Decimal(0), granted):
        if amount_cny > limit.room_cny:
            raise CapExceeded(_words_of(limit), field="amount_cny")


def refuse_unproven(application: Application, amount_cny: Decimal) -> None:
    """What the financial check did not prove of the investment counts for nothing."""
    proof = proof_of(application)
    if proof is None or amount_cny <= proof.most_cny:
        return
    words = _(
        "The financial check proved an investment of %(proven)s of the %(declared)s declared. By it the enterprise can"
        " get at most %(most)s."
    )
    told = {"proven": proof.proven_cny, "declared": proof.declared_cny, "most": proof.most_cny}
    raise CapExceeded(words % {name: money(amount) for name, amount in told.items()}, field="amount_cny")


def _words_of(limit: Limit) -> str:
    texts = {
        LimitKind.ENTERPRISE: _("The enterprise can get %(room)s more under this programme; the cap is %(cap)s."),
        LimitKind.YEAR: _("The enterprise can get %(room)s more this year; the cap of a year is %(cap)s."),
        LimitKind.INVESTMENT: _("The enterprise can get %(room)s: the share of its investment is limited."),
    }
    return texts[limit.kind] % {"room": money(limit.room_cny), "cap": money(limit.limit_cny)}
