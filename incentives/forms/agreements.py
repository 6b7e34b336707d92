"""What either side sends of a signed agreement."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.forms import DateInput, FileDrop


class AgreementForm(forms.Form):
    use_required_attribute = False

    upload = forms.FileField(
        label=_("Signed agreement"),
        help_text=_("A PDF, PNG or JPEG with the signatures and stamps of both."),
        widget=FileDrop,
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DateInput())
