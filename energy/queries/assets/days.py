"""What the channels of assets counted, by role and day, with how much of it was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from energy.calculations.asset_kpis import AssetUse, RoleDay
from energy.calculations.assets import hours_at_limit, irradiation_kwh_per_m2
from energy.choices import AssetKind, AssetRole
from energy.models import Asset, AssetChannel, Channel, IntervalBlock
from energy.queries.use import expected_intervals, seconds_between

OBSERVED = {AssetRole.IRRADIANCE, AssetRole.STATE_OF_CHARGE}
# What a microgrid has of its members, where nobody measures it for all of them together.
OF_MEMBERS = (AssetRole.GENERATION, AssetRole.CHARGE, AssetRole.DISCHARGE)


@dataclass(frozen=True, slots=True)
class Measuring:
    """A channel that measures a role on the days from `starts_on` up to `ends_on`.

    `is_of_member`: it measures a member of the microgrid, and counts where nobody measures the microgrid itself.
    """

    role: str
    channel: Channel
    starts_on: date
    ends_on: date | None
    is_of_member: bool = False

    def service(self) -> tuple[date, date | None]:
        """The days on which it should measure: those of the link on which the channel is in service."""
        ends = [day for day in (self.ends_on, self.channel.service_ends_on) if day]
        return max(self.starts_on, self.channel.service_starts_on), min(ends) if ends else None


@dataclass(frozen=True, slots=True)
class _Block:
    total: float | None
    present: int
    measured: int
    first: float | None


def measuring(asset: Asset) -> list[Measuring]:
    """What measures an asset of `register.assets`; of a microgrid also what measures its members."""
    own = [_of_link(link, asset) for link in asset.kept_links]  # type: ignore[attr-defined]
    if asset.kind != AssetKind.MICROGRID:
        return own
    for membership in asset.kept_members:  # type: ignore[attr-defined]
        own.extend(
            replace(_of_link(link, asset, membership.member, membership), is_of_member=True)
            for link in membership.member.kept_links
            if link.role in OF_MEMBERS
        )
    return own


def _of_link(link: AssetChannel, *spans: Any) -> Measuring:
    """From the last of all beginnings to the first of all ends."""
    ends = [each.ends_on for each in (link, *spans) if each.ends_on]
    starts_on = max(each.starts_on for each in (link, *spans))
    return Measuring(link.role, link.channel, starts_on, min(ends) if ends else None)


def uses_of(assets: Sequence[Asset], starts_on: date, ends_on: date, zone_name: str) -> dict[UUID, AssetUse]:
    """The days from `starts_on` up to, not including, `ends_on` of each asset, which is to be over. One statement."""
    of_asset = {asset.pk: measuring(asset) for asset in assets}
    ids = {each.channel.pk for several in of_asset.values() for each in several}
    blocks: dict[UUID, dict[date, _Block]] = defaultdict(dict)
    # One day more: the state of charge at its beginning closes the last day.
    kept = IntervalBlock.objects.filter(channel_id__in=ids).between(starts_on, ends_on + timedelta(days=1))
    columns = ("channel_id", "day", "total", "present_count", "measured_count")
    for channel_id, day, total, present, measured, first in kept.order_by().values_list(*columns, F("values__0")):
        blocks[channel_id][day] = _Block(total, present, measured, first)
    return {
        pk: AssetUse(
            {
                role: _days(
                    role, [each for each in several if each.role == role], blocks, (starts_on, ends_on), zone_name
                )
                for role in {each.role for each in several}
            }
        )
        for pk, several in of_asset.items()
    }


def _days(
    role: str,
    several: Iterable[Measuring],
    blocks: dict[UUID, dict[date, _Block]],
    span: tuple[date, date],
    zone_name: str,
) -> dict[date, RoleDay]:
    """What the channels of one role counted together, of the days on which one of them should.

    Those of members are left out of the days on which a channel measures the microgrid itself.
    """
    told: dict[bool, dict[date, dict[UUID, RoleDay]]] = {True: defaultdict(dict), False: defaultdict(dict)}
    for each in several:
        held = blocks.get(each.channel.pk, {})
        first, behind = each.service()
        day, until = max(span[0], first), min(span[1], behind) if behind else span[1]
        while day < until:
            following = day + timedelta(days=1)
            expected = expected_intervals(day, following, (first, behind), each.channel.interval_minutes, zone_name)
            hours = seconds_between(day, following, zone_name) / 3600
            block = held.get(day)
            amount = None if block is None else _amount(role, block, held.get(following), hours)
            present, measured = (block.present, block.measured) if block else (0, 0)
            # One that two members share is counted once.
            told[each.is_of_member][day][each.channel.pk] = RoleDay(amount, present, measured, expected, hours)
            day = following
    decided = told[True] | told[False]
    return {day: _together(role, list(decided[day].values())) for day in sorted(decided)}


def _amount(role: str, block: _Block, following: _Block | None, hours: float) -> float | None:
    if block.total is None:
        return None
    if role == AssetRole.IRRADIANCE:
        return irradiation_kwh_per_m2(block.total, hours)
    if role == AssetRole.STATE_OF_CHARGE:
        if following is None or block.first is None or following.first is None:
            return None
        return following.first - block.first
    return block.total


def _together(role: str, several: list[RoleDay]) -> RoleDay:
    """Of several channels the sum; of several sensors, or states of charge, the mean of those that told something."""
    if len(several) == 1:
        return several[0]
    known = [each.amount for each in several if each.amount is not None]
    amount = sum(known) if known else None
    if amount is not None and role in OBSERVED:
        amount /= len(known)
    return RoleDay(
        amount,
        sum(each.present for each in several),
        sum(each.measured for each in several),
        sum(each.expected for each in several),
        several[0].hours,
    )


def hours_at_export_limit(asset: Asset, starts_on: date, ends_on: date) -> float | None:
    """How long the export stood at its limit; None where there is none, or not one channel that measures the export."""
    exports = [each for each in measuring(asset) if each.role == AssetRole.EXPORT]
    if asset.export_limit_kw is None or len(exports) != 1:
        return None
    (each,) = exports
    first, behind = each.service()
    until = min(ends_on, behind) if behind else ends_on
    kept = IntervalBlock.objects.filter(park_id=asset.park_id, channel_id=each.channel.pk)
    days = kept.between(max(starts_on, first), until).values_list("values", flat=True)
    limit = float(asset.export_limit_kw)
    return sum(hours_at_limit(values, limit, each.channel.interval_minutes) for values in days)
