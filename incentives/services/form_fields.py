"""The fields of a programme's own: what they must be like, and what may be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from incentives.choices import IDENTIFIERS, IDENTIFYING_FIELDS, DocumentKind, FieldKind
from incentives.form_fields import PREFIX, DocumentRule, FormField, field_of, fields_of
from incentives.models import ProgrammeTerms
from incentives.services.conditions import explain_condition
from incentives.services.facts import FACTS, facts_known
from incentives.services.ground import Invalid
from lib.text import validate_name

MOST_FIELDS = 60
MOST_OPTIONS = 20
MOST_TABLE_ROWS = 50
MOST_DOCUMENT_RULES = 20
LONGEST_LINE = 300
LONGEST_TEXT = 4000
KEY = re.compile(r"[a-z][a-z0-9_]{0,19}\Z")
DOCUMENT_KEY = re.compile(r"d[0-9]{1,3}\Z")
TAKEN = {"and", "or", "not", "if", "else", "min", "max", "abs", "round", "rate", "is", "in", "for", "def", "del", "as"}
MOST = Decimal(10) ** 12
REGISTERED = (
    *("name_zh", "name_en", "credit_code", "legal_representative", "address", "established_on"),
    *("registered_capital", "employees", "industry_code", "contact_name", "contact_phone", "contact_email"),
)
"""What a value from the registration can be."""


def document_rules_of(terms: ProgrammeTerms) -> list[DocumentRule]:
    return [DocumentRule(**rule) for rule in terms.document_rules]


def refuse_bad_fields(rows: Any) -> None:
    """Refuse fields that no form could show or no condition could name."""
    if not isinstance(rows, list) or len(rows) > MOST_FIELDS:
        raise Invalid(_("A form has at most %(count)s fields.") % {"count": MOST_FIELDS}, field="form_fields")
    keys: set[str] = set()
    for number, row in enumerate(rows, 1):
        fault = _fault_of(row, keys)
        if fault:
            raise Invalid(_("Field %(number)s: %(fault)s") % {"number": number, "fault": fault}, field="form_fields")
        keys.add(row["key"])
    facts = facts_known(rows)
    for number, row in enumerate(rows, 1):
        fault = explain_condition(row["condition"], facts) if row.get("condition") else ""
        if fault:
            raise Invalid(_("Field %(number)s: %(fault)s") % {"number": number, "fault": fault}, field="form_fields")


def explain_key(key: str) -> str:
    """Why a name cannot stand for a field in conditions; empty when it can."""
    if not KEY.match(key):
        return _("Use small letters, digits and underlines, beginning with a letter, at most 20.")
    return _("“%(name)s” means something else in conditions.") % {"name": key} if key in TAKEN | set(FACTS) else ""


def _fault_of(row: Any, keys: set[str]) -> str:
    try:
        field = field_of(row)
    except (TypeError, KeyError, ValueError):
        return _("This is no field.")
    if explain_key(str(field.key)):
        return explain_key(str(field.key))
    if field.key in keys:
        return _("Another field has this name.")
    if not field.label_en.strip() or not field.label_zh.strip():
        return _("Give it a label in both languages.")
    if field.kind in {FieldKind.CHOICE, FieldKind.TABLE} and not 0 < len(field.options) <= MOST_OPTIONS:
        return _("Give it between 1 and %(count)s options or columns.") % {"count": MOST_OPTIONS}
    if field.kind == FieldKind.REGISTERED and field.fact not in REGISTERED:
        return _("Choose what it takes from the registration.")
    return explain_claim(field.kind, field.claim)


def explain_claim(kind: str, claim: str) -> str:
    """Why the answers to a field cannot be compared as such numbers; empty when they can, or are not to be."""
    if not claim or (claim in IDENTIFIERS and kind in IDENTIFYING_FIELDS):
        return ""
    return _("Only text and tables can hold numbers that are compared.")


def refuse_bad_documents(rules: Any, form_rows: Any) -> None:
    if not isinstance(rules, list) or len(rules) > MOST_DOCUMENT_RULES:
        words = _("A programme has at most %(count)s documents of its own.")
        raise Invalid(words % {"count": MOST_DOCUMENT_RULES}, field="document_rules")
    facts = facts_known(form_rows)
    keys = [rule.get("key") for rule in rules]
    for number, rule in enumerate(rules, 1):
        fault = _document_fault(rule, keys) or (rule["condition"] and explain_condition(rule["condition"], facts))
        if fault:
            told = {"number": number, "fault": fault}
            raise Invalid(_("Document %(number)s: %(fault)s") % told, field="document_rules")


def _document_fault(rule: Any, keys: list[Any]) -> str:
    if set(rule) != {"key", "label_en", "label_zh", "condition"} or not DOCUMENT_KEY.match(str(rule["key"])):
        return _("This is no document.")
    if keys.count(rule["key"]) > 1:
        return _("Another document has this name.")
    return "" if rule["label_en"].strip() and rule["label_zh"].strip() else _("Give it a label in both languages.")


def document_label(terms: ProgrammeTerms, kind: str) -> str:
    """What a kind of document is called, of the portal's own or of the programme."""
    own = next((rule.label for rule in document_rules_of(terms) if rule.key == kind), "")
    return own or (str(DocumentKind(kind).label) if kind in DocumentKind.values else kind)


