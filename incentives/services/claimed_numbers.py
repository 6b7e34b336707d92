"""The numbers by which an application says what it claims: invoices, plates of machines, contracts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import IDENTIFIERS, FieldKind
from incentives.form_fields import fields_of
from incentives.likeness import MOST_NUMBERS, identifiers_in
from incentives.models import Application

Numbers = dict[tuple[str, str], tuple[str, str]]


def numbers_of(application: Application) -> Numbers:
    """By kind and value what was typed and in which field, in the order of the form."""
    found: Numbers = {}
    for field in fields_of(application.programme_version.form_fields):
        if field.claim in IDENTIFIERS:
            for text in _texts(field.kind, application.form_answers.get(field.key)):
                for value, shown in identifiers_in(text):
                    found.setdefault((field.claim, value), (shown, field.name))
    return found


def are_too_many(numbers: Numbers) -> bool:
    """More than are compared of one filing: it cannot be told whether the others are claimed elsewhere."""
    return len(numbers) > MOST_NUMBERS


def explain_too_many(application: Application) -> str:
    """Why officials cannot grant it as it was filed; empty where its numbers can be compared."""
    numbers = numbers_of(application)
    if not are_too_many(numbers):
        return ""
    words = _(
        "It gives %(count)s numbers, and no more than %(most)s can be compared with other applications. Return it, so"
        " that the enterprise names only those of this project."
    )
    return words % {"count": len(numbers), "most": MOST_NUMBERS}


def excess_numbers(application: Application, among: set[str]) -> tuple[str, str] | None:
    """Of the given fields the one with the most numbers, and what is wrong; None where they can be compared."""
    numbers = numbers_of(application)
    if not are_too_many(numbers):
        return None
    counted = Counter(field for _shown, field in numbers.values())
    field = max(counted, key=lambda name: (name in among, counted[name]))
    words = _(
        "The answers hold %(count)s different numbers, and no more than %(most)s can be compared with other"
        " applications. Give only those of this project."
    )
    return field, words % {"count": len(numbers), "most": MOST_NUMBERS}


def _texts(kind: FieldKind, answer: Any) -> list[str]:
    """Of a table the first column."""
    if not answer:
        return []
    return [str(row[0]) for row in answer] if kind == FieldKind.TABLE else [str(answer)]
