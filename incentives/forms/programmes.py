"""What an official writes down about a programme."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.choices import DocumentKind
from incentives.models import Programme
from incentives.services import PUBLISHED_TERMS
from lib.formatting import number
from lib.forms import DateInput, MoneyField
from lib.text import validate_name

MONEY = ("rate_cny_per_tce", "cap_cny", "budget_cny")


class ProgrammeForm(forms.Form):
    """The terms of a programme in both languages."""

    use_required_attribute = False

    code = forms.RegexField(
        r"^[A-Z][A-Z0-9]{1,11}\Z",
        label=_("Code"),
        help_text=_("Two to twelve capital letters and digits, for example EMC. Application numbers begin with it."),
        error_messages={"invalid": _("Use two to twelve capital letters and digits, beginning with a letter.")},
        widget=forms.TextInput(attrs={"class": "input-short", "autocapitalize": "characters"}),
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=200, validators=[validate_name])
    title_zh = forms.CharField(
        label=_("Title in Chinese"),
        max_length=200,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"lang": "zh-Hans"}),
    )
    summary_en = forms.CharField(
        label=_("Summary in English"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    summary_zh = forms.CharField(
        label=_("Summary in Chinese"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "zh-Hans"}),
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("The document and article that enterprises and auditors can look up."),
        max_length=300,
        required=False,
    )
    opens_on = forms.DateField(label=_("Opens on"), widget=DateInput())
    closes_on = forms.DateField(
        label=_("Closes at the end of"), help_text=_("In the time zone of the park."), widget=DateInput()
    )
    rate_cny_per_tce = MoneyField(label=_("Rate for a tce saved"), min_value=Decimal("0.01"), max_digits=14)
    cap_cny = MoneyField(label=_("Cap for one enterprise"), min_value=Decimal("0.01"), max_digits=14)
    budget_cny = MoneyField(
        label=_("Budget"),
        help_text=_("What was approved counts against it. It cannot be set below that sum."),
        min_value=Decimal("0.01"),
        max_digits=14,
    )
    document_kinds = forms.MultipleChoiceField(
        label=_("Documents an application needs"),
        choices=DocumentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one document.")},
    )

    @classmethod
    def of(cls, programme: Programme) -> ProgrammeForm:
        terms = {name: getattr(programme, name) for name in PUBLISHED_TERMS}
        return cls(initial={**terms, **{name: number(terms[name], 2) for name in MONEY}})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens_on, closes_on = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.add_error("closes_on", _("A programme cannot close before it opens."))
        return cleaned

    @property
    def terms(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PUBLISHED_TERMS}