def typed_answers(terms: ProgrammeTerms, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by the names of their fields as they are stored, by key; None for those that are taken back.

    Raises `Invalid` for what does not fit its field, and for a field that the form does not have.
    """
    fields = {field.name: field for field in fields_of(terms.form_fields) if field.is_typed}
    unknown = given.keys() - fields.keys()
    if unknown:
        raise Invalid(_("The form of this programme has no such field."), field=min(unknown))
    return {fields[name].key: typed(fields[name], value) for name, value in given.items()}


def typed(field: FormField, value: Any) -> Any:
    """The answer as it is stored: text, decimals and days as text, True, or rows of texts; None for no answer."""
    if value in (None, "", False, []):
        return None
    try:
        return _typed(field, value)
    except ValidationError as error:
        raise Invalid(error.messages[0], field=field.name) from error
    except (ValueError, TypeError, InvalidOperation) as error:
        raise Invalid(_("This answer does not fit its field."), field=field.name) from error


def _typed(field: FormField, value: Any) -> Any:
    match field.kind:
        case FieldKind.NUMBER | FieldKind.MONEY:
            return _number(value, 2 if field.kind == FieldKind.MONEY else 6)
        case FieldKind.DATE:
            return date.fromisoformat(str(value)).isoformat()
        case FieldKind.CHOICE:
            return str(_within(int(value), 1, len(field.options)))
        case FieldKind.DECLARATION:
            return _truth(value)
        case FieldKind.TABLE:
            return [_row(field, row) for row in _listed(value)] or None
        case _text:
            return _text_of(value, LONGEST_TEXT if field.kind == FieldKind.LONG_TEXT else LONGEST_LINE) or None


def _number(value: Any, places: int) -> str:
    number = Decimal(str(value))
    if not number.is_finite() or not 0 <= number < MOST or number != round(number, places):
        raise ValueError(value)
    return str(number)


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(value)
    return value


def _truth(value: Any) -> bool:
    if value is not True:
        raise ValueError(value)
    return True


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_TABLE_ROWS:
        raise ValueError(value)
    return value


def _row(field: FormField, row: Any) -> list[str]:
    if not isinstance(row, list) or len(row) != len(field.options):
        raise ValueError(row)
    return [
        "" if cell in (None, "") else _number(cell, 6) if column.unit else _text_of(cell, LONGEST_LINE)
        for column, cell in zip(field.options, row, strict=True)
    ]


def _text_of(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(value)
    text = value.strip()
    for line in filter(str.strip, text.splitlines()):
        validate_name(line)
    return text


def is_answer(field: str) -> bool:
    return field.startswith(PREFIX)
