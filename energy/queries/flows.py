"""What each owner's channels counted in a month, flow by flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from energy.choices import Commodity, Unit
from energy.queries.totals import together
from energy.queries.use import Period, series_of, users_of_series
from enterprises.models import Enterprise
from parks.actors import Actor


@dataclass
class MonthFlows:
    """`by_owner`: of each owner, None for the park, what it counted by flow in kWh. `whole`: how complete all is."""

    whole: Period
    by_owner: dict[UUID | None, dict[str, float]] = field(default_factory=dict)


def electricity_flows(actor: Actor, month: date, *, zone_name: str, today: date) -> MonthFlows:
    """Of the channels that the actor sees, each counted once; a few statements for each flow that is measured."""
    found = MonthFlows(Period(month))
    users: list[Period] = []
    for series in series_of(actor):
        if (series.commodity, series.unit) == (Commodity.ELECTRICITY, Unit.KWH) and not series.is_state:
            for user in users_of_series(actor, series, month, zone_name, today, by="enterprise_id"):
                users.append(user.use)
                if user.use.total is not None:
                    found.by_owner.setdefault(user.owner_id, {})[series.flow] = user.use.total
    found.whole = together(users, month)
    return found


def named(actor: Actor, enterprise_ids: Iterable[UUID | None]) -> dict[UUID, Enterprise]:
    """The enterprises of some identifiers."""
    ids = [each for each in enterprise_ids if each is not None]
    return {row.pk: row for row in Enterprise.objects.visible_to(actor).filter(pk__in=ids)} if ids else {}
