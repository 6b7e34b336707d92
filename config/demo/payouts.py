"""What became of the demo's approvals: one award paid in part, one on public notice with an objection."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo.papers import paper
from incentives import services as incentives
from incentives.models import Award, Instalment, NoticeLine
from lib.periods import local_day
from parks.actors import Actor
from parks.choices import Role
from parks.models import Park
from tenancy.scopes import Author, Kind, Scope, open_scope, park_scope

PARK = "xiamen-torch"
WORKER = Author(name="ParkZero")
TERMS: dict[str, Any] = {
    "notice_working_days": 5,
    "interest_percent": Decimal("3.45"),
    "is_agreement_asked": True,
    "payment_plan": [
        {
            "percent": "60",
            "condition_en": "The award stands and the agreement is signed",
            "condition_zh": "奖励生效并签订协议",
        },
        {
            "percent": "40",
            "condition_en": "A year of metered savings reaches 90 % of what was verified",
            "condition_zh": "计量年节能量达到核定值的90%",
        },
    ],
}


def seed_payouts(park: Park, staff: dict[Role, Actor], now: datetime) -> None:
    """The earliest award is through its notice and paid in part, the later ones are on notice since yesterday."""
    administrator = staff[Role.PARK_ADMINISTRATOR]
    with open_scope(administrator.scope):
        first, *later = Award.objects.select_related("application").order_by("opened_at")
        notice = incentives.publish_notice(administrator, [first], now=first.opened_at + timedelta(days=1))
    with park_scope(park.pk, WORKER):
        incentives.settle_notices(notice.ends_at + timedelta(minutes=5))
    _pay_first(park, staff[Role.FINANCE_OFFICER], first, now - timedelta(days=6))
    if later:
        with open_scope(administrator.scope):
            incentives.publish_notice(administrator, later, now=now - timedelta(days=1))
        _object(park, later[0], now - timedelta(hours=5))


def _pay_first(park: Park, officer: Actor, award: Award, now: datetime) -> None:
    with open_scope(officer.scope):
        signed_on = local_day(now, park.time_zone)
        agreement = paper("agreement.pdf", ["Agreement on the award", f"Amount: {award.amount_cny} yuan"])
        incentives.attach_agreement(officer, award, upload=agreement, signed_on=signed_on, now=now)
        instalment = Instalment.objects.select_related("award__application", "park").get(award=award, place=1)
        evidence = "Agreement of the park with the enterprise, signed and stamped by both."
        incentives.confirm_condition(officer, instalment, evidence=evidence, now=now)
        incentives.record_payment(
            officer,
            instalment,
            amount_cny=instalment.amount_cny,
            paid_on=local_day(now, park.time_zone),
            reference=f"XMGK-{now.year}-004417",
            now=now,
        )


def _object(park: Park, award: Award, now: datetime) -> None:
    with open_scope(Scope(Kind.PUBLIC, park.pk, author=Author(name="ParkZero demo"))):
        line = NoticeLine.objects.select_related("notice").get(award_id=award.pk)
        incentives.file_objection(
            line,
            name="Guo Liang",
            contact="139 0000 0000",
            text="The vacuum pumps named in the project were already in use in another workshop in 2023.",
            sender="demo",
            now=now,
        )
