"""Reads of the payments of awards."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet, Sum

from incentives.choices import InstalmentState
from incentives.models import Application, Award, Clawback, Instalment
from parks.actors import Actor


def instalments(actor: Actor) -> QuerySet[Instalment]:
    rows = Instalment.objects.of_park(actor.park_id)
    return rows.select_related("award__application", "enterprise", "payment")


def instalments_seen_by(actor: Actor) -> QuerySet[Instalment]:
    """Those of the own enterprise for its people, every one of the park for officials."""
    rows = Instalment.objects.filter(award__application__in=Application.objects.visible_to(actor))
    return rows.select_related("payment")


def instalments_of(award: Award) -> list[Instalment]:
    """In their order, each with its payment where there is one."""
    return list(award.instalments.select_related("payment").order_by("place"))


def payment_sums(actor: Actor) -> dict[str, Decimal]:
    """What is in each state, in yuan."""
    rows = Instalment.objects.of_park(actor.park_id).order_by().values_list("state").annotate(total=Sum("amount_cny"))
    sums = dict(rows)
    return {state.value: sums.get(state.value, Decimal(0)) for state in InstalmentState}


def clawbacks(actor: Actor) -> QuerySet[Clawback]:
    return Clawback.objects.filter(award__in=Award.objects.of_park(actor.park_id)).select_related("award__application")
