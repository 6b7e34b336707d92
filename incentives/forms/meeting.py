"""What a meeting chooses, and what it decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
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


class WhatIfForm(forms.Form):
    """By what the list is ranked, and how far a budget would reach."""

    order = forms.ChoiceField(label=_("Ranked by"), choices=[(order.value, label) for order, label in ORDERS.items()])
    budget = MoneyField(
        label=_("If the budget were"),
        help_text=_("Only to see how far it would reach; nothing is changed."),
        required=False,
        min_value=Decimal(0),
        max_digits=14,
    )


class BatchForm(forms.Form):
    """One amount and one round for each chosen application; the words are the same for all."""

    use_required_attribute = False

    act = forms.ChoiceField(choices=[(APPROVE, APPROVE), (DECLINE, DECLINE)], widget=forms.HiddenInput)
    words = text_field(
        _("Message to the enterprises"),
        _("The reason of a decline, or why less is granted than requested. Each of them reads it."),
        required=False,
    )

    def __init__(self, *args: Any, applications: Sequence[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applications = applications
        for application in applications:
            self.fields[f"round_{application.pk}"] = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
            self.fields[f"amount_{application.pk}"] = MoneyField(
                label=_("Amount for %(number)s") % {"number": application.number},
                min_value=Decimal("0.01"),
                max_digits=14,
            )

    @property
    def verdicts(self) -> list[Verdict]:
        given = self.cleaned_data
        declines = given["act"] == DECLINE
        return [
            Verdict(
                application,
                expected_round=given[f"round_{application.pk}"],
                amount_cny=None if declines else given[f"amount_{application.pk}"],
                words=given["words"],
            )
            for application in self.applications
        ]

    def again(self) -> list[tuple[str, str]]:
        """What was chosen, to be sent once more when it is confirmed."""
        values = [(f"round_{row.pk}", self[f"round_{row.pk}"].value()) for row in self.applications]
        values += [(f"amount_{row.pk}", self[f"amount_{row.pk}"].value()) for row in self.applications]
        return [("act", self["act"].value()), *(("chosen", str(row.pk)) for row in self.applications), *values]


def chosen_keys(values: Sequence[str]) -> list[UUID]:
    """The keys among what was sent; what is none is left out."""
    return list(dict.fromkeys(key for key in map(_key, values) if key is not None))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def shown_amount(amount: Decimal) -> str:
    return number(amount, 2)
