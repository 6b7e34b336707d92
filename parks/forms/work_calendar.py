from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.forms import DateInput
from parks.models import CalendarYear

DAY_OFF, WORKED = "off", "worked"


class CalendarDaysForm(forms.Form):
    """Days of one year."""

    kind = forms.ChoiceField(
        label=_("What they are"),
        choices=[(DAY_OFF, _("Days off")), (WORKED, _("Weekend days that are worked"))],
        widget=forms.RadioSelect,
        initial=DAY_OFF,
    )
    first = forms.DateField(label=_("First day"), widget=DateInput())
    last = forms.DateField(
        label=_("Last day"), required=False, widget=DateInput(), help_text=_("Empty for a single day.")
    )
    name_zh = forms.CharField(label=_("Occasion in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Occasion in English"), max_length=60)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("first", "last"):
            day: date | None = given.get(name)
            if day is not None and day.year != self.year:
                self.add_error(name, _("This day is not in %(year)s.") % {"year": self.year})
        return given


class CalendarYearForm(forms.ModelForm):
    class Meta:
        model = CalendarYear
        fields = ("source",)
        help_texts = {"source": _("Title and number of the State Council's notice.")}
