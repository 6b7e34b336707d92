"""What somebody typed into a form that could not be saved, so that they can copy it."""

from __future__ import annotations

from django import template
from django.http import QueryDict
from django.utils.text import capfirst

from parks.audit_words import TABLES, column_word, places_of

register = template.Library()
# Not typed by anybody, or not to be shown again.
LEFT_OUT = ("csrfmiddlewaretoken", "password", "revision", "expected_", "next", "later")


@register.filter
def typed_text(posted: QueryDict) -> list[tuple[str, str]]:
    """Label and text of every answer of a posted form that is not empty."""
    answers = ((name, ", ".join(filter(None, posted.getlist(name)))) for name in posted)
    return [(_label(name), text) for name, text in answers if text and not name.startswith(LEFT_OUT)]


def _label(name: str) -> str:
    """The word of the field, whichever form it came from."""
    table = next((table for table in TABLES if name in places_of(table)), "")
    return capfirst(column_word(table, name)) if table else capfirst(name.replace("_", " "))
