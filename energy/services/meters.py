"""Meters and their channels: entered, changed, retired. What was measured is never touched here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.choices import OF_DEVICES, ChannelKind, Commodity, Flow, Unit
from energy.models import Channel, ChannelFormula, IntervalBlock, Meter, RegisterDay
from energy.permissions import can_change_row, can_confirm_meter, can_keep_meters, can_keep_meters_of_park, guard
from energy.queries import register
from energy.services.hierarchy import place_meter
from enterprises.models import Enterprise
from enterprises.services.ground import lock_each_to_keep, lock_enterprise, lock_to_keep
from lib.constraints import refused_rule, violated_constraint
from lib.formatting import day, localized
from lib.limits import give_back, spend
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
# A refusal tells that somebody has the number: so many of them an enterprise gets in a day.
MOST_CLASHES, CLASHES_WITHIN = 10, timedelta(days=1)
CONFIRMATION = ("confirmed_at", "confirmed_by_id", "confirmed_by_name")
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


class TooManyClashes(Refusal):
    """An enterprise was refused more serial numbers than one mistypes."""

    code = "too_many_clashes"


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
    # It tells an enterprise the same of every clash: whose the other meter is, or where, is not its business.
    "meter_serial_once": lambda: SerialTaken(
        _("This serial number cannot be entered for this time. Ask the energy manager of the park, who sees why."),
        field="serial",
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
    head: Meter | None = None,
    now: datetime,
) -> Meter:
    """Enter a meter of an enterprise, or of the park itself, with its first channel.

    facts: values of `OF_METER`; channel: some of `OF_CHANNEL`; head: the meter below which it hangs from its first day
    on. What an official enters is confirmed by that. Raises `SerialTaken`, `TooManyClashes`, `DoesNotFit`,
    `CannotHangThere`.
    """
    guard(can_keep_meters(actor) and actor.park_id == park.pk)
    guard(head is None or can_change_row(actor, head))
    if enterprise is None:
        guard(can_keep_meters_of_park(actor))
    else:
        guard(actor.is_official or actor.enterprise_id == enterprise.pk)
    owners = lock_each_to_keep(actor, enterprise, head.enterprise if head is not None else None)
    enterprise = owners[enterprise.pk] if enterprise is not None else None
    meter = Meter(park=park, enterprise=enterprise, created_at=now, **{name: facts[name] for name in OF_METER})
    if enterprise is not None and actor.is_official:
        _confirm(actor, meter, now)
    _refuse_stroke(meter)
    meter = _claimed(actor, meter)
    _add(meter, channel, now)
    if head is not None:
        place_meter(actor, meter, head=head, starts_on=meter.starts_on, now=now)
    return meter


@transaction.atomic
def confirm_meter(actor: Actor, meter: Meter, *, now: datetime) -> Meter:
    """Vouch for the park that the device with this number is the enterprise's. Safe to repeat."""
    guard(can_confirm_meter(actor, meter))
    held = _held(actor, meter, may_be_over=True)
    if not held.is_to_confirm:
        return held
    _confirm(actor, held, now)
    held.save(update_fields=CONFIRMATION)
    return held


@transaction.atomic
def change_meter(actor: Actor, meter: Meter, *, changes: Mapping[str, Any]) -> Meter:
    """Write the given ones of `CHANGED_OF_METER`; without a difference nothing happens.

    Another number, or a time from before, an enterprise claims anew: the park confirms it again. Raises `SerialTaken`,
    `TooManyClashes`, and `HasReadings` where some are kept of days before the first one.
    """
    held = _held(actor, meter)
    since = held.starts_on
    changed = _differing(held, changes, CHANGED_OF_METER)
    if not changed:
        return held
    _refuse_stroke(held)
    _refuse_uncovered(held, _device_channel_ids(held), changed)
    if "serial" in changed or held.starts_on < since:
        return _claimed(actor, held, changed + _unconfirmed(actor, held))
    return _written(held, changed)


@transaction.atomic
def retire_meter(actor: Actor, meter: Meter, *, ends_on: date, today: date) -> Meter:
    """Take a meter out of service from a day on; its readings stay. Safe to repeat.

    A day that lies ahead can be corrected; a later one is claimed anew, as by `change_meter`. Raises `HasReadings`
    where some are kept of that day or later, `MeterRetired` where it is out of service already, `SerialTaken`.
    """
    held = _held(actor, meter, is_retiring=True)
    until = held.ends_on
    if until == ends_on:
        return held
    if until is not None and until <= today:
        raise MeterRetired(_("This meter is out of service since %(day)s.") % {"day": day(until)})
    if ends_on < held.starts_on:
        raise DoesNotFit(_("A meter goes out of service after it came into service."), field="ends_on")
    held.ends_on = ends_on
    _refuse_uncovered(held, _device_channel_ids(held), ["ends_on"])
    changed = ["ends_on"]
    if until is None or ends_on < until:
        return _written(held, changed)
    if held.enterprise is not None:
        # Whoever lets it go on claims that time; to take it out of service asks for less.
        lock_to_keep(actor, held.enterprise)
    return _claimed(actor, held, changed + _unconfirmed(actor, held))


@transaction.atomic
def add_channel(actor: Actor, meter: Meter, *, facts: Mapping[str, Any], now: datetime) -> Channel:
    """`facts`: some of `OF_CHANNEL`. Raises `ChannelCodeTaken`, `DoesNotFit`, `MeterRetired`."""
    return _add(_held(actor, meter), facts, now)


