"""Taking back what an import or an act said: what stood there before, or was said since and stands, stands again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from energy.calculations import flags
from energy.calculations.clock import EPOCH, Days
from energy.choices import ActKind, ChannelKind
from energy.models import Channel, ImportUndo, ReadingAct, ReadingTrace
from energy.services.readings.blocks_io import held_blocks, write_blocks
from energy.services.readings.channels import Channels, channels_of, held_channels
from energy.services.readings.checking import Readings
from energy.services.readings.dials import turned_back, uses_of_day
from energy.services.readings.register_days import DayStates, Key, forget_days, keep_days, kept_days
from energy.services.readings.standing import Standing, what_stands
from energy.services.readings.store import roll_up
from energy.services.readings.traces import CONFIRMED, Said

FLAG_OF: dict[str, int] = {ActKind.ESTIMATE: flags.ESTIMATED, ActKind.EDIT: flags.EDITED}


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of the readings of a trace. days: of each channel the first and the last day that was changed."""

    restored: int
    kept: int
    days: dict[Channel, tuple[date, date]]


@dataclass(slots=True)
class Cells:
    """Days of channels as rows, as in a `Grid`: what is to stand in the cells that are given."""

    channel: NDArray[np.int64]
    day: NDArray[np.int64]
    length: NDArray[np.int64]
    is_given: NDArray[np.bool_]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]


def take_back(undo: ImportUndo, trace: ReadingTrace, now: datetime) -> TakenBack:
    """Have in the intervals of a trace, whose import has fallen, what stands without it. Safe to repeat.

    Holds the meters and channels until the end of the transaction, as the import did.
    """
    zone = ZoneInfo(undo.park.time_zone)
    channels = held_channels(trace.channels, undo.park_id, zone)
    said = Said.unpacked(trace.channels, bytes(trace.cells))
    standing = what_stands(said, undo.park_id, of_states=trace.of_states)
    kept = int((standing.is_settled & said.is_given & (said.code != CONFIRMED)).sum())
    place_of = {row.pk: place for place, row in enumerate(channels.rows)}
    places = np.array([place_of[channel_id] for channel_id in said.ids], dtype=np.int64)[said.channel]
    if trace.of_states:
        changed_states, cells = _turn_back(undo, channels, places, said, standing, zone)
        if cells is None:
            return TakenBack(changed_states, kept, {})
        _leave_acts(undo.park_id, channels, cells)
        differs = _put(undo, channels, cells, now)
        return TakenBack(changed_states, kept, _days_of(channels, cells, differs))
    cells = Cells(places, said.day, said.length, standing.is_open, standing.values, standing.quality)
    differs = _put(undo, channels, cells, now)
    return TakenBack(int(differs.sum()), kept, _days_of(channels, cells, differs))


def _put(undo: ImportUndo, channels: Channels, cells: Cells, now: datetime) -> NDArray[np.bool_]:
    """Write the blocks that change, and their months; what they said until now is kept. The cells that changed."""
    held = held_blocks(cells.channel, cells.day, channels.rows, undo.park_id, cells.values.shape[1])
    is_same = (cells.quality == held.quality) & ((cells.values == held.values) | (cells.quality == flags.MISSING))
    differs: NDArray[np.bool_] = cells.is_given & ~is_same
    rows = differs.any(axis=1)
    if rows.any():
        write_blocks(
            channels=[channels.rows[place] for place in cells.channel[rows].tolist()],
            days=cells.day[rows],
            lengths=cells.length[rows],
            values=np.where(cells.is_given, cells.values, held.values)[rows],
            quality=np.where(cells.is_given, cells.quality, held.quality)[rows],
            is_correction=(held.quality[rows] != flags.MISSING).any(axis=1),
            source=undo,
            now=now,
        )
        roll_up(channels.rows, cells.channel[rows], cells.day[rows], undo.park_id)
    return differs


def _days_of(channels: Channels, cells: Cells, differs: NDArray[np.bool_]) -> dict[Channel, tuple[date, date]]:
    rows = differs.any(axis=1)
    channel, day = cells.channel[rows], cells.day[rows]
    return {
        channels.rows[place]: (_date(day[channel == place].min()), _date(day[channel == place].max()))
        for place in np.unique(channel).tolist()
    }


def _date(day: np.int64) -> date:
    return EPOCH + timedelta(days=int(day))


