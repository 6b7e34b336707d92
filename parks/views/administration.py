"""The park as its own people see and describe it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lib import formatting
from parks import colours, services
from parks.access import acting
from parks.forms.profile import BrandingForm, ParkProfileForm
from parks.models import Park
from parks.permissions import can_edit_profile, is_official
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

SECTIONS = (
    (gettext_lazy("Names"), ("name_en", "name_zh", "seal")),
    (
        gettext_lazy("Description"),
        ("description_en", "description_zh", "industries_en", "industries_zh"),
    ),
    (gettext_lazy("Place"), ("city_en", "city_zh", "latitude", "longitude", "area_km2")),
    (
        gettext_lazy("Contact"),
        ("contact_name", "contact_email", "contact_phone", "address_en", "address_zh"),
    ),
)
SET_BY_OPERATOR = (
    "slug",
    "level",
    "province",
    "boundary_type",
    "construction_start_year",
    "construction_end_year",
    "national_list_number",
    "time_zone",
    "currency",
)


@acting(is_official)
@require_safe
def park_profile(request: ActingRequest) -> HttpResponse:
    park: Park = request.park
    context = {
        "park": park,
        "can_edit": can_edit_profile(request.actor) and not request.actor.is_read_only,
        "sections": [{"title": title, "rows": _rows(park, names)} for title, names in SECTIONS],
        "operator_rows": _rows(park, SET_BY_OPERATOR),
    }
    return render(request, "parks/park_profile.html", context)


def _rows(park: Park, names: Sequence[str]) -> list[dict[str, Any]]:
    """Fields of the park with their labels, as summary_list.html draws them; choices by their words."""
    fields = {field.name: field for field in park._meta.concrete_fields}
    return [{"label": capfirst(str(fields[name].verbose_name)), "value": _shown(park, name)} for name in names]


def _shown(park: Park, name: str) -> Any:
    words = getattr(park, f"get_{name}_display", None)
    value = words() if words else getattr(park, name)
    return formatting.number(value.normalize()) if isinstance(value, Decimal) else value


@acting(can_edit_profile)
def park_profile_edit(request: ActingRequest) -> HttpResponse:
    # A copy of its own: a form that is not saved must not change the park in the frame of the page.
    park = Park.objects.get(pk=request.park.pk)
    form = ParkProfileForm(request.POST or None, instance=park)
    if form.is_valid() and attempt(form, partial(services.change_profile, park.pk, form.changes)):
        messages.success(request, _("The profile is saved."))
        return redirect("parks:park_profile")
    return form_page(request, "parks/park_profile_edit.html", form)


@acting(can_edit_profile)
def park_branding(request: ActingRequest) -> HttpResponse:
    park: Park = request.park
    form = BrandingForm(
        request.POST or None, request.FILES or None, has_logo=bool(park.logo), initial={"accent": park.accent}
    )
    if form.is_valid():
        services.change_branding(park.pk, **form.cleaned_data)
        messages.success(request, _("Colour and logo are saved."))
        return redirect("parks:park_profile")
    accent = str(form["accent"].value() or "") if form.is_bound else request.GET.get("accent", park.accent)
    return form_page(request, "parks/park_branding.html", form, sample=_sample(accent))


def _sample(accent: str) -> dict[str, Any] | None:
    """How the colour would look in both themes; None for what is no colour."""
    colour = accent.strip().lower()
    if not colours.HEX.fullmatch(colour):
        return None
    return {
        "themes": [
            {"name": _("Light"), "ground": colours.LIGHT_SURFACE, "palette": colours.light_palette(colour)},
            {"name": _("Dark"), "ground": colours.DARK_SURFACE, "palette": colours.dark_palette(colour)},
        ],
        "contrast": colours.least_contrast(colour),
        "least": colours.LEAST_CONTRAST,
        "is_readable": colours.is_readable(colour),
    }
