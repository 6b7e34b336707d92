"""What the columns of a feed's tables mean, and what its files call the channels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from energy.choices import FeedFormat
from energy.models import Feed

LONGEST_HEADING = 100
MOST_NAMES = 500
LABELS = {
    "meter": _("Column of the meter"),
    "code": _("Column of the channel's code"),
    "time": _("Column of the time"),
    "day": _("Column of the day"),
    "value": _("Column of the value"),
    "unit": _("Column of the unit"),
}
COLUMNS = {
    FeedFormat.LONG_TABLE: ("meter", "code", "time", "value", "unit"),
    FeedFormat.WIDE_TABLE: ("meter", "code", "day", "unit"),
}


class ColumnsForm(forms.Form):
    """Everything empty: headings are recognised, and files call channels by serial number and code."""

    def __init__(self, *args: Any, feed: Feed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = feed
        self.columns = COLUMNS.get(FeedFormat(feed.format), ())
        for meaning in self.columns:
            self.fields[meaning] = forms.CharField(label=LABELS[meaning], required=False, max_length=LONGEST_HEADING)
            self.initial.setdefault(meaning, feed.mapping.get(meaning, ""))
        if self.columns or feed.format == FeedFormat.PUSHED:
            self._ask("stamp", _("A time is"), [("", _("the beginning of an interval")), ("end", _("its end"))])
        if self.columns:
            ways = [("", _("as the file has it")), (".", _("a point")), (",", _("a comma"))]
            self._ask("decimal", _("Before the fraction of a number stands"), ways)
        names = feed.mapping.get("names", {})
        self.fields["names"] = forms.CharField(
            label=pgettext_lazy("of channels in files", "Other names"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text=_("A line for each: the name in the files = serial number/code."),
        )
        self.initial.setdefault("names", "\n".join(f"{name} = {target}" for name, target in names.items()))

    def _ask(self, name: str, label: Any, choices: list[tuple[str, Any]]) -> None:
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.initial.setdefault(name, self.feed.mapping.get(name, ""))

    def clean_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["names"].splitlines(), 1):
            name, _sign, target = (part.strip() for part in line.rpartition("="))
            if not line.strip():
                continue
            if not name or not target or len(name) > LONGEST_HEADING or len(target) > LONGEST_HEADING:
                told = _now("Line %(number)s: write the name in the files, “=”, and serial number/code.")
                raise ValidationError(told % {"number": number}, code="names")
            names[name] = target
        if len(names) > MOST_NAMES:
            raise ValidationError(_now("Enter at most %(number)s names.") % {"number": MOST_NAMES}, code="too_many")
        return names

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for meaning in self.columns:
            heading = cleaned.get(meaning)
            if heading and heading in seen:
                self.add_error(meaning, _now("This column has another meaning already."))
            elif heading:
                seen[heading] = meaning
        return cleaned

    @property
    def mapping(self) -> dict[str, Any]:
        """As the feed keeps it: without what is empty."""
        return {name: value for name, value in self.cleaned_data.items() if value}
