"""A kind of message in the words of a park."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.messages import MessageKind
from parks.services.wording import TEXTS, check_wording


def _subject(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=150)


def _text(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))


class WordingForm(forms.Form):
    """`expected`: the version that the writer saw, 0 for the portal's own words."""

    subject_zh = _subject(_("Subject in Chinese"))
    text_zh = _text(_("Text in Chinese"))
    subject_en = _subject(_("Subject in English"))
    text_en = _text(_("Text in English"))
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, kind: MessageKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if all(given.get(name) for name in TEXTS):
            for refusal in check_wording(self.kind, self.texts):
                self.add_error(refusal.field, refusal.message)
        return given

    @property
    def texts(self) -> dict[str, str]:
        """As they are kept: a subject of one line, lines that end in one way."""
        kept = {name: str(self.cleaned_data.get(name, "")).replace("\r\n", "\n") for name in TEXTS}
        return {name: " ".join(text.split()) if name.startswith("subject") else text for name, text in kept.items()}
