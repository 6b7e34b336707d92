"""The part of a programme that says when else it takes applications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.forms import DateInput
from lib.rows import Row, Rows

MOST_WINDOWS = 12


class WindowRow(Row):
    opens_on = forms.DateField(label=gettext_lazy("Opens on"), widget=DateInput())
    closes_on = forms.DateField(label=gettext_lazy("Closes at the end of"), widget=DateInput())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens_on, closes_on = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.add_error("closes_on", _("A window cannot close before it opens."))
        return cleaned


def window_rows(typed: Any, terms: dict[str, Any]) -> Rows[WindowRow]:
    return Rows(WindowRow, "windows", typed, terms.get("further_windows", []), MOST_WINDOWS)


def windows_in(rows: Rows[WindowRow]) -> list[dict[str, str]]:
    """As the terms keep them, in order."""
    given = sorted((row.cleaned_data["opens_on"], row.cleaned_data["closes_on"]) for row in rows.filled)
    return [{"opens_on": opens_on.isoformat(), "closes_on": closes_on.isoformat()} for opens_on, closes_on in given]
