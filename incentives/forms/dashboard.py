"""What the dashboard is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.choices import ProgrammeStatus
from incentives.models import Programme
from incentives.queries.dashboard import Asked
from lib.formatting import localized

DRAFT = ProgrammeStatus.DRAFT


class DashboardForm(forms.Form):
    """A year and one programme or all; what makes no sense asks for the present year and all."""

    use_required_attribute = False

    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False, empty_value=None)
    programme = forms.TypedChoiceField(label=_("Programme"), coerce=UUID, required=False, empty_value=None)

    def __init__(self, given: Any, *, years: list[int], programmes: Iterable[Programme]) -> None:
        super().__init__(given, initial={"year": years[0]})
        self.years = years
        named = [(str(row.pk), f"{row.code} · {localized(row, 'title')}") for row in programmes if row.status != DRAFT]
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["programme"].choices = [("", _("All")), *named]  # type: ignore[attr-defined]

    def asked(self, zone: str) -> Asked:
        self.is_valid()
        chosen = self.cleaned_data
        return Asked(chosen.get("year") or self.years[0], zone, chosen.get("programme"))
