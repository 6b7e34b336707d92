"""What the administrator of a park writes about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from lib import formatting
from lib.forms import FileDrop
from lib.text import NamesForm
from parks import colours
from parks.forms.changes import ChangesForm
from parks.images import Picture, picture
from parks.models import Park
from parks.services.profile import OWN_PROFILE

LARGEST_LOGO_BYTES = 1024 * 1024
LOGO_SIDES = range(32, 4097)
MOST_ELONGATED = 8
# The page draws the sample for the colour in its address.
SAMPLE_WHILE_TYPING = {
    "hx-get": "",
    "hx-trigger": "input changed delay:300ms",
    "hx-target": "#accent-sample",
    "hx-select": "#accent-sample > *",
}


class ParkProfileForm(NamesForm, ChangesForm):
    """The fields that are the park's own; level, region, period, zone and currency are set by the operator."""

    names = ("name_en", "name_zh", "contact_name")

    class Meta:
        model = Park
        fields = OWN_PROFILE
        widgets = {
            "seal": forms.TextInput(attrs={"class": "input-short"}),
            "description_en": forms.Textarea(attrs={"rows": 5}),
            "description_zh": forms.Textarea(attrs={"rows": 5}),
            "latitude": forms.NumberInput(attrs={"class": "input-short", "step": "any"}),
            "longitude": forms.NumberInput(attrs={"class": "input-short", "step": "any"}),
            "area_km2": forms.NumberInput(attrs={"class": "input-short", "step": "any"}),
        }
        help_texts = {
            "seal": _("Stands for the park beside its name, for example 炬."),
            "industries_en": _("Separated by commas."),
            "industries_zh": _("Separated by commas."),
            "latitude": _("Degrees north, WGS 84."),
            "longitude": _("Degrees east, WGS 84."),
        }


class BrandingForm(forms.Form):
    accent = forms.CharField(
        label=_("Accent colour"),
        max_length=7,
        help_text=_("Links, buttons and what is selected. Dark enough to be read on white: # and six digits."),
        widget=forms.TextInput(attrs={"class": "input-short", "spellcheck": "false", **SAMPLE_WHILE_TYPING}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG or JPEG, at most 1 MB. Shown on the public page of the park."),
        widget=FileDrop(attrs={"accept": "image/png,image/jpeg"}),
    )
    without_logo = forms.BooleanField(label=_("Remove the present logo"), required=False)

    def __init__(self, *args: Any, has_logo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_logo:
            del self.fields["without_logo"]

    def clean_accent(self) -> str:
        accent = str(self.cleaned_data["accent"]).strip().lower()
        if not colours.HEX.fullmatch(accent):
            raise ValidationError(_("Write the colour as # and six digits, for example #0b5e59."))
        if not colours.is_readable(accent):
            raise ValidationError(
                _(
                    "This colour is too light: as text or under white text its contrast is %(contrast)s : 1, and "
                    "%(least)s : 1 is needed. The nearest darker shade that can be read is %(shade)s."
                ),
                params={
                    "contrast": formatting.number(colours.least_contrast(accent), 1),
                    "least": formatting.number(colours.LEAST_CONTRAST, 1),
                    "shade": colours.readable_shade(accent),
                },
            )
        return accent

    def clean_logo(self) -> Picture | None:
        uploaded: UploadedFile | None = self.cleaned_data["logo"]
        if not uploaded:
            return None
        if (uploaded.size or 0) > LARGEST_LOGO_BYTES:
            raise ValidationError(_("This file is larger than 1 MB. Choose a smaller one."))
        found = picture(uploaded.read())
        if found is None:
            raise ValidationError(_("This is neither a PNG nor a JPEG picture."))
        _check_measures(found)
        return found


def _check_measures(found: Picture) -> None:
    short, long = sorted((found.width, found.height))
    if short not in LOGO_SIDES or long not in LOGO_SIDES:
        raise ValidationError(
            _("The picture is %(width)s × %(height)s pixels. Each side must have between 32 and 4,096.")
            % {"width": found.width, "height": found.height}
        )
    if long > MOST_ELONGATED * short:
        raise ValidationError(_("The picture is too elongated for a logo: at most eight times as long as it is wide."))
