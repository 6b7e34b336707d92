"""Virtual channels: their formulas, and the days that are worked out anew when what they hang on has changed.

Days are kept as blocks like those of any channel. Their history is that of the inputs, so no revisions are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from energy.calculations import flags
from energy.calculations.clock import EPOCH
from energy.calculations.virtual import Floats, Marks, coarser, worked_out
from energy.choices import OF_DEVICES, ChannelKind
from energy.events import channel_formula_written, formula_inputs_changed
from energy.models import Channel, ChannelFormula, Meter
from energy.models.virtual import MOST_INPUTS, name_of
from energy.permissions import can_change_row, guard
from energy.queries import register
from energy.services.meters import add_channel
from energy.services.quality.checks import tell_of_days
from energy.services.quality.grids import Grid, grid_of, read_blocks
from energy.services.readings.blocks_io import write_blocks
from energy.services.readings.channels import hold_rows
from energy.services.readings.store import roll_up
from enterprises.services.ground import lock_to_keep
from lib.constraints import refused_rule
from lib.formula_words import words_of
from lib.formulas import Formula, FormulaError, read_formula
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park

NAMED = re.compile(r"\[([^\[\]]{1,61})\]")
# What would be taken for one of the names that the channels in brackets get, or for a part of it.
UNNAMED = re.compile(r"\bc\d+\b")
GLUED = re.compile(r"\w+(?=\[)|(?<=\])(?:\w+|\[)")
MOST_DAYS = 200
"""So many days are worked out in one transaction."""


class UnreadableFormula(Refusal):
    """The text is no formula, or names channels that it cannot be worked out from."""

    code = "unreadable_formula"


@transaction.atomic
def add_virtual_channel(
    actor: Actor, meter: Meter, *, facts: Mapping[str, Any], formula: str, now: datetime
) -> Channel:
    """Add a channel that is worked out. formula: over channels named as [serial/code]. Raises `UnreadableFormula`."""
    channel = add_channel(actor, meter, facts={**facts, "kind": ChannelKind.VIRTUAL}, now=now)
    text, inputs = _read(channel, formula)
    row = ChannelFormula(
        park_id=channel.park_id, enterprise_id=channel.enterprise_id, channel=channel, text=text, inputs=inputs
    )
    _write(row)
    return channel


@transaction.atomic
def change_formula(actor: Actor, channel: Channel, *, formula: str) -> ChannelFormula:
    """Work the channel out otherwise from now on, all its days anew. Safe to repeat. Raises `UnreadableFormula`."""
    guard(can_change_row(actor, channel))
    if channel.enterprise is not None:
        lock_to_keep(actor, channel.enterprise)
    hold_rows([channel.pk], channel.park_id)
    row = ChannelFormula.objects.select_for_update(of=("self",)).get(park_id=channel.park_id, channel=channel)
    text, inputs = _read(channel, formula)
    if (row.text, row.inputs) != (text, inputs):
        row.text, row.inputs = text, inputs
        _write(row)
    return row


def _write(row: ChannelFormula) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if refused_rule(error) == "A channel is worked out from itself.":
            raise UnreadableFormula(
                _("A channel of the formula is worked out from this one."), field="formula"
            ) from error
        raise
    channel_formula_written.publish(park_id=row.park_id, channel_id=str(row.channel_id))


def _read(channel: Channel, written: str) -> tuple[str, list[UUID]]:
    """The text with c1, c2, … for the channels that it names, and those channels."""
    named = list(dict.fromkeys(match.strip() for match in NAMED.findall(written)))
    if not named:
        raise UnreadableFormula(
            _("Name the channels in square brackets, such as [M-1101] or [M-1101/E1]."), field="formula"
        )
    if len(named) > MOST_INPUTS:
        raise UnreadableFormula(_("The formula names too many channels."), field="formula")
    _refuse_unbracketed(written)
    inputs = [_named(channel, name) for name in named]
    text = NAMED.sub(lambda match: name_of(named.index(match.group(1).strip())), written).strip()
    names = frozenset(name_of(place) for place in range(len(named)))
    try:
        read_formula(text, names)
    except FormulaError as error:
        raise UnreadableFormula(words_of(error, [f"[{name}]" for name in named]), field="formula") from error
    return text, [each.pk for each in inputs]


def _refuse_unbracketed(written: str) -> None:
    unnamed, glued = UNNAMED.search(NAMED.sub("[]", written)), GLUED.search(NAMED.sub("[]", written))
    if glued:
        words = _("“%(part)s” touches a channel in square brackets: a sign of the formula stands between them.")
        raise UnreadableFormula(words % {"part": glued.group()[:40]}, field="formula")
    if unnamed:
        words = _("“%(part)s” names no channel: write it in square brackets, such as [M-1101] or [M-1101/E1].")
        raise UnreadableFormula(words % {"part": unnamed.group()[:40]}, field="formula")


def _named(channel: Channel, name: str) -> Channel:
    """The channel of "serial/code", or of a serial number whose meter has one besides this. Of the owner alone."""
    own = Channel.objects.filter(park_id=channel.park_id).exclude(pk=channel.pk).select_related("meter")
    if channel.enterprise_id is not None:
        own = own.filter(enterprise_id=channel.enterprise_id)
    serial, _stroke, code = name.rpartition("/")
    is_named = Q(meter__serial=serial, code=code) if serial else Q(meter__serial=name, kind__in=OF_DEVICES)
    rows = list(own.filter(is_named).order_by("-meter__starts_on", "code"))
    rows = [row for row in rows if row.meter_id == rows[0].meter_id]
    told = {"name": name[:61]}
    if not rows:
        raise UnreadableFormula(_("No channel is called [%(name)s].") % told, field="formula")
    rows = [row for row in rows if not row.code] or rows
    if len(rows) > 1:
        words = _("[%(name)s] has several channels: write the code behind a stroke, such as [%(name)s/E1].")
        raise UnreadableFormula(words % told, field="formula")
    if channel.interval_minutes % rows[0].interval_minutes:
        words = _("[%(name)s] has an interval of which this channel's is no multiple.")
        raise UnreadableFormula(words % told, field="formula")
    if channel.is_state != rows[0].is_state:
        raise UnreadableFormula(_("What is observed and what is counted are not worked out together."), field="formula")
    return rows[0]


@transaction.atomic
def follow(park: Park, spans: Mapping[UUID, tuple[int, int]]) -> None:
    """Ask for what hangs on these days, each formula by itself. spans: the first and last day since 1970."""
    rows = ChannelFormula.objects.filter(park_id=park.pk, inputs__overlap=list(spans)).order_by("channel_id")
    for row in rows:
        own = [spans[pk] for pk in row.inputs if pk in spans]
        _ask(row, _day_of(min(first for first, _last in own)), _day_of(max(last for _first, last in own)))


@transaction.atomic
def work_out_days(park: Park, channel_id: UUID, first: date, last: date, *, now: datetime) -> None:
    """The first `MOST_DAYS` of these days; the rest is asked for. Safe to repeat."""
    row = ChannelFormula.objects.get(park_id=park.pk, channel_id=channel_id)
    until = _work_out_some(park, row, first, last, now)
    if until < last:
        _ask(row, until + timedelta(days=1), last)


def _ask(row: ChannelFormula, first: date, last: date) -> None:
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    formula_inputs_changed.publish(park_id=row.park_id, channel_id=str(row.channel_id), **days)


@transaction.atomic
def work_out_all(park: Park, channel_id: UUID, *, after: date | None, now: datetime) -> date | None:
    """The next days behind `after` of all that a channel or its inputs have; the last one of them, None at the end."""
    row = ChannelFormula.objects.get(park_id=park.pk, channel_id=channel_id)
    first, last = register.kept_days(park.pk, [channel_id, *row.inputs])
    if first is None or last is None:
        return None
    start = max(first, after + timedelta(days=1)) if after else first
    if start > last:
        return None
    until = _work_out_some(park, row, start, last, now)
    return until if until < last else None


def _work_out_some(park: Park, row: ChannelFormula, first: date, last: date, now: datetime) -> date:
    """As many of the days from `first` to `last` as go together; answers the last one of them."""
    until = min(last, first + timedelta(days=MOST_DAYS - 1))
    _work_out_span(park, row, _number(first), _number(until), now)
    return until


def _work_out_span(park: Park, row: ChannelFormula, first: int, last: int, now: datetime) -> None:
    hold_rows([row.channel_id], park.pk)
    # Whoever changes the formula holds the channel: it is as it was read only from here on.
    row.refresh_from_db()
    channels = {
        each.pk: each
        for each in Channel.objects.filter(park_id=park.pk, pk__in=[row.channel_id, *row.inputs]).select_related(
            "meter"
        )
    }
    channel, zone = channels[row.channel_id], ZoneInfo(park.time_zone)
    first = max(first, _number(channel.service_starts_on))
    if channel.service_ends_on is not None:
        last = min(last, _number(channel.service_ends_on) - 1)
    if first > last:
        return
    blocks = read_blocks(park.pk, [(pk, first, last) for pk in channels])
    grids = {pk: grid_of(each, blocks[pk], first, last, zone) for pk, each in channels.items()}
    formula = read_formula(row.text, frozenset(row.names))
    changed: list[tuple[int, Floats, Marks]] = []
    for day in range(first, last + 1):
        values, marks = _day(row, channels, grids, day, formula)
        held: Grid = grids[channel.pk]
        own, quality = (cells[held.row(day), : held.length(day)] for cells in (held.values, held.quality))
        is_same = (marks == quality) & ((values == own) | (marks == flags.MISSING))
        if not is_same.all():
            changed.append((day, values, marks))
    if changed:
        _keep(channel, changed, source=row, now=now)
        tell_of_days(park.pk, {channel.pk: [day for day, _values, _marks in changed]})


def _day(
    row: ChannelFormula, channels: Mapping[UUID, Channel], grids: Mapping[UUID, Grid], day: int, formula: Formula
) -> tuple[Floats, Marks]:
    channel = channels[row.channel_id]
    told = {}
    for name, pk in zip(row.names, row.inputs, strict=True):
        grid, step = grids[pk], channel.interval_minutes // channels[pk].interval_minutes
        length = grid.length(day)
        values, marks = grid.values[grid.row(day), :length], grid.quality[grid.row(day), :length]
        told[name] = coarser(values, marks, step, is_state=channel.is_state)
    return worked_out(formula, told)


def _keep(
    channel: Channel, days: Sequence[tuple[int, Floats, Marks]], *, source: ChannelFormula, now: datetime
) -> None:
    width = max(len(values) for _day, values, _marks in days)
    values, quality = np.full((len(days), width), np.nan), np.zeros((len(days), width), dtype=np.uint8)
    for place, (_day_number, own, marks) in enumerate(days):
        values[place, : len(own)], quality[place, : len(marks)] = own, marks
    numbers = np.array([day for day, _values, _marks in days], dtype=np.int64)
    write_blocks(
        channels=[channel] * len(days),
        days=numbers,
        lengths=np.array([len(own) for _day, own, _marks in days], dtype=np.int64),
        values=values,
        quality=quality,
        is_correction=np.zeros(len(days), dtype=bool),
        source=source,
        now=now,
    )
    roll_up([channel], np.zeros(len(days), dtype=np.int64), numbers, channel.park_id)


def _day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - EPOCH).days
