"""What a meeting chooses, and what it decides about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incentives.models import Application
from incentives.queries import Order
from incentives.services import Verdict
from lib.formatting import number
from lib.forms import MoneyField
from parks.forms.decisions import text_field

ORDERS = {
    Order.SCORE: _("Score of the expert panel"),
    Order.YIELD: _("Yuan for a tce saved"),
    Order.SUBMITTED: _("Order of submission"),
}
APPROVE, DECLINE = "approve", "decline"
LONGEST_ROUND = 4


class WhatIfForm(forms.Form):
    """By what the list is ranked, and how far a budget would reach."""

    use_required_attribute = False

    order = forms.ChoiceField(label=_("Ranked by"), choices=[(order.value, label) for order, label in ORDERS.items()])
    budget = MoneyField(
        label=_("If the budget were"),
        help_text=_("Only to see how far it would reach; nothing is changed."),
        required=False,
        min_value=Decimal(0),
        max_digits=14,
    )

    def chosen(self, left_cny: Decimal) -> tuple[Order, Decimal]:
        """Without a budget it is what is left."""
        budget = self.cleaned_data["budget"]
        return Order(self.cleaned_data["order"]), left_cny if budget is None else budget


class BatchForm(forms.Form):
    """One amount for each chosen application, as it was proposed until somebody changes it; one wording for all.

    chosen: the round in which each of the applications was read, by its key.
    """

    use_required_attribute = False

    act = forms.ChoiceField(choices=[(APPROVE, APPROVE), (DECLINE, DECLINE)], widget=forms.HiddenInput)
    words = text_field(
        _("Message to the enterprises"),
        _("The reason of a decline, or why less is granted than requested. Each of them reads it."),
        required=False,
    )

    def __init__(self, typed: QueryDict, *, applications: Sequence[Application], chosen: Mapping[UUID, int]) -> None:
        known = typed.copy()
        self.applications, self.chosen = applications, chosen
        self.is_approval = typed.get("act") != DECLINE
        for row in applications if self.is_approval else ():
            known.setdefault(amount_field(row), shown_amount(row.amount_cny))  # type: ignore[attr-defined]
        super().__init__(known)
        for row in applications if self.is_approval else ():
            self.fields[amount_field(row)] = MoneyField(
                label=_("Amount for %(number)s") % {"number": row.number},
                min_value=Decimal("0.01"),
                max_digits=14,
            )

    @property
    def verdicts(self) -> list[Verdict]:
        given = self.cleaned_data
        return [
            Verdict(
                application,
                expected_round=self.chosen[application.pk],
                amount_cny=given[amount_field(application)] if self.is_approval else None,
                words=given["words"],
            )
            for application in self.applications
        ]

    def again(self) -> list[tuple[str, str]]:
        """What was chosen, to be sent once more when it is confirmed; the amounts stand in the page."""
        return [("act", self["act"].value()), *(("chosen", f"{key}:{read}") for key, read in self.chosen.items())]


def amount_field(application: Application) -> str:
    return f"amount_{application.pk}"


def chosen_rounds(values: Sequence[str]) -> dict[UUID, int]:
    """The rounds that were read, by the keys of what was chosen: `key:round`; what is none is left out.

    >>> chosen_rounds(["0198c5b0-0000-7000-8000-000000000001:2", "0198c5b0-0000-7000-8000-000000000001", "x:1"])
    {UUID('0198c5b0-0000-7000-8000-000000000001'): 2}
    """
    return dict(found for found in map(_chosen, values) if found is not None)


def _chosen(text: str) -> tuple[UUID, int] | None:
    key, _colon, read = text.partition(":")
    is_round = read.isascii() and read.isdecimal() and len(read) <= LONGEST_ROUND
    try:
        return (UUID(key), int(read)) if is_round else None
    except ValueError:
        return None


def shown_amount(amount: Decimal) -> str:
    return number(amount, 2)
