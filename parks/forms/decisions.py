"""What an official writes when deciding about what somebody filed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from lib.text import validate_words


def text_field(
    label: Any, help_text: Any = "", *, rows: int = 3, required: bool = True, longest: int = 4000
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    told: dict[str, Any] = {"label": label, "help_text": help_text, "required": required, "max_length": longest}
    return forms.CharField(**told, widget=widget, validators=[validate_words] if required else [])


class DecisionForm(forms.Form):
    """One of several acts on a page, hence the ids. `expected_round` is the round that the official had read."""

    use_required_attribute = False
    act = ""

    expected_round = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, auto_id=f"id_{self.act}_%s", **kwargs)


class RemarksForm(DecisionForm):
    """Gives back what was filed, with words to single parts of it.

    `remarked`: what can be remarked on, name to label; each is drawn beside what it is about.
    """

    act = "return"
    prefix_of_remarks = ""
    placeholder: Any = ""
    longest_remark = 1000
    nothing_said: Any = ""

    def __init__(self, typed: QueryDict | None = None, *, remarked: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        for name, label in remarked.items():
            field = text_field(label, required=False, rows=1, longest=self.longest_remark)
            field.widget.attrs |= {"form": "return-form", "placeholder": self.placeholder}
            self.fields[f"{self.prefix_of_remarks}{name}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.remarks:
            self.add_error(None, self.nothing_said)
        return cleaned

    @property
    def remarks(self) -> dict[str, str]:
        """What is to be corrected, by the name of the part."""
        start = self.prefix_of_remarks
        written = ((name, self.cleaned_data.get(name, "")) for name in self.fields if name.startswith(start))
        return {name.removeprefix(start): text for name, text in written if text}
