"""Lists to choose from, drawn without the template engine: provinces, industries and filters have many options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def drawn(widget: Mapping[str, Any]) -> SafeString:
    """The `<select>` of the context that Django's widget makes."""
    attributes = {name: value for name, value in widget["attrs"].items() if name != "class"}
    css = " ".join(filter(None, ("form-select", widget["attrs"].get("class"))))
    groups = format_html_join("", "{}", ((_group(name, options),) for name, options, _index in widget["optgroups"]))
    opening = '<select name="{}" class="{}"{}>{}\n</select>'
    return format_html(opening, widget["name"], css, _attributes(attributes), groups)


def _group(name: Any, options: Iterable[Mapping[str, Any]]) -> SafeString:
    lines = format_html_join("", '\n  <option value="{}"{}>{}</option>', map(_option, options))
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, lines) if name else lines


def _option(option: Mapping[str, Any]) -> tuple[str, SafeString, Any]:
    return str(option["value"]), _attributes(option["attrs"]), option["label"]


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """As Django's templates write them: True is the name alone, False nothing."""
    written = ((name, SafeString("") if value is True else _value(value)) for name, value in attributes.items())
    return format_html_join("", " {}{}", (pair for pair in written if pair[1] is not None))


def _value(value: Any) -> SafeString | None:
    return None if value is False else format_html('="{}"', str(value))
