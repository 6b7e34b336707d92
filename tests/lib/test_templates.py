"""What holds for the text of every template."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"
# The value of an attribute holds no quotation mark but within the tags of the template.
ATTRIBUTE = re.compile(r'\s[\w:@.-]+="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)"')
MARKUP = re.compile(r"\|(?:local_day|local_time|money|money_short|number|quantity|percent|unit)\b(?!:?\S*\|striptags)")


def marked_up_attributes(text):
    return [found.group(0).strip() for found in ATTRIBUTE.finditer(text) if MARKUP.search(found.group(1))]


def test_no_template_puts_markup_into_an_attribute():
    found = {str(path): marked_up_attributes(path.read_text(encoding="utf-8")) for path in TEMPLATES.rglob("*.html")}
    assert found
    assert {path: attributes for path, attributes in found.items() if attributes} == {}


def test_markup_in_an_attribute_is_found():
    text = (
        '<form data-title="{% blocktranslate with day=entry.day|local_day %}Remove {{ day }}?{% endblocktranslate %}">'
    )
    assert len(marked_up_attributes(text)) == 1
    assert marked_up_attributes(text.replace("local_day", "local_day|striptags")) == []
