from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib.text import count_seen, said

SHORTEST_REASON = 10


class SupportReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("What you were asked to look at, and by whom. The park reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reason(self) -> str:
        reason = said(self.cleaned_data["reason"])
        if count_seen(reason) < SHORTEST_REASON:
            words = _("Write at least %(least)s characters that can be read.")
            raise ValidationError(words, code="min_length", params={"least": SHORTEST_REASON})
        return reason
