"""What a new version of a programme says differently, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import DocumentKind, FieldKind, Stage
from incentives.models import Programme, ProgrammeVersion
from incentives.services.programmes import PUBLISHED_TERMS
from lib.formatting import day, money, number, quantity_words, speaks_chinese

NOTHING = "–"
CNY, CNY_PER_TCE, TCE, PERCENT = "¥", "¥/tce", "tce", "%"
# By the ending of a name; the longer one first.
UNITS = {"_cny_per_tce": CNY_PER_TCE, "_cny": CNY, "_tce": TCE, "_percent": PERCENT}


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
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    if isinstance(value, Decimal) and unit in {CNY, CNY_PER_TCE}:
        return f"{money(value)}{unit.removeprefix(CNY)}"
    if isinstance(value, Decimal | int):
        return quantity_words(value, unit) if unit else number(value)
    return str(value)


def _line(name: str, part: Any) -> str:
    """A part of a list as one reads it."""
    if not isinstance(part, dict):
        return str(DocumentKind(part).label) if part in DocumentKind.values else str(part)
    return WORDS[name](part) if name in WORDS else " · ".join(str(v) for v in part.values() if v not in (None, ""))


def _stage(part: Mapping[str, Any]) -> str:
    people = _("%(count)s people, %(days)s working days")
    told = people % {"count": part["approvals"], "days": part["working_days"]}
    above = money(Decimal(part["above_cny"])) if part.get("above_cny") else ""
    return f"{Stage(part['stage']).label}: {told}{_bracketed(above and _('above %(amount)s') % {'amount': above})}"


def _window(part: Mapping[str, Any]) -> str:
    return " – ".join(day(date.fromisoformat(part[name])) for name in ("opens_on", "closes_on"))


def _tier(part: Mapping[str, Any]) -> str:
    rate = _words("rate_cny_per_tce", Decimal(part["rate_cny_per_tce"]))
    return f"{quantity_words(Decimal(part['from_tce']), TCE)}: {rate}"


def _payment(part: Mapping[str, Any]) -> str:
    return f"{quantity_words(Decimal(part['percent']), PERCENT)}: {_localized(part, 'condition')}"


def _criterion(part: Mapping[str, Any]) -> str:
    return f"{_localized(part, 'name')}: {_('weight %(weight)s, at most %(most)s points') % part}"


def _example(part: Mapping[str, Any]) -> str:
    told = {name: money(Decimal(part[f"{name}_cny"])) for name in ("investment", "amount")}
    saving = quantity_words(Decimal(part["saving_tce"]), TCE)
    return _("%(saving)s saved and %(investment)s invested give %(amount)s") % {"saving": saving, **told}


def _field(part: Mapping[str, Any]) -> str:
    label = f"{_localized(part, 'label')} [{FieldKind(part['kind']).label}]"
    return f"{label}{_bracketed(part.get('condition'))}"


def _rule(part: Mapping[str, Any]) -> str:
    return f"{_localized(part, 'text')}{_bracketed(part['condition'])}"


def _document(part: Mapping[str, Any]) -> str:
    return f"{_localized(part, 'label')}{_bracketed(part['condition'])}"


def _bracketed(words: str | None) -> str:
    return f" ({words})" if words else ""


WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "stages": _stage,
    "further_windows": _window,
    "rate_tiers": _tier,
    "payment_plan": _payment,
    "criteria": _criterion,
    "example_cases": _example,
    "form_fields": _field,
    "eligibility_rules": _rule,
    "document_rules": _document,
}


def _localized(part: Mapping[str, Any], name: str) -> str:
    return str(part[f"{name}_zh" if speaks_chinese() else f"{name}_en"])
