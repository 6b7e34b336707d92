"""Below which head meter a meter hangs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from energy.models import OF_THIS_AGE, Meter
from energy.querysets import MeterQuerySet
from lib.forms import DateInput


class HeadMeterField(forms.CharField):
    """The serial number of a meter that the actor keeps; empty for none. `among` are those it may be."""

    def __init__(self, **options: Any) -> None:
        self.among: MeterQuerySet = Meter.objects.none()
        told = {
            "label": _("Serial number of the head meter"),
            "required": False,
            "max_length": 40,
            "widget": forms.TextInput(attrs={"class": "code", "autocomplete": "off"}),
        }
        super().__init__(**{**told, **options})

    def clean(self, value: Any) -> Meter | None:
        serial = str(super().clean(value)).strip()
        if not serial:
            return None
        # A number has one holder at a time; the one of now is meant, or the last one.
        found = self.among.filter(serial=serial).order_by("-starts_on").first()
        if found is None:
            raise forms.ValidationError(_("No meter with this serial number measures the same."), code="unknown_meter")
        return found


class PlaceForm(forms.Form):
    head = HeadMeterField(help_text=_("What passes this meter has passed that one before. Empty: it hangs below none."))
    starts_on = forms.DateField(
        label=_("From"),
        widget=DateInput(),
        validators=OF_THIS_AGE,
        help_text=_("What was said of this day and later is replaced."),
    )

    def __init__(self, *args: Any, among: MeterQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].among = among  # type: ignore[attr-defined]
