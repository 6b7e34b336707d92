"""What an enterprise may expect of the programmes that are open, before it has begun anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enterprises.models import Enterprise
from incentives.calculations import Granted, limits_of
from incentives.choices import LimitKind
from incentives.queries import Offer, granted_by_programme
from incentives.services.eligibility import RuleCheck, check_rules
from incentives.services.facts import facts_of_enterprise
from lib.periods import last_moment
from parks.actors import Actor


@dataclass(frozen=True, slots=True)
class Prospect:
    """An open programme, the rules that the registration decides against it, and the most that can still be granted.

    `is_sure` is false while a rule waits for what only an application says.
    """

    offer: Offer
    unmet: tuple[RuleCheck, ...]
    is_sure: bool
    room_cny: Decimal


def prospects(actor: Actor, enterprise: Enterprise, offers: Sequence[Offer], today: date, zone: str) -> list[Prospect]:
    """In the order of the offers; two queries, whatever their number. zone: of the park, whose year counts."""
    facts = facts_of_enterprise(enterprise, today) if any(one.version.eligibility_rules for one in offers) else {}
    ended = last_moment(date(today.year - 1, 12, 31), zone)
    granted = granted_by_programme(actor, [offer.version.programme_id for offer in offers], ended)
    found = []
    for offer in offers:
        checks = check_rules(offer.version, facts)
        limits = limits_of(offer.version.amount_rules, Decimal(0), granted.get(offer.version.programme_id, Granted()))
        # The share of an investment that nobody has named yet limits nothing.
        room = min(limit.room_cny for limit in limits if limit.kind != LimitKind.INVESTMENT)
        unmet = tuple(check for check in checks if check.is_met is False)
        found.append(Prospect(offer, unmet, all(check.is_met for check in checks), room))
    return found
