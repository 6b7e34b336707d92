"""What the money rules of a programme must be like to make sense together."""

from __future__ import annotations

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
