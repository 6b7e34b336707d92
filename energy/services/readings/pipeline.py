"""The work on one file, chunk by chunk: each is committed whole, with its counts, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from energy.calculations.clock import Days
from energy.choices import ImportState
from energy.events import readings_imported
from energy.formats import Batch, Reading, UnreadableFile, opened, read_batches
from energy.models import MOST_REJECTED_ROWS, ReadingImport, RejectedReading
from energy.services.readings.channels import Channels, channels_for, hold
from energy.services.readings.checking import Readings, Report, not_in_future, on_grid, with_channels, within_limits
from energy.services.readings.dials import Dials, read_dials, states_in_order
from energy.services.readings.register_days import keep_days, kept_days
from energy.services.readings.store import Merged, lay_out, merge
from energy.services.readings.traces import trace_states

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    read: int
    stored: int
    unchanged: int
    rejected: int
    first_day: date | None
    last_day: date | None


def import_steps(reading_import_id: UUID, clock: Clock) -> Iterator[None]:
    """Work on an import until it is done, from where it was left; each step is for a transaction of its own.

    A worker may die between any two steps. One that comes twice goes on behind what the other committed.
    """
    row = _locked(reading_import_id)
    if not row.is_running:
        return
    row.taken_up += row.state == ImportState.RUNNING
    row.state, row.started_at = ImportState.RUNNING, row.started_at or clock()
    row.beat_at = clock()
    row.save(update_fields=["state", "started_at", "beat_at", "taken_up"])
    yield
    with ExitStack() as stack:
        batches = _batches(row, stack)
        done, number = row.chunks_done, 0
        while True:
            found = _next(batches, done - number)
            number = max(number, done)
            row = _locked(reading_import_id)
            done = row.chunks_done
            if row.state != ImportState.RUNNING:
                return
            if row.is_cancel_asked:
                end_import(row, ImportState.CANCELLED, clock())
                return
            if isinstance(found, UnreadableFile):
                row.failure, row.failure_line = found.code, found.line
                end_import(row, ImportState.FAILED, clock())
                return
            if found is None:
                end_import(row, ImportState.DONE, clock())
                return
            if number < done:
                # Another worker took this chunk meanwhile.
                number += 1
                continue
            _take_chunk(row, found, clock())
            number, done = number + 1, row.chunks_done
            yield


def _next(batches: Iterator[Batch], skipped: int) -> Batch | UnreadableFile | None:
    """The batch behind some that are committed already, None at the end of the file, or what is wrong with it.

    Those are read over within one step: each of them a step of its own would end the run of a long file, which has its
    time, before anything new of it is committed. Nothing is held while the file is read.
    """
    try:
        return next(islice(batches, max(skipped, 0), None), None)
    except UnreadableFile as error:
        return error


def _locked(reading_import_id: UUID) -> ReadingImport:
    locked = ReadingImport.objects.select_for_update(of=("self",)).select_related("feed", "park")
    return locked.get(pk=reading_import_id)


def _batches(row: ReadingImport, stack: ExitStack) -> Iterator[Batch]:
    """The batches of the file, opened once for all steps of this run."""
    reading = Reading(ZoneInfo(row.feed.time_zone), row.feed.mapping)
    try:
        stored = stack.enter_context(row.file.open("rb"))
    except FileNotFoundError as error:
        raise UnreadableFile("file_gone") from error
    source = stack.enter_context(opened(stored.file))
    yield from read_batches(source, row.feed.format, reading, max(row.size_bytes, 1))


def end_import(row: ReadingImport, state: ImportState, now: datetime) -> None:
    """Write that it is over, and tell whoever counts with what it stored. The caller holds the row."""
    row.state, row.finished_at, row.beat_at = state, now, now
    if state == ImportState.DONE:
        row.share_done = 1
    row.save(update_fields=["state", "finished_at", "beat_at", "failure", "failure_line", "share_done"])
    if row.readings_stored:
        readings_imported.publish(
            park_id=row.park_id,
            reading_import_id=str(row.pk),
            first_day=row.first_day and row.first_day.isoformat(),
            last_day=row.last_day and row.last_day.isoformat(),
        )


def _take_chunk(row: ReadingImport, batch: Batch, now: datetime) -> None:
    kept = RejectedReading.objects.filter(park_id=row.park_id, reading_import=row)
    room = MOST_REJECTED_ROWS - kept.count() if row.readings_rejected else MOST_REJECTED_ROWS
    report = Report(room=room)
    counts = store_batch(row, batch, report, now)
    RejectedReading.objects.bulk_create(_rejected(row, report), batch_size=1000)
    row.rejected_by_rule = dict(Counter(row.rejected_by_rule) + report.counts)
    row.readings_read += counts.read
    row.readings_stored += counts.stored
    row.readings_unchanged += counts.unchanged
    row.readings_rejected += counts.rejected
    row.first_day = min(filter(None, (row.first_day, counts.first_day)), default=None)
    row.last_day = max(filter(None, (row.last_day, counts.last_day)), default=None)
    row.chunks_done, row.taken_up = row.chunks_done + 1, 0
    row.share_done = max(row.share_done, min(batch.share_done, 1.0))
    row.beat_at = now
    row.save()


def _rejected(row: ReadingImport, report: Report) -> list[RejectedReading]:
    return [
        RejectedReading(
            park_id=row.park_id,
            enterprise_id=row.enterprise_id,
            reading_import=row,
            line=refused.line,
            column=refused.column,
            readings=refused.readings,
            name=refused.name[:80],
            at=None if refused.at is None else datetime.fromtimestamp(refused.at, UTC),
            value=refused.value[:80].replace("\x00", ""),
            rule=refused.rule,
        )
        for refused in report.rows
    ]


def store_batch(row: ReadingImport, batch: Batch, report: Report, now: datetime) -> ChunkCounts:
    """Check the readings of a batch and merge them; read = stored + unchanged + rejected."""
    for refused in batch.refused:
        report.add(refused)
    zone = ZoneInfo(row.park.time_zone)
    channels = channels_for(row.feed, batch, zone)
    readings = with_channels(batch, channels, report)
    readings = not_in_future(batch, readings, int(row.uploaded_at.timestamp()), report)
    changed = rejected = np.zeros(0, dtype=np.int64)
    merged = Merged(changed, None, None)
    if len(readings.at):
        days = Days.around(readings.at, zone)
        readings = on_grid(batch, channels, readings, days, report)
        is_state = channels.is_register[readings.channel]
        states = readings.only(is_state)
        readings = within_limits(batch, channels, readings.only(~is_state), report)
        if len(states.at):
            dials = _turn_dials(row, batch, channels, states, days, zone, report)
            changed, rejected = dials.changed, dials.rejected
            readings = Readings.together([readings, dials.uses])
    if len(readings.at):
        days = Days.around(readings.at, zone)
        grid = lay_out(batch, channels, readings, days, report)
        merged = merge(grid, channels, row, now)
    # By a mask: sets of a million places, sorted or hashed, take as long as all the rest of a chunk.
    is_stored = np.zeros(len(batch.at), dtype=bool)
    is_stored[changed] = is_stored[merged.changed] = True
    is_stored[rejected] = False
    stored = int(is_stored.sum())
    return ChunkCounts(
        batch.read, stored, batch.read - stored - report.rejected, report.rejected, merged.first_day, merged.last_day
    )


def _turn_dials(  # noqa: PLR0917 - one call of `store_batch`
    row: ReadingImport,
    batch: Batch,
    channels: Channels,
    states: Readings,
    days: Days,
    zone: ZoneInfo,
    report: Report,
) -> Dials:
    """Keep the states of registers, and say which uses they change."""
    # The states of before are read when no other import can add to them any more.
    hold(channels, states.channel, row.park_id)
    states = states_in_order(batch, states, report)
    kept = kept_days(channels, states.channel, days.number_of(states.at) + days.first, row.park_id)
    trace_states(row, channels, states, days, kept)
    dials = read_dials(batch, channels, states, days, kept, zone, report)
    keep_days(channels, dials.days, row)
    return dials
