"""What an administrator writes to change the budget of a year."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import FIRST_YEAR, LAST_YEAR
from lib.forms import MoneyField
from parks.forms.decisions import text_field


def _year_field(label: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "input-short"})
    return forms.IntegerField(label=label, min_value=FIRST_YEAR, max_value=LAST_YEAR, widget=widget, localize=False)


class BudgetForm(forms.Form):
    """`expected_changes` goes out with the page and comes back, so that sending it twice acts once."""

    use_required_attribute = False

    expected_changes = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AppropriationForm(BudgetForm):
    year = _year_field(_("Budget year"))
    amount_cny = MoneyField(
        label=_("Amount"),
        help_text=_("With a minus, as in -500,000, to take back what is free."),
        max_digits=14,
    )
    reason = text_field(_("Reason"), _("The decision it rests on; auditors read it."), longest=1000)


class MoveForm(BudgetForm):
    from_year = _year_field(_("From year"))
    to_year = _year_field(_("To year"))
    amount_cny = MoneyField(label=_("Amount"), max_digits=14)
    reason = text_field(_("Reason"), _("The decision it rests on; auditors read it."), longest=1000)
