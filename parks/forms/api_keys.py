from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.text import validate_person_name

LONGEST_DAYS = 365


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        validators=[validate_person_name],
        help_text=_("What uses this key, for example “Energy management system, hall 2”."),
    )
    days = forms.IntegerField(
        label=_("Valid for (days)"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
        help_text=_("From 1 to 365. A key that has expired cannot be extended: make a new one."),
        widget=forms.NumberInput(attrs={"class": "input-short"}),
    )

    is_for_sending = forms.BooleanField(
        label=_("Only to send readings"),
        required=False,
        help_text=_("For gateways: the key sends readings, follows what becomes of them, and can do nothing else."),
    )

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
