"""What an official says of two applications that seem to claim the same."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.choices import DuplicateVerdict
from parks.forms.decisions import text_field


class DuplicateForm(forms.Form):
    """`seen` tells the evidence that the page showed, `seen_others` the further pairs; others: how many those are."""

    use_required_attribute = False

    verdict = forms.ChoiceField(
        label=_("Is it the same?"),
        choices=[
            (DuplicateVerdict.DIFFERENT.value, _("Not the same: both can be granted")),
            (DuplicateVerdict.SAME.value, _("The same: only one of the two can be granted")),
        ],
        widget=forms.RadioSelect,
    )
    reason = text_field(_("Reason"), _("What was compared and found. It stays in the file and cannot be changed."))
    for_all = forms.BooleanField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen_others = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count_others(others)

    def count_others(self, others: int) -> None:
        if others and "for_all" in self.fields:
            words = _("Further pairs that share nothing but this, and are not the same either: %(count)s")
            self.fields["for_all"].label = words % {"count": others}
        else:
            self.fields.pop("for_all", None)
