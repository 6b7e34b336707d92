"""What an operator says of a park, and why one changes its status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lib.forms import QuantityInput, RadioCards
from lib.mail_addresses import AddressField
from lib.text import NamesForm, validate_words
from parks.choices import BoundaryType, Province
from parks.forms.changes import ChangesForm
from parks.models import PROFILE, Park

WORDS_OF_SLUG = _("Write small letters, digits and hyphens.")
YEARS = (MinValueValidator(1980), MaxValueValidator(2100))
GROUPS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Names"), ("name_en", "name_zh", "slug", "seal")),
    (_("Place"), ("province", "city_en", "city_zh", "latitude", "longitude", "area_km2")),
    (
        _("National programme"),
        ("level", "national_list_number", "boundary_type", "construction_start_year", "construction_end_year"),
    ),
    (_("Calendar and money"), ("time_zone", "currency")),
    (_("About the park"), ("description_en", "description_zh", "industries_en", "industries_zh")),
    (_("Contact"), ("contact_name", "contact_email", "contact_phone", "address_en", "address_zh")),
)


class ParkForm(NamesForm, ChangesForm):
    """The whole profile of a park. Its status and branding change elsewhere."""

    names = ("name_en", "name_zh", "contact_name")
    telephones = ("contact_phone",)
    field_order = [name for _title, names in GROUPS for name in names]

    construction_start_year = forms.IntegerField(
        label=_("Construction begins"),
        required=False,
        validators=YEARS,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
    )
    construction_end_year = forms.IntegerField(
        label=_("Construction ends"),
        required=False,
        validators=YEARS,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
    )

    class Meta:
        model = Park
        fields = PROFILE
        widgets = {
            "seal": forms.TextInput(attrs={"class": "input-short"}),
            "latitude": forms.TextInput(attrs={"class": "input-short", "inputmode": "decimal"}),
            "longitude": forms.TextInput(attrs={"class": "input-short", "inputmode": "decimal"}),
            "area_km2": QuantityInput("km²", attrs={"class": "input-short"}),
            "national_list_number": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "boundary_type": RadioCards(
                descriptions={
                    BoundaryType.WHOLE: _("The whole of the industrial park takes part."),
                    BoundaryType.PARK_IN_PARK: _("A part of it, with clear boundaries on four sides."),
                }
            ),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens. Stands in the address of the public page: /parks/…/"),
            "seal": _("One character that stands for the park beside its name. Empty: the first of the Chinese name."),
            "latitude": _("Degrees north, for example 31.42"),
            "longitude": _("Degrees east, for example 119.48"),
            "time_zone": _("Decides where a day of the park begins and ends."),
            "industries_en": _("The main ones, separated by commas."),
            "industries_zh": _("The main ones, separated by commas."),
        }
        error_messages = {
            "slug": {"unique": _("Another park has this address already."), "invalid": WORDS_OF_SLUG},
            "national_list_number": {"unique": _("Another park has this number already.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        province = self.fields["province"]
        if isinstance(province, forms.TypedChoiceField):
            province.choices = [("", _("Choose a province")), *Province.choices]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if "_" in slug:
            raise forms.ValidationError(WORDS_OF_SLUG, code="invalid")
        return slug

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        begins, ends = self.cleaned_data.get("construction_start_year"), self.cleaned_data.get("construction_end_year")
        if begins and ends and ends < begins:
            self.add_error("construction_end_year", _("Construction cannot end before it begins."))
        return cleaned

    def groups(self) -> Iterator[tuple[Promise, list[BoundField]]]:
        for title, names in GROUPS:
            yield title, [self[name] for name in names]


class StatusReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Shown to the people of the park and kept in its history."),
        validators=[validate_words],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class FirstAdministratorForm(forms.Form):
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The person gets an invitation that is valid for seven days, and then invites their colleagues."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