@transaction.atomic
def change_channel(actor: Actor, channel: Channel, *, changes: Mapping[str, Any]) -> Channel:
    """Write the given ones of `OF_CHANNEL`; without a difference nothing happens.

    A new multiplier holds for what is imported from now on. Raises `HasReadings` for what kept readings mean by, and
    for a time in service that leaves some of them out; `DoesNotFit` for what an asset is measured by.
    """
    meter = _held(actor, channel.meter)
    held = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    kind = held.kind
    changed = _differing(held, changes, OF_CHANNEL)
    if not changed:
        return held
    _refuse_unfit(meter.commodity, held)
    if "kind" in changed and ChannelKind.VIRTUAL in {held.kind, kind}:
        raise DoesNotFit(_("What a device counts and what is worked out are different channels."), field="kind")
    if "interval_minutes" in changed and _is_in_formula(held):
        words = _("A formula is worked out by this interval: enter a new channel instead of changing this.")
        raise DoesNotFit(words, field="interval_minutes")
    told = next((name for name in MEANING if name in changed), None)
    if told and _has_readings(held):
        raise HasReadings(
            _("Readings of this channel are kept: enter a new channel instead of changing this."), field=told
        )
    _refuse_uncovered(held, [held.pk], changed)
    try:
        return _written(held, changed)
    except IntegrityError as error:
        if refused_rule(error) != "An asset is measured by this channel.":
            raise
        words = _("An energy asset is measured by this channel: enter a new channel instead of changing this.")
        raise DoesNotFit(words, field="flow" if "flow" in changed else "unit") from error


def _is_in_formula(channel: Channel) -> bool:
    used = ChannelFormula.objects.filter(park_id=channel.park_id, inputs__contains=[channel.pk])
    return channel.is_virtual or used.exists()


def _has_readings(channel: Channel) -> bool:
    """Whether anything is kept that its facts give a meaning to: values of intervals, or states of its dial."""
    return any(
        kept.objects.filter(park_id=channel.park_id, channel_id=channel.pk).exists()
        for kept in (IntervalBlock, RegisterDay)
    )


def _device_channel_ids(meter: Meter) -> list[UUID]:
    """Without what is worked out: its days follow from readings of other meters, and keep none in service."""
    return list(meter.channels.filter(kind__in=OF_DEVICES).values_list("pk", flat=True))


def _confirm(actor: Actor, meter: Meter, now: datetime) -> None:
    meter.confirmed_at, meter.confirmed_by_id, meter.confirmed_by_name = now, actor.user_id, actor.name


def _unconfirmed(actor: Actor, meter: Meter) -> list[str]:
    """What the park confirmed was another claim; answers the columns. What an official says needs nobody else."""
    if actor.is_official:
        return []
    meter.confirmed_at, meter.confirmed_by_id, meter.confirmed_by_name = None, None, ""
    return list(CONFIRMATION)


def _held(actor: Actor, meter: Meter, *, is_retiring: bool = False, may_be_over: bool = False) -> Meter:
    """The meter as it is now, held until the end of the transaction, its enterprise before it."""
    guard(can_change_row(actor, meter))
    if meter.enterprise is not None:
        if is_retiring and actor.is_official:
            # What an enterprise leaves behind when its registration ends is taken out of service all the same.
            lock_enterprise(meter.enterprise)
        else:
            lock_to_keep(actor, meter.enterprise)
    held = Meter.objects.select_for_update(of=("self",)).get(pk=meter.pk)
    if held.ends_on is not None and not (is_retiring or may_be_over):
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
    if channel.kind == ChannelKind.VIRTUAL and channel.dial_limit is not None:
        raise DoesNotFit(_("What is worked out has no dial."), field="dial_limit")
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
    spans = [kept(row.park_id, channel_ids) for kept in (register.kept_days, register.read_days)]
    first = min((first for first, _last in spans if first), default=None)
    starts_on, ends_on = row.starts_on, row.ends_on
    if "starts_on" in changed and first and starts_on and first < starts_on:
        raise HasReadings(_("Readings are kept from %(day)s on.") % {"day": day(first)}, field="starts_on")
    if "ends_on" not in changed or ends_on is None:
        return
    until = max((last for _first, last in spans if last), default=None)
    if until and until >= ends_on:
        raise HasReadings(_("Readings are kept until %(day)s.") % {"day": day(until)}, field="ends_on")


def _claimed(actor: Actor, meter: Meter, changed: list[str] | None = None) -> Meter:
    """Write a meter whose number, for more time than before, may be another's.

    Only a clash costs an enterprise one of its tries.
    """
    if actor.is_official:
        return _told_whose(meter, changed)
    tries = f"meter-serial:{meter.park_id}:{meter.enterprise_id}"
    if not spend(tries, MOST_CLASHES, CLASHES_WITHIN):
        raise TooManyClashes(
            _("Many serial numbers were refused today. Ask the energy manager of the park, or try again tomorrow."),
            field="serial",
        )
    written = _written(meter, changed)
    give_back(tries)
    return written


def _told_whose(meter: Meter, changed: list[str] | None) -> Meter:
    """Officials see every meter of the park: a clash tells them which one holds the number."""
    try:
        return _written(meter, changed)
    except SerialTaken as clash:
        holder = register.holders(meter).first()
        if holder is None:
            raise
        owner = localized(holder.enterprise, "name") if holder.enterprise else _("the park")
        text = _("“%(name)s” of %(owner)s has this serial number at that time.")
        raise SerialTaken(text % {"name": holder.name, "owner": owner}, field="serial") from clash


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
