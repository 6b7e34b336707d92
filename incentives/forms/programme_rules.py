"""The part of a programme that says who and what it supports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.services import MOST_RULES, RULE_PARTS
from incentives.services.eligibility import LONGEST_TEXT
from lib.rows import Row, Rows

FORMULA_ATTRIBUTES = {"spellcheck": "false", "lang": "en", "class": "font-monospace", "autocapitalize": "off"}


class RuleRow(Row):
    text_en = forms.CharField(label=_("Rule in English"), max_length=LONGEST_TEXT)
    text_zh = forms.CharField(
        label=_("Rule in Chinese"), max_length=LONGEST_TEXT, widget=forms.TextInput(attrs={"lang": "zh-Hans"})
    )
    condition = forms.CharField(label=_("Condition"), max_length=500, widget=forms.TextInput(attrs=FORMULA_ATTRIBUTES))


def rule_rows(typed: Any, terms: dict[str, Any]) -> Rows[RuleRow]:
    return Rows(RuleRow, "rules", typed, terms.get("eligibility_rules", []), MOST_RULES)


def rules_in(rows: Rows[RuleRow]) -> list[dict[str, str]]:
    """As the terms keep them."""
    return [{part: row.cleaned_data[part] for part in RULE_PARTS} for row in rows.filled]
