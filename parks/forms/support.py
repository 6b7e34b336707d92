from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SupportReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        help_text=_("What you were asked to look at, and by whom. The park reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
