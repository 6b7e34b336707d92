"""What a browser sends back of a form that it was shown."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm


def sent(form: BaseForm, **typed: Any) -> dict[str, Any]:
    """Every input as it was drawn, but for what was typed, and beside each the value it was drawn with."""
    drawn = {bound.name: bound.value() for bound in form}
    hidden = {bound.html_initial_name: bound.value() for bound in form if bound.field.show_hidden_initial}
    shown = {name: value for name, value in (drawn | typed).items() if value not in (None, False)}
    return shown | {name: "" if value is None else str(value) for name, value in hidden.items()}
