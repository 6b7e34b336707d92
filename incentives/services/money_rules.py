"""What the money rules of a programme must be like to make sense together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from incentives.models import Programme
from incentives.services.ground import Invalid

MOST_TIERS = 12
TIER_PARTS = ("from_tce", "rate_cny_per_tce")
MOST = Decimal(10) ** 12


def refuse_bad_money(programme: Programme) -> None:
    """Refuse limits that no saving keeps and tiers that are not in order."""
    least, below = programme.saving_min_tce, programme.saving_below_tce
    if least is not None and below is not None and below <= least:
        raise Invalid(_("The upper limit of the saving must be above the least saving."), field="saving_below_tce")
    _refuse_bad_tiers(programme.rate_tiers)


def refuse_bad_windows(programme: Programme) -> None:
    """Further windows come one after the other, after the first."""
    rows = programme.further_windows
    if not isinstance(rows, list) or not all(map(_is_window, rows)):
        raise Invalid(_("A window needs the days on which it opens and closes."), field="further_windows")
    last = programme.closes_on
    for window in programme.windows[1:]:
        if window.opens_on <= last or window.closes_on < window.opens_on:
            words = _("Each further window opens after the one before it has closed, and closes after it opens.")
            raise Invalid(words, field="further_windows")
        last = window.closes_on


def _is_window(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != {"opens_on", "closes_on"}:
        return False
    try:
        return all(date.fromisoformat(day).isoformat() == day for day in row.values())
    except (TypeError, ValueError):
        return False


def _refuse_bad_tiers(tiers: Any) -> None:
    if not isinstance(tiers, list) or len(tiers) > MOST_TIERS or not all(map(_is_tier, tiers)):
        raise Invalid(_("A tier needs the saving from which on it holds, and a rate."), field="rate_tiers")
    begins = [Decimal(tier["from_tce"]) for tier in tiers]
    if any(second <= first for first, second in pairwise(begins)):
        raise Invalid(_("Two tiers cannot begin at the same saving."), field="rate_tiers")


def _is_tier(tier: Any) -> bool:
    if not isinstance(tier, dict) or set(tier) != set(TIER_PARTS):
        return False
    try:
        begins, rate = (Decimal(tier[part]) for part in TIER_PARTS)
        return 0 < begins < MOST and 0 <= rate < MOST
    except (InvalidOperation, TypeError, ValueError):
        return False
