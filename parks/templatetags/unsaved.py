"""What somebody typed into a form that could not be saved, so that they can copy it."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parks.audit_words import TABLES, column_word, places_of

register = template.Library()
# Not typed by anybody, or not to be shown again.
LEFT_OUT = ("csrfmiddlewaretoken", "password", "revision", "expected_", "next", "later")
# A tariff, a meter and a fee each call these otherwise.
DAYS = {"starts_on": _("First day"), "ends_on": _("Last day")}


@register.filter
def typed_text(request: HttpRequest) -> list[tuple[str, str]]:
    """Label and text of every answer of the posted form that is not empty."""
    app = request.resolver_match.app_name if request.resolver_match else ""
    posted = request.POST
    answers = ((name, ", ".join(filter(None, posted.getlist(name)))) for name in posted)
    return [(_label(name, app), text) for name, text in answers if text and not name.startswith(LEFT_OUT)]


def _label(name: str, app: str) -> str:
    """The word of the field: that of the app whose form it was, where it has one, else the first that anybody has."""
    tables = [table for table in TABLES if name in places_of(table)]
    own = [table for table in tables if table.startswith(f"{app}_")]
    words = list(dict.fromkeys(column_word(table, name) for table in own or tables))
    if name in DAYS and len(words) != 1:
        return str(DAYS[name])
    return capfirst(words[0]) if words else capfirst(name.replace("_", " "))
