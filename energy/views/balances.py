"""The arithmetic of what several channels tell together of a day, as a ledger."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from energy.calculations.balance import losses_percent
from energy.choices import QualityRule
from energy.models import ReadingIssue
from energy.queries import balances
from energy.services.quality import rules_of
from energy.views import drawing
from lib import formatting


def arithmetic_of(issue: ReadingIssue) -> dict[str, Any] | None:
    """By the readings as they are now: rows of a sum, its result in percent, and the limit."""
    unit = drawing.unit_words(issue.channel.unit)
    limit = rules_of(issue.channel)[issue.rule].threshold or 0
    if issue.rule == QualityRule.REGISTER_GAP:
        pair = balances.register_day(issue.park_id, issue.channel, issue.day)
        return None if pair is None else _of_register(pair, unit, limit)
    row = balances.head_day(issue.park_id, issue.channel, issue.day)
    return None if row is None else _of_head(row, unit, limit)


def _figure(value: float | None) -> str:
    return formatting.NOTHING if value is None else formatting.number(value, 2)


def _percent(value: float | None) -> str:
    return formatting.NOTHING if value is None else formatting.percent(value, 2)


def _of_head(row: balances.HeadDay, unit: str, limit: float) -> dict[str, Any]:
    head, below = row.head_total, row.below_total
    lost = None if head is None or below is None else head - below
    percent = None if head is None or below is None else losses_percent(head, below)
    return {
        "unit": unit,
        "rows": [
            {"word": row.head.meter.name, "note": row.head.meter.serial, "value": _figure(head)},
            *(
                {"word": each.meter.name, "note": each.meter.serial, "sign": "−", "value": _figure(each.total)}
                for each in row.below
            ),
            {"word": _("Difference"), "value": _figure(lost), "is_sum": True},
            {"word": _("Losses, of the head meter"), "value": _percent(percent), "is_percent": True},
        ],
        "limit": formatting.percent(limit, 1),
    }


def _of_register(pair: balances.RegisterPair, unit: str, limit: float) -> dict[str, Any]:
    gap = None if pair.total is None or pair.register_total is None else pair.total - pair.register_total
    factor = formatting.number(pair.multiplier.normalize())
    return {
        "unit": unit,
        "rows": [
            {"word": _("Register at the end of the day"), "value": _figure(pair.closing)},
            {"word": _("Register at its beginning"), "sign": "−", "value": _figure(pair.opening)},
            {
                "word": _("Use by the register"),
                "note": _("multiplied by %(factor)s") % {"factor": factor},
                "value": _figure(pair.register_total),
                "is_sum": True,
            },
            {"word": _("Sum of the intervals"), "value": _figure(pair.total)},
            {"word": _("Difference"), "value": _figure(gap), "is_sum": True},
            {"word": _("Of the use by the register"), "value": _percent(pair.gap_percent), "is_percent": True},
        ],
        "limit": formatting.percent(limit, 1),
    }