def _turn_back(
    undo: ImportUndo,
    channels: Channels,
    places: NDArray[np.int64],
    said: Said,
    standing: Standing,
    zone: ZoneInfo,
) -> tuple[int, Cells | None]:
    """Put back the states of dials. How many changed, and the intervals whose uses follow from it."""
    was = kept_days(channels, places, said.day, undo.park_id)
    changed: dict[Key, DayStates] = {}
    count = 0
    for row in np.flatnonzero(standing.is_open.any(axis=1)).tolist():
        key, length = (int(places[row]), int(said.day[row])), int(said.length[row])
        is_open = standing.is_open[row, :length]
        held, marks = was.get(key) or (np.full(length, np.nan), np.zeros(length, dtype=np.uint8))
        states = np.where(is_open, standing.values[row, :length], held)
        quality = np.where(is_open, standing.quality[row, :length], marks).astype(np.uint8)
        differs = (quality != marks) | ((states != held) & (quality != flags.MISSING))
        if differs.any():
            changed[key] = states, quality
            count += int(differs.sum())
    if not changed:
        return 0, None
    readings = turned_back(channels, was, {**was, **changed}, zone)
    keep_days(channels, {key: day for key, day in changed.items() if (day[1] != flags.MISSING).any()}, undo)
    gone = [key for key, day in changed.items() if not (day[1] != flags.MISSING).any()]
    forget_days(channels, gone, undo.park_id)
    return count, _laid_out(channels, readings, zone) if len(readings.at) else None


def _laid_out(channels: Channels, readings: Readings, zone: ZoneInfo) -> Cells:
    """Uses of intervals, each another one, as days of channels."""
    days = Days.around(readings.at, zone)
    numbers = days.number_of(readings.at)
    blocks, row = np.unique(readings.channel * len(days.starts) + numbers, return_inverse=True)
    channel, number = np.divmod(blocks, len(days.starts))
    length = days.lengths()[number] // channels.seconds[channel]
    shape = (len(blocks), int(length.max()))
    cells = Cells(
        channel,
        number + days.first,
        length,
        np.zeros(shape, dtype=bool),
        np.full(shape, np.nan),
        np.full(shape, flags.MISSING, dtype=np.uint8),
    )
    place = (readings.at - days.starts[numbers]) // channels.seconds[readings.channel]
    cells.is_given[row, place] = True
    cells.values[row, place], cells.quality[row, place] = readings.values, readings.quality
    return cells


def _leave_acts(park_id: int, channels: Channels, cells: Cells) -> None:
    """What a person put into an interval of a register stays; where it was overwritten, and it is again as the person
    found it, it stands again."""
    row_of = {
        (channels.rows[place].pk, day): row
        for row, (place, day) in enumerate(zip(cells.channel.tolist(), cells.day.tolist(), strict=True))
    }
    held = held_blocks(cells.channel, cells.day, channels.rows, park_id, cells.values.shape[1])
    acts = ReadingAct.objects.filter(
        park_id=park_id,
        channel_id__in=[row.pk for row in channels.rows],
        day__range=(_date(cells.day.min()), _date(cells.day.max())),
        kind__in=tuple(FLAG_OF),
        undone_at=None,
    )
    for act in acts.order_by("at", "pk"):
        row = row_of.get((act.channel_id, (act.day - EPOCH).days))
        if row is None:
            continue
        flag = FLAG_OF[act.kind]
        for place, before, mark, after in zip(act.places, act.before, act.before_flags, act.after, strict=True):
            if held.quality[row, place] == flag and held.values[row, place] == after:
                cells.is_given[row, place] = False
            elif cells.is_given[row, place] and _is(cells, row, place, before, mark):
                cells.values[row, place], cells.quality[row, place] = after, flag


def _is(cells: Cells, row: int, place: int, value: float | None, mark: int) -> bool:
    if cells.quality[row, place] != mark:
        return False
    return mark == flags.MISSING or cells.values[row, place] == value


def stood_before(act: ReadingAct, channel: Channel, zone: ZoneInfo) -> DayStates:
    """What is to stand in the intervals of an act that was just undone, beside NaN and `MISSING` in all others.

    That is what the act found, but where the import is undone that had brought it. Whoever calls holds the channel.
    """
    count = max(act.places) + 1
    values, quality = np.full(count, np.nan), np.full(count, flags.MISSING, dtype=np.uint8)
    for place, before, mark in zip(act.places, act.before, act.before_flags, strict=True):
        values[place], quality[place] = np.nan if before is None else before, mark
    if channel.kind == ChannelKind.REGISTER:
        _say_of_dial(act, channel, zone, values, quality)
        return values, quality
    trace = ReadingTrace.objects.filter(park_id=act.park_id, act=act).order_by("pk").first()
    if trace is not None:
        said = Said.unpacked(trace.channels, bytes(trace.cells))
        standing = what_stands(said, act.park_id, of_states=False)
        is_open = standing.is_open[0, :count]
        values[is_open], quality[is_open] = standing.values[0, :count][is_open], standing.quality[0, :count][is_open]
    return values, quality


def _say_of_dial(
    act: ReadingAct, channel: Channel, zone: ZoneInfo, values: NDArray[np.float64], quality: NDArray[np.uint8]
) -> None:
    """Put in what the kept states say of a day, where states that the act was made upon have fallen since."""
    traces = ReadingTrace.objects.filter(park_id=act.park_id, of_states=True, channels__contains=[channel.pk])
    if not traces.fallen().exists():
        return
    uses, marks = uses_of_day(channels_of([channel], zone), act.park_id, (act.day - EPOCH).days, zone)
    for place in act.places:
        values[place], quality[place] = uses[place], marks[place]
