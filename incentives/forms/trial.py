"""What an official makes up to try a programme."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseKind, LabelKind
from enterprises.models import Enterprise
from incentives.calculations import Granted
from incentives.forms.programme_money import tce_field
from lib.forms import DateInput, MoneyField

NOTHING = Decimal(0)
FACTS = ("kind", "registered_capital", "employees", "established_on", "industry_code", "is_key_energy_user")
NUMBERS = ("completed_on", "investment_cny", "saving_tce")


class TrialForm(forms.Form):
    """A made-up project of a made-up enterprise. Nothing is needed: what is left out the outcome calls missing."""

    use_required_attribute = False

    saving_tce = tce_field(_("Energy saved a year"), min_value=NOTHING, required=False)
    investment_cny = MoneyField(label=_("Project investment"), min_value=NOTHING, max_digits=14, required=False)
    completed_on = forms.DateField(label=_("Project completed on"), widget=DateInput(), required=False)
    granted_cny = MoneyField(
        label=_("Granted under this programme before"), min_value=NOTHING, max_digits=14, required=False
    )
    granted_year_cny = MoneyField(label=_("Of it in this year"), min_value=NOTHING, max_digits=14, required=False)
    kind = forms.ChoiceField(label=_("Type of the enterprise"), choices=EnterpriseKind.choices, required=False)
    registered_capital = MoneyField(label=_("Registered capital"), min_value=NOTHING, required=False)
    employees = forms.IntegerField(label=_("Employees"), min_value=0, required=False)
    established_on = forms.DateField(label=_("Established on"), widget=DateInput(), required=False)
    industry_code = forms.CharField(
        label=_("Industry code (GB/T 4754)"),
        max_length=6,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-short"}),
    )
    is_key_energy_user = forms.BooleanField(label=_("Key energy user"), required=False)
    labels = forms.MultipleChoiceField(
        label=_("Labels"), choices=LabelKind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    @property
    def enterprise(self) -> Enterprise:
        """Unsaved."""
        facts: dict[str, Any] = {name: self.cleaned_data[name] for name in FACTS}
        return Enterprise(**facts)

    @property
    def answers(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in NUMBERS}

    @property
    def granted(self) -> Granted:
        total, year = (self.cleaned_data[name] or NOTHING for name in ("granted_cny", "granted_year_cny"))
        return Granted(max(total, year), year)
