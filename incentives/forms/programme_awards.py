"""The part of a programme that says what follows an approval: public notice, payments, interest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import MOST_NOTICE_DAYS
from lib.formatting import number
from lib.forms import MoneyField, QuantityInput
from lib.rows import Row, Rows

MOST_PAYMENTS = 12
PAYMENT_PARTS = ("percent", "condition_en", "condition_zh")


class PaymentRow(Row):
    percent = MoneyField(
        label=_("Share"), widget=QuantityInput("%"), min_value=Decimal("0.01"), max_value=100, max_digits=5
    )
    condition_en = forms.CharField(label=_("Condition in English"), max_length=300)
    condition_zh = forms.CharField(
        label=_("Condition in Chinese"), max_length=300, widget=forms.TextInput(attrs={"lang": "zh-Hans"})
    )


class AwardTermsForm(forms.Form):
    """What is left empty asks for nothing: no notice, one payment, no interest."""

    notice_working_days = forms.IntegerField(
        label=_("Working days of public notice"),
        help_text=_("Before an award stands anybody may object. 0 for no notice."),
        min_value=0,
        max_value=MOST_NOTICE_DAYS,
        required=False,
        widget=forms.NumberInput(attrs={"class": "input-short"}),
    )
    is_agreement_asked = forms.BooleanField(
        label=_("A signed agreement is asked for before the first payment"), required=False
    )
    interest_percent = MoneyField(
        label=_("Interest on money that is claimed back"),
        help_text=_("A year, counted by days of 365 from the payment on."),
        widget=QuantityInput("%"),
        min_value=0,
        max_value=36,
        max_digits=5,
        required=False,
    )

    def clean_notice_working_days(self) -> int:
        return self.cleaned_data["notice_working_days"] or 0

    def clean_interest_percent(self) -> Decimal:
        return self.cleaned_data["interest_percent"] or Decimal(0)

    @staticmethod
    def payment_rows(typed: Any, terms: dict[str, Any]) -> Rows[PaymentRow]:
        kept = [{**row, "percent": number(Decimal(row["percent"]))} for row in terms.get("payment_plan", [])]
        return Rows(PaymentRow, "payments", typed, kept, MOST_PAYMENTS)


def plan_of(rows: Rows[PaymentRow]) -> list[dict[str, str]]:
    """As the terms keep it, in the order of the payments."""
    return [{part: str(row.cleaned_data[part]) for part in PAYMENT_PARTS} for row in rows.filled]
