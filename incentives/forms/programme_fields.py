"""The parts of a programme that say what its application form asks, and which documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from enterprises.models import Enterprise
from incentives.choices import IDENTIFIERS, FieldKind
from incentives.forms.programme_rules import FORMULA_ATTRIBUTES
from incentives.services import explain_condition
from incentives.services.facts import Fact
from incentives.services.form_fields import (
    LONGEST_LINE,
    MOST_DOCUMENT_RULES,
    MOST_FIELDS,
    MOST_OPTIONS,
    REGISTERED,
    explain_claim,
    explain_key,
)
from lib.rows import Row, Rows

BAR = "|"
CHINESE = {"lang": "zh-Hans"}


def registered_choices() -> list[tuple[str, Any]]:
    return [
        ("", "–"),
        *((name, getattr(Enterprise._meta.get_field(name), "verbose_name", name)) for name in REGISTERED),
    ]


def _line(label: Any, *, required: bool = True, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_LINE, required=required, **options)


def _condition() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Only if"),
        help_text=gettext_lazy("A condition as in the rules above; empty for always."),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs=FORMULA_ATTRIBUTES),
    )


class FieldRow(Row):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=FieldKind.choices)
    label_en = _line(gettext_lazy("Label in English"))
    label_zh = _line(gettext_lazy("Label in Chinese"), widget=forms.TextInput(attrs=CHINESE))
    is_required = forms.BooleanField(label=gettext_lazy("An answer is needed"), required=False, initial=True)
    hint_en = _line(gettext_lazy("Hint in English"), required=False)
    hint_zh = _line(gettext_lazy("Hint in Chinese"), required=False, widget=forms.TextInput(attrs=CHINESE))
    key = forms.CharField(
        label=gettext_lazy("Name in conditions"),
        help_text=gettext_lazy("For example roof_area; found for you if you leave it empty."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={**FORMULA_ATTRIBUTES, "class": "font-monospace input-short"}),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit of a number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-short"}),
    )
    options = forms.CharField(
        label=gettext_lazy("Options of a choice, columns of a table"),
        help_text=gettext_lazy("One a line: English | Chinese, for a column of numbers also | unit."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    fact = forms.ChoiceField(
        label=gettext_lazy("Taken from the registration"), choices=registered_choices, required=False
    )
    claim = forms.ChoiceField(
        label=gettext_lazy("Shows what is claimed twice"),
        help_text=gettext_lazy(
            "Such numbers are compared with those of all applications of the park; of a table, the first column."
        ),
        choices=[("", "–"), *((kind.value, kind.label) for kind in IDENTIFIERS)],
        required=False,
    )
    condition = _condition()

    SHOWN = ("kind", "label_en", "label_zh", "is_required")

    @property
    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SHOWN]

    @property
    def more(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.name not in self.SHOWN]

    @property
    def is_open(self) -> bool:
        """Whether something below the first line is wrong."""
        return any(bound.errors for bound in self.more)

    @property
    def told(self) -> str:
        """What is filled in below the first line, in few words."""
        lines = len(str(self["options"].value() or "").splitlines())
        options = ngettext("%(n)s option", "%(n)s options", lines) % {"n": lines} if lines else ""
        return " · ".join(
            str(part)
            for part in (self["key"].value(), self["unit"].value(), options, self["condition"].value())
            if part
        )

    def has_changed(self) -> bool:
        """A row in which only the kind stands is empty."""
        return any(self[name].value() for name in ("label_en", "label_zh", "hint_en", "key", "options", "condition"))

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        fault = explain_key(key) if key else ""
        if fault:
            raise forms.ValidationError(fault)
        return key

    def clean_options(self) -> list[dict[str, str]]:
        options = list(_options(self.cleaned_data["options"]))
        if len(options) > MOST_OPTIONS:
            raise forms.ValidationError(_("At most %(count)s lines.") % {"count": MOST_OPTIONS})
        return options

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind in {FieldKind.CHOICE, FieldKind.TABLE} and not cleaned.get("options") and "options" not in self.errors:
            self.add_error("options", _("Write at least one line."))
        if kind == FieldKind.REGISTERED and not cleaned.get("fact"):
            self.add_error("fact", _("Choose what it takes from the registration."))
        fault = explain_claim(kind or "", cleaned.get("claim", ""))
        if fault:
            self.add_error("claim", fault)
        return cleaned


class DocumentRow(Row):
    label_en = _line(gettext_lazy("Document in English"))
    label_zh = _line(gettext_lazy("Document in Chinese"), widget=forms.TextInput(attrs=CHINESE))
    condition = _condition()
    key = forms.RegexField(r"^d[0-9]{1,3}\Z", required=False, widget=forms.HiddenInput)

    def has_changed(self) -> bool:
        return any(self[name].value() for name in ("label_en", "label_zh", "condition"))


def _options(text: str) -> Iterator[dict[str, str]]:
    """A line without a bar says the same in both languages."""
    for line in filter(str.strip, text.splitlines()):
        parts = [part.strip() for part in line.replace("｜", BAR).split(BAR)]
        english, chinese, unit = (*parts, "", "")[:3]
        if not english and not chinese:
            raise forms.ValidationError(_("“%(line)s” says nothing.") % {"line": line.strip()})
        yield {"label_en": english or chinese, "label_zh": chinese or english, "unit": unit}


def _written(option: Mapping[str, str]) -> str:
    return f" {BAR} ".join(part for part in map(option.get, ("label_en", "label_zh", "unit")) if part)


def _lines(options: Iterable[Mapping[str, str]]) -> str:
    return "\n".join(map(_written, options))


def field_rows(typed: Any, terms: dict[str, Any]) -> Rows[FieldRow]:
    kept = [{**row, "options": _lines(row.get("options", []))} for row in terms.get("form_fields", [])]
    return Rows(FieldRow, "fields", typed, kept, MOST_FIELDS)


def document_rows(typed: Any, terms: dict[str, Any]) -> Rows[DocumentRow]:
    return Rows(DocumentRow, "papers", typed, terms.get("document_rules", []), MOST_DOCUMENT_RULES)


def fields_in(rows: Rows[FieldRow]) -> list[dict[str, Any]]:
    """As the terms keep them; a field without a name gets one that no other has."""
    given = [row.cleaned_data for row in rows.filled]
    return [_without_empty(row, "claim") for row in _with_keys(given, "q")]


def _without_empty(row: dict[str, Any], name: str) -> dict[str, Any]:
    """What was added to rows later is left out where it says nothing: older terms are then the same."""
    return {key: value for key, value in row.items() if key != name or value}


def documents_in(rows: Rows[DocumentRow]) -> list[dict[str, Any]]:
    return _with_keys([row.cleaned_data for row in rows.filled], "d")


def _with_keys(given: list[dict[str, Any]], letter: str) -> list[dict[str, Any]]:
    taken = {row["key"] for row in given}
    fresh = (f"{letter}{number}" for number in range(1, 1000) if f"{letter}{number}" not in taken)
    return [{**row, "key": row["key"] or next(fresh)} for row in given]


def explain_conditions(rows: Rows[Any], facts: Mapping[str, Fact]) -> None:
    """Say at each row what is wrong with its condition."""
    for row in rows.filled if rows.is_valid() else []:
        condition = row.cleaned_data["condition"]
        fault = explain_condition(condition, facts) if condition else ""
        if fault:
            row.add_error("condition", fault)
