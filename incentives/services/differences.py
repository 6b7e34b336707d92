"""What a new version of a programme says differently, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import DocumentKind, FieldKind, Stage
from incentives.models import Programme, ProgrammeVersion
from incentives.services.programmes import PUBLISHED_TERMS
from lib.formatting import day, money, number, speaks_chinese

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """One term: a line for each part that went, came, or has another value."""

    label: str
    before: list[str]
    after: list[str]


def differences(before: ProgrammeVersion, after: Programme | ProgrammeVersion) -> list[Difference]:
    """The terms that differ, in the order in which a programme is written."""
    found = []
    for field in ProgrammeVersion._meta.fields:
        old, new = getattr(before, field.name), getattr(after, field.name, None)
        if field.name in PUBLISHED_TERMS and old != new:
            found.append(_difference(str(field.verbose_name), _lines(field.name, old), _lines(field.name, new)))
    return found


def _difference(label: str, before: list[str], after: list[str]) -> Difference:
    """Of a list only what went and what came; where only the order changed, all of it."""
    went = [line for line in before if line not in after]
    came = [line for line in after if line not in before]
    heading = label[:1].upper() + label[1:]
    return Difference(heading, went, came) if went or came else Difference(heading, before, after)


def _lines(name: str, value: Any) -> list[str]:
    if value in (None, "", []):
        return [NOTHING]
    if isinstance(value, list):
        return [_line(name, part) for part in value]
    return [_words(name, value)]


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return money(value) if name.endswith(("_cny", "_cny_per_tce")) else number(value.normalize() + 0)
    return str(value)


def _line(name: str, part: Any) -> str:
    """A part of a list as one reads it."""
    if not isinstance(part, dict):
        return str(DocumentKind(part).label) if part in DocumentKind.values else str(part)
    match name:
        case "stages":
            people = _("%(count)s people, %(days)s working days")
            told = people % {"count": part["approvals"], "days": part["working_days"]}
            above = money(Decimal(part["above_cny"])) if part.get("above_cny") else ""
            condition = f" ({_('above %(amount)s') % {'amount': above}})" if above else ""
            return f"{Stage(part['stage']).label}: {told}{condition}"
        case "further_windows":
            return f"{part['opens_on']} – {part['closes_on']}"
        case "rate_tiers":
            return f"{part['from_tce']} tce: {money(Decimal(part['rate_cny_per_tce']))}"
        case "form_fields":
            condition = f" ({part['condition']})" if part.get("condition") else ""
            return f"{_localized(part, 'label')} [{FieldKind(part['kind']).label}]{condition}"
        case "eligibility_rules":
            return f"{_localized(part, 'text')} ({part['condition']})"
        case "document_rules":
            return f"{_localized(part, 'label')}{' (' + part['condition'] + ')' if part['condition'] else ''}"
        case _other:
            return " · ".join(str(value) for value in part.values() if value not in (None, ""))


def _localized(part: Mapping[str, Any], name: str) -> str:
    return str(part[f"{name}_zh" if speaks_chinese() else f"{name}_en"])
