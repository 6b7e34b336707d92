"""Energy assets: entered, changed, retired, and what measures them. Nothing of the readings is touched here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.choices import AssetKind, AssetRole, Commodity, Flow, Unit
from energy.models import NAMEPLATE, NEEDED, Asset, AssetChannel, AssetMember, Channel
from energy.permissions import can_change_row, can_keep_meters, can_keep_meters_of_park, guard
from enterprises.models import Enterprise
from enterprises.services.ground import lock_enterprise, lock_to_keep
from lib.constraints import violated_constraint
from lib.formatting import day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park

Row = TypeVar("Row", AssetChannel, AssetMember)

OF_ASSET = ("name", "location", "starts_on")
ROLES: dict[str, tuple[AssetRole, ...]] = {
    AssetKind.PV: (
        AssetRole.GENERATION,
        AssetRole.SELF_USE,
        AssetRole.EXPORT,
        AssetRole.CURTAILED,
        AssetRole.IRRADIANCE,
    ),
    AssetKind.STORAGE: (AssetRole.CHARGE, AssetRole.DISCHARGE, AssetRole.STATE_OF_CHARGE),
    AssetKind.CHARGING: (AssetRole.LOAD,),
    AssetKind.MICROGRID: (
        AssetRole.IMPORT,
        AssetRole.EXPORT,
        AssetRole.LOAD,
        AssetRole.GENERATION,
        AssetRole.CHARGE,
        AssetRole.DISCHARGE,
    ),
    AssetKind.BUILDING: (AssetRole.LOAD, AssetRole.GENERATION, AssetRole.IMPORT, AssetRole.EXPORT),
}
"""What can be measured of an asset of a kind."""
OBSERVED = {AssetRole.IRRADIANCE: Unit.WATT_PER_SQUARE_METRE, AssetRole.STATE_OF_CHARGE: Unit.PERCENT}
FLOWS: dict[AssetRole, tuple[Flow, ...]] = {
    AssetRole.GENERATION: (Flow.GENERATION,),
    AssetRole.SELF_USE: (Flow.IMPORT, Flow.GENERATION),
    AssetRole.EXPORT: (Flow.EXPORT,),
    AssetRole.CURTAILED: (Flow.GENERATION,),
    AssetRole.CHARGE: (Flow.CHARGE,),
    AssetRole.DISCHARGE: (Flow.DISCHARGE,),
    AssetRole.IMPORT: (Flow.IMPORT,),
    AssetRole.LOAD: (Flow.IMPORT, Flow.EV_CHARGING),
}
"""Which way a channel counts that measures a role."""


class AssetUnfit(Refusal):
    """What is said of an asset does not fit its kind, or itself."""

    code = "asset_unfit"


class AssetRetired(Refusal):
    """The asset is out of service: nothing of it changes."""

    code = "asset_retired"


class ChannelUnfit(Refusal):
    """The channel cannot measure this of the asset."""

    code = "channel_unfit"


class MemberUnfit(Refusal):
    """The asset cannot belong to this microgrid."""

    code = "member_unfit"


CLASHES: dict[str, Callable[[], Refusal]] = {
    "asset_channel_once_a_day": lambda: ChannelUnfit(
        _("The channel measures this of the asset already."), field="channel"
    ),
    "asset_member_of_one_a_day": lambda: MemberUnfit(
        _("The asset belongs to a microgrid at that time already."), field="member"
    ),
}


@transaction.atomic
def enter_asset(
    actor: Actor, *, park: Park, enterprise: Enterprise | None, kind: str, facts: Mapping[str, Any], now: datetime
) -> Asset:
    """Enter an asset of an enterprise, or of the park itself. facts: `OF_ASSET` and the nameplate of its kind.

    Raises `AssetUnfit` where something is not said that its indicators need.
    """
    guard(can_keep_meters(actor) and actor.park_id == park.pk)
    if enterprise is None:
        guard(can_keep_meters_of_park(actor))
    else:
        guard(actor.is_official or actor.enterprise_id == enterprise.pk)
        enterprise = lock_to_keep(actor, enterprise)
    told = {name: facts.get(name) for name in (*OF_ASSET, *NAMEPLATE[kind])}
    asset = Asset(park=park, enterprise=enterprise, kind=kind, created_at=now, **told)
    _refuse_unfit(asset)
    asset.save()
    return asset


@transaction.atomic
def change_asset(actor: Actor, asset: Asset, *, changes: Mapping[str, Any]) -> Asset:
    """Write the given ones of `OF_ASSET` and of its nameplate; without a difference nothing happens."""
    held = _held(actor, asset)
    allowed = (*OF_ASSET, *NAMEPLATE[held.kind])
    changed = [name for name in allowed if name in changes and getattr(held, name) != changes[name]]
    if not changed:
        return held
    for name in changed:
        setattr(held, name, changes[name])
    _refuse_unfit(held)
    held.save(update_fields=changed)
    return held


@transaction.atomic
def retire_asset(actor: Actor, asset: Asset, *, ends_on: date, today: date) -> Asset:
    """Take an asset out of service from a day on; what was measured of it stays. Safe to repeat.

    A day that lies ahead can be corrected. Raises `AssetRetired`, `AssetUnfit`.
    """
    held = _held(actor, asset, is_retiring=True)
    if held.ends_on == ends_on:
        return held
    if held.ends_on is not None and held.ends_on <= today:
        raise _retired(held.ends_on)
    if ends_on < held.starts_on:
        raise AssetUnfit(_("An asset goes out of service after it was commissioned."), field="ends_on")
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])
    return held


@transaction.atomic
def link_channel(
    actor: Actor, asset: Asset, channel: Channel, *, role: str, starts_on: date, now: datetime
) -> AssetChannel:
    """Say that a channel measures a role of the asset from a day on.

    Of an enterprise's asset only its own channels can: it reads the result. Raises `ChannelUnfit`.
    """
    held = _held(actor, asset)
    guard(channel.park_id == held.park_id)
    # Held, or a colleague changes what it counts while it is looked at.
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("meter").get(pk=channel.pk)
    if held.enterprise_id is not None and channel.enterprise_id != held.enterprise_id:
        raise ChannelUnfit(_("The asset of an enterprise is measured by channels of that enterprise."), field="channel")
    _refuse_channel(held, channel, AssetRole(role))
    if starts_on < held.starts_on:
        raise ChannelUnfit(_("The asset was not commissioned yet on that day."), field="starts_on")
    link = AssetChannel(
        park_id=held.park_id,
        enterprise_id=held.enterprise_id,
        asset=held,
        channel=channel,
        role=role,
        starts_on=starts_on,
        created_at=now,
    )
    return _written(link)


@transaction.atomic
def end_link(actor: Actor, link: AssetChannel, *, ends_on: date) -> AssetChannel:
    """The channel measures this no more from a day on; from the day it began on where it was a mistake."""
    _held(actor, link.asset, may_be_over=True)
    row = AssetChannel.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if ends_on < row.starts_on:
        raise ChannelUnfit(_("It ends after it begins."), field="ends_on")
    return _ended(row, ends_on)


@transaction.atomic
def add_member(actor: Actor, microgrid: Asset, member: Asset, *, starts_on: date, now: datetime) -> AssetMember:
    """Say that an asset belongs to a microgrid from a day on. Raises `MemberUnfit`."""
    held = _held(actor, microgrid)
    guard(member.park_id == held.park_id)
    if held.kind != AssetKind.MICROGRID or member.kind == AssetKind.MICROGRID:
        raise MemberUnfit(_("Arrays, storage, charging stations and buildings belong to a microgrid."), field="member")
    if held.enterprise_id is not None and member.enterprise_id != held.enterprise_id:
        raise MemberUnfit(_("To the microgrid of an enterprise belong its own assets."), field="member")
    if starts_on < max(held.starts_on, member.starts_on):
        raise MemberUnfit(_("One of the two was not commissioned yet on that day."), field="starts_on")
    row = AssetMember(
        park_id=held.park_id,
        enterprise_id=held.enterprise_id,
        microgrid=held,
        member=member,
        starts_on=starts_on,
        created_at=now,
    )
    return _written(row)


@transaction.atomic
def end_member(actor: Actor, membership: AssetMember, *, ends_on: date) -> AssetMember:
    """The asset belongs to the microgrid no more from a day on; from the day it began on where it was a mistake."""
    _held(actor, membership.microgrid, may_be_over=True)
    row = AssetMember.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if ends_on < row.starts_on:
        raise MemberUnfit(_("It ends after it begins."), field="ends_on")
    return _ended(row, ends_on)


def _ended(row: Row, ends_on: date) -> Row:
    row.ends_on = ends_on
    return _written(row, ["ends_on"])


def _written(row: Row, changed: list[str] | None = None) -> Row:
    """Write the row, and say in words what stands against it."""
    try:
        with transaction.atomic():
            row.save(update_fields=changed)
    except IntegrityError as error:
        clash = CLASHES.get(violated_constraint(error))
        if clash is None:
            raise
        raise clash() from error
    return row


def _held(actor: Actor, asset: Asset, *, is_retiring: bool = False, may_be_over: bool = False) -> Asset:
    """The asset as it is now, held until the end of the transaction, its enterprise before it."""
    guard(can_change_row(actor, asset))
    if asset.enterprise is not None:
        if is_retiring and actor.is_official:
            lock_enterprise(asset.enterprise)
        else:
            lock_to_keep(actor, asset.enterprise)
    held = Asset.objects.select_for_update(of=("self",)).get(pk=asset.pk)
    if held.ends_on is not None and not (is_retiring or may_be_over):
        raise _retired(held.ends_on)
    return held


def _retired(since: date) -> AssetRetired:
    return AssetRetired(_("This asset is out of service since %(day)s.") % {"day": day(since)})


def _refuse_unfit(asset: Asset) -> None:
    for name in NEEDED[asset.kind]:
        if getattr(asset, name) is None:
            raise AssetUnfit(_("An asset of this kind is not entered without this figure."), field=name)


def _refuse_channel(asset: Asset, channel: Channel, role: AssetRole) -> None:
    if role not in ROLES[asset.kind]:
        raise ChannelUnfit(_("Of an asset of this kind that is not measured."), field="role")
    if role in OBSERVED:
        fits = channel.flow == Flow.STATE and channel.unit == OBSERVED[role]
    else:
        is_energy = channel.meter.commodity == Commodity.ELECTRICITY and channel.unit == Unit.KWH
        fits = is_energy and channel.flow in FLOWS[role]
    if not fits:
        raise ChannelUnfit(_("The channel counts something else: its flow or its unit does not fit."), field="channel")
