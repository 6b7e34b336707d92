"""The field for an industry code, with suggestions while one types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enterprises import industries

LONGEST_TYPED_CODE = 12


class IndustryInput(forms.TextInput):
    """A text field that suggests codes; the code's name stands below it. Without a script it is the plain field."""

    template_name = "enterprises/_industry_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"class": "input-short", "autocomplete": "off", "spellcheck": "false", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        code = str(value or "")
        known = industries.nearest(code) if code else None
        return {
            **super().get_context(name, value, attrs),
            "industry": known,
            "is_unknown": industries.is_known_shape(industries.normalised(code)) and not industries.industry_of(code),
            "suggestions_url": reverse("enterprises:industry_list"),
        }


class IndustryField(forms.CharField):
    """A code of GB/T 4754 as it is stored. Any that is written like one is taken, known here or not."""

    widget = IndustryInput
    default_error_messages = {
        "invalid": _("Write two to four digits, with or without the letter of the section, or choose one of the list.")
    }

    def __init__(self, **options: Any) -> None:
        given = {
            "label": _("Industry code (GB/T 4754)"),
            "help_text": _("Type the code or a word of the industry, in Chinese or English."),
            "max_length": LONGEST_TYPED_CODE,
            "required": False,
        }
        super().__init__(**{**given, **options})

    def to_python(self, value: Any) -> Any:
        written = super().to_python(value)
        return industries.normalised(written) if isinstance(written, str) else written

    def has_changed(self, initial: Any, data: Any) -> bool:
        """A code that was stored without its letter is the same code."""
        return super().has_changed(industries.normalised(initial) if initial else initial, data)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not industries.is_known_shape(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
