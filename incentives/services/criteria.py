"""The criteria by which the experts of a programme score."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from incentives.choices import Stage
from lib.formatting import localized

MOST_CRITERIA = 8
MOST_POINTS = 100
PARTS = ("name_en", "name_zh", "weight", "most")


def explain_criteria(criteria: Any, stages: list[dict[str, Any]]) -> str:
    """What is wrong with the criteria of a programme with these stages; empty when nothing is."""
    if not isinstance(criteria, list) or len(criteria) > MOST_CRITERIA:
        return _("A programme has at most %(most)s criteria.") % {"most": MOST_CRITERIA}
    if any(ask["stage"] == Stage.PANEL for ask in stages) and not criteria:
        return _("An expert panel needs at least one criterion.")
    for number, criterion in enumerate(criteria, 1):
        if not _is_sound(criterion):
            text = _("Criterion %(number)s needs its name in both languages, a weight and the most points, up to 100.")
            return text % {"number": number}
    return ""


def criterion_name(criterion: dict[str, Any]) -> str:
    """Its name in the language of the page."""
    return localized(SimpleNamespace(**criterion), "name")


def _is_sound(criterion: Any) -> bool:
    if not isinstance(criterion, dict) or set(criterion) != set(PARTS):
        return False
    named = all(isinstance(criterion[part], str) and criterion[part].strip() for part in ("name_en", "name_zh"))
    return named and all(_is_count(criterion[part]) for part in ("weight", "most"))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_POINTS
