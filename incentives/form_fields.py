"""The fields that a programme adds to its application form, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import FieldKind
from lib.formatting import speaks_chinese

PREFIX = "answer_"
NUMBERS = frozenset({FieldKind.NUMBER, FieldKind.MONEY})


@dataclass(frozen=True, slots=True)
class Option:
    """A choice, or a column of a table; a column with a unit holds numbers."""

    label_en: str
    label_zh: str
    unit: str = ""

    @property
    def label(self) -> str:
        return self.label_zh if speaks_chinese() else self.label_en


@dataclass(frozen=True, slots=True)
class FormField:
    """One field, or the heading that begins a section. `condition` empty: always asked. `fact`: what it is filled from.

    `key` names it in conditions and in what is stored. `claim`, a `ClaimKind`: what the answer identifies, so that it
    is compared with those of all other applications of the park.
    """

    key: str
    kind: FieldKind
    label_en: str
    label_zh: str
    hint_en: str = ""
    hint_zh: str = ""
    unit: str = ""
    options: tuple[Option, ...] = ()
    is_required: bool = True
    condition: str = ""
    fact: str = ""
    claim: str = ""

    @property
    def name(self) -> str:
        """As a field of the application, in what is missing and in a reviewer's comments."""
        return f"{PREFIX}{self.key}"

    @property
    def label(self) -> str:
        return self.label_zh if speaks_chinese() else self.label_en

    @property
    def hint(self) -> str:
        return (self.hint_zh or self.hint_en) if speaks_chinese() else (self.hint_en or self.hint_zh)

    @property
    def is_heading(self) -> bool:
        return self.kind == FieldKind.SECTION

    @property
    def is_typed(self) -> bool:
        """Whether somebody fills it in."""
        return self.kind not in {FieldKind.SECTION, FieldKind.REGISTERED}


@dataclass(frozen=True, slots=True)
class FormSection:
    number: int
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A document of a programme's own. `key` is its kind; `condition` empty: always needed."""

    key: str
    label_en: str
    label_zh: str
    condition: str = ""

    @property
    def label(self) -> str:
        return self.label_zh if speaks_chinese() else self.label_en


def field_of(row: Mapping[str, Any]) -> FormField:
    options = tuple(Option(**option) for option in row.get("options", ()))
    return FormField(**{**row, "kind": FieldKind(row["kind"]), "options": options})


def fields_of(rows: Iterable[Mapping[str, Any]]) -> tuple[FormField, ...]:
    return tuple(field_of(row) for row in rows)


def sections_of(rows: Iterable[Mapping[str, Any]]) -> list[FormSection]:
    """The fields under their headings, numbered from 1; what stands before the first heading has a section too."""
    sections: list[tuple[str, list[FormField]]] = []
    for field in fields_of(rows):
        if field.is_heading:
            sections.append((field.label, []))
            continue
        if not sections:
            sections.append((_("Further answers"), []))
        sections[-1][1].append(field)
    filled = [(title, fields) for title, fields in sections if fields]
    return [FormSection(number, title, tuple(fields)) for number, (title, fields) in enumerate(filled, 1)]
