"""Meters and their channels: entered, changed, retired. What was measured is never touched here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.models import Channel, IntervalBlock, Meter, RegisterDay
from energy.permissions import can_change_row, can_keep_meters, can_keep_meters_of_park, guard
from energy.queries import register
from enterprises.models import Enterprise
from enterprises.services.ground import lock_enterprise, lock_to_keep
from lib.constraints import violated_constraint
from lib.formatting import day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park

Row = TypeVar("Row", Meter, Channel)

OF_METER = ("serial", "name", "location", "commodity", "starts_on")
# What it measures stays: another commodity is another meter.
CHANGED_OF_METER = ("serial", "name", "location", "starts_on")
OF_CHANNEL = (
    "code",
    "flow",
    "kind",
    "unit",
    "interval_minutes",
    "multiplier",
    "dial_limit",
    "rated_power_kw",
    "lowest",
    "highest",
    "starts_on",
    "ends_on",
)
# What stored readings mean by: with another one they would say something else.
MEANING = ("flow", "kind", "unit", "interval_minutes")
OF_NETWORKS = (Flow.IMPORT, Flow.EXPORT, Flow.GENERATION)
OF_STORES = (*OF_NETWORKS, Flow.CHARGE, Flow.DISCHARGE)
FITTING: dict[str, tuple[tuple[Flow, ...], tuple[Unit, ...]]] = {
    Commodity.ELECTRICITY: ((*OF_STORES, Flow.EV_CHARGING), (Unit.KWH, Unit.KVARH)),
    Commodity.WATER: (OF_NETWORKS, (Unit.CUBIC_METRE,)),
    Commodity.GAS: (OF_NETWORKS, (Unit.CUBIC_METRE, Unit.KWH)),
    Commodity.HEAT: (OF_STORES, (Unit.GIGAJOULE, Unit.KWH)),
    Commodity.STEAM: (OF_NETWORKS, (Unit.TONNE, Unit.GIGAJOULE)),
    Commodity.COOLING: (OF_STORES, (Unit.GIGAJOULE, Unit.KWH)),
    Commodity.ENVIRONMENT: (
        (Flow.STATE,),
        (Unit.CELSIUS, Unit.WATT_PER_SQUARE_METRE, Unit.MICROGRAM_PER_CUBIC_METRE, Unit.PERCENT),
    ),
}
"""What a meter of a commodity can count, and in which units."""


class SerialTaken(Refusal):
    """Another meter has this serial number and is in service at the same time."""

    code = "serial_taken"


class ChannelCodeTaken(Refusal):
    """Another channel of the meter has this code."""

    code = "channel_code_taken"


class DoesNotFit(Refusal):
    """What is said of a channel does not fit its meter, or itself."""

    code = "does_not_fit"


class HasReadings(Refusal):
    """Readings are kept that the act would make say something else."""

    code = "has_readings"


class MeterRetired(Refusal):
    """The meter is out of service: nothing of it changes."""

    code = "meter_retired"


TAKEN: dict[str, Callable[[], Refusal]] = {
    "meter_serial_once": lambda: SerialTaken(
        _("A meter with this serial number is in service at that time already."), field="serial"
    ),
    "channel_code_once": lambda: ChannelCodeTaken(_("The meter has a channel with this code already."), field="code"),
}


@transaction.atomic
def enter_meter(
    actor: Actor,
    *,
    park: Park,
    enterprise: Enterprise | None,
    facts: Mapping[str, Any],
    channel: Mapping[str, Any],
    now: datetime,
) -> Meter:
    """Enter a meter of an enterprise, or of the park itself, with its first channel.

    facts: values of `OF_METER`; channel: some of `OF_CHANNEL`. Raises `SerialTaken`, `DoesNotFit`.
    """
    guard(can_keep_meters(actor) and actor.park_id == park.pk)
    if enterprise is None:
        guard(can_keep_meters_of_park(actor))
    else:
        guard(actor.is_official or actor.enterprise_id == enterprise.pk)
        enterprise = lock_to_keep(actor, enterprise)
    meter = Meter(park=park, enterprise=enterprise, created_at=now, **{name: facts[name] for name in OF_METER})
    _refuse_stroke(meter)
    meter = _written(meter)
    _add(meter, channel, now)
    return meter


@transaction.atomic
def change_meter(actor: Actor, meter: Meter, *, changes: Mapping[str, Any]) -> Meter:
    """Write the given ones of `CHANGED_OF_METER`; without a difference nothing happens.

    Raises `SerialTaken`, and `HasReadings` where some are kept of days before the first one.
    """
    held = _held(actor, meter)
    changed = _differing(held, changes, CHANGED_OF_METER)
    if not changed:
        return held
    _refuse_stroke(held)
    _refuse_uncovered(held, _channel_ids(held), changed)
    return _written(held, changed)


@transaction.atomic
def retire_meter(actor: Actor, meter: Meter, *, ends_on: date) -> Meter:
    """Take a meter out of service from a day on; its readings stay. Safe to repeat.

    Raises `HasReadings` where some are kept of that day or later, and `MeterRetired` where another day was said.
    """
    held = _held(actor, meter, is_retiring=True)
    if held.ends_on == ends_on:
        return held
    if held.ends_on is not None:
        raise MeterRetired(_("This meter is out of service since %(day)s.") % {"day": day(held.ends_on)})
    if ends_on < held.starts_on:
        raise DoesNotFit(_("A meter goes out of service after it came into service."), field="ends_on")
    held.ends_on = ends_on
    _refuse_uncovered(held, _channel_ids(held), ["ends_on"])
    return _written(held, ["ends_on"])


@transaction.atomic
def add_channel(actor: Actor, meter: Meter, *, facts: Mapping[str, Any], now: datetime) -> Channel:
    """`facts`: some of `OF_CHANNEL`. Raises `ChannelCodeTaken`, `DoesNotFit`, `MeterRetired`."""
    return _add(_held(actor, meter), facts, now)


@transaction.atomic
def change_channel(actor: Actor, channel: Channel, *, changes: Mapping[str, Any]) -> Channel:
    """Write the given ones of `OF_CHANNEL`; without a difference nothing happens.

    A new multiplier holds for what is imported from now on. Raises `HasReadings` for what kept readings mean by, and
    for a time in service that leaves some of them out.
    """
    meter = _held(actor, channel.meter)
    held = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    changed = _differing(held, changes, OF_CHANNEL)
    if not changed:
        return held
    _refuse_unfit(meter.commodity, held)
    told = next((name for name in MEANING if name in changed), None)
    if told and _has_readings(held):
        raise HasReadings(
            _("Readings of this channel are kept: enter a new channel instead of changing this."), field=told
        )
    _refuse_uncovered(held, [held.pk], changed)
    return _written(held, changed)


def _has_readings(channel: Channel) -> bool:
    """Whether anything is kept that its facts give a meaning to: values of intervals, or states of its dial."""
    return any(
        kept.objects.filter(park_id=channel.park_id, channel_id=channel.pk).exists()
        for kept in (IntervalBlock, RegisterDay)
    )


def _channel_ids(meter: Meter) -> list[UUID]:
    return list(meter.channels.values_list("pk", flat=True))


def _held(actor: Actor, meter: Meter, *, is_retiring: bool = False) -> Meter:
    """The meter as it is now, held until the end of the transaction, its enterprise before it."""
    guard(can_change_row(actor, meter))
    if meter.enterprise is not None:
        if is_retiring and actor.is_official:
            # What an enterprise leaves behind when its registration ends is taken out of service all the same.
            lock_enterprise(meter.enterprise)
        else:
            lock_to_keep(actor, meter.enterprise)
    held = Meter.objects.select_for_update(of=("self",)).get(pk=meter.pk)
    if held.ends_on is not None and not is_retiring:
        raise MeterRetired(_("This meter is out of service since %(day)s.") % {"day": day(held.ends_on)})
    return held


def _add(meter: Meter, facts: Mapping[str, Any], now: datetime) -> Channel:
    given = {name: facts[name] for name in OF_CHANNEL if name in facts}
    channel = Channel(park_id=meter.park_id, enterprise_id=meter.enterprise_id, meter=meter, created_at=now, **given)
    _refuse_unfit(meter.commodity, channel)
    return _written(channel)


def _differing(row: Row, changes: Mapping[str, Any], allowed: tuple[str, ...]) -> list[str]:
    """Take over what differs; answers the names of it."""
    changed = [name for name in allowed if name in changes and getattr(row, name) != changes[name]]
    for name in changed:
        setattr(row, name, changes[name])
    return changed


def _refuse_stroke(meter: Meter) -> None:
    """In files "serial/code" is a channel: a serial number like that would be taken for a channel of another meter."""
    if "/" in meter.serial:
        raise DoesNotFit(_("A serial number is entered without a stroke: / stands before the code."), field="serial")


def _refuse_unfit(commodity: str, channel: Channel) -> None:
    flows, units = FITTING[commodity]
    if channel.flow not in flows:
        raise DoesNotFit(_("A meter of this kind does not count that."), field="flow")
    if channel.unit not in units:
        raise DoesNotFit(_("A meter of this kind does not count in this unit."), field="unit")
    if channel.flow == Flow.STATE and channel.kind == ChannelKind.REGISTER:
        raise DoesNotFit(_("What is observed has no cumulative register."), field="kind")
    if channel.lowest is not None and channel.highest is not None and channel.lowest >= channel.highest:
        raise DoesNotFit(_("The highest value must be above the lowest."), field="highest")
    if channel.starts_on and channel.ends_on and channel.ends_on < channel.starts_on:
        raise DoesNotFit(_("A channel goes out of service after it came into service."), field="ends_on")


def _refuse_uncovered(row: Meter | Channel, channel_ids: list[UUID], changed: Collection[str]) -> None:
    """Raise `HasReadings` where days of which readings are kept would lie outside the time in service.

    The state of a dial at the midnight of the end still closes the last day.
    """
    (first, last), (first_read, last_read) = (
        kept(row.park_id, channel_ids) for kept in (register.kept_days, register.read_days)
    )
    first = min(filter(None, (first, first_read)), default=None)
    starts_on, ends_on = row.starts_on, row.ends_on
    if "starts_on" in changed and first and starts_on and first < starts_on:
        raise HasReadings(_("Readings are kept from %(day)s on.") % {"day": day(first)}, field="starts_on")
    if "ends_on" not in changed or ends_on is None:
        return
    until = max(filter(None, (last, last_read and last_read - timedelta(days=1))), default=None)
    if until and until >= ends_on:
        raise HasReadings(_("Readings are kept until %(day)s.") % {"day": day(until)}, field="ends_on")


def _written(row: Row, changed: list[str] | None = None) -> Row:
    """Write the row, and say in words what stands against it."""
    try:
        with transaction.atomic():
            row.save(update_fields=changed)
    except IntegrityError as error:
        taken = TAKEN.get(violated_constraint(error))
        if taken is None:
            raise
        raise taken() from error
    return row
