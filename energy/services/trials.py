"""Trying a feed: what would become of a file, with nothing kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from energy.formats import Batch, Reading, Refused, UnreadableFile, opened, read_batches
from energy.models import Feed, ReadingImport
from energy.permissions import can_change_row, can_import_readings, guard
from energy.services.fetching import limits_of, place_of
from energy.services.readings.checking import Report
from energy.services.readings.pipeline import ChunkCounts, store_batch
from energy.sources import opened_source
from lib.limits import spend
from lib.outbound import Unreached
from lib.refusals import Refusal
from parks.actors import Actor

MOST_ROWS = 20
MOST_BYTES = 5 * 1024 * 1024
# A person waits for the page meanwhile: what a trial reads is small, also where it is packed.
MOST_UNPACKED = 64 * 1024 * 1024
SECONDS = 20
MOST_TRIALS, WITHIN_MINUTES = 20, 10


class TooManyTrials(Refusal):
    code = "too_many_trials"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    at: datetime
    value: float
    unit: str


@dataclass(slots=True)
class Trial:
    """What the first part of a file gives. `problem` is why it was not got, `failure` why it could not be read."""

    name: str = ""
    size: int = 0
    problem: str = ""
    failure: str = ""
    failure_line: int | None = None
    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    counts: ChunkCounts | None = None


def try_source(actor: Actor, feed: Feed, *, now: datetime) -> Trial:
    """The newest file at the source of a feed. Raises `TooManyTrials`."""
    _guard(actor, feed)
    with TemporaryFile() as file:
        try:
            name = _newest(feed, file)
        except Unreached as error:
            return Trial(problem=error.code)
        if not name:
            return Trial(problem="nothing_there")
        return _read(feed, file, name, now)


def try_file(actor: Actor, feed: Feed, *, file: IO[bytes], name: str, now: datetime) -> Trial:
    """A file that somebody has at hand. Raises `TooManyTrials`."""
    _guard(actor, feed)
    return _read(feed, file, name, now)


def _guard(actor: Actor, feed: Feed) -> None:
    """Whoever tries feeds lets the portal ask any public address: not without end."""
    guard(can_import_readings(actor) and can_change_row(actor, feed))
    if not spend(f"feed-trial:{actor.membership_id}", MOST_TRIALS, timedelta(minutes=WITHIN_MINUTES)):
        raise TooManyTrials(_("That were many trials. Wait ten minutes."))


def _newest(feed: Feed, file: IO[bytes]) -> str:
    with opened_source(feed.source, place_of(feed), limits_of(MOST_BYTES, SECONDS)) as source:
        found = source.look()
        if not found:
            return ""
        source.get(found[-1], file)
        return PurePosixPath(found[-1].name).name


def _read(feed: Feed, file: IO[bytes], name: str, now: datetime) -> Trial:
    trial = Trial(name=name, size=file.seek(0, 2))
    reading = Reading(ZoneInfo(feed.time_zone), feed.mapping)
    try:
        with opened(file, MOST_UNPACKED) as source:
            batch = next(islice(read_batches(source, feed.format, reading, max(trial.size, 1)), 1), None)
    except UnreadableFile as error:
        trial.failure, trial.failure_line = error.code, error.line
        return trial
    if batch is not None:
        trial.rows = list(islice(_rows(batch), MOST_ROWS))
        trial.counts, trial.refused = _would_be(feed, batch, trial, now)
    return trial


def _rows(batch: Batch) -> Iterator[Row]:
    for place, at, value in zip(batch.name_of.tolist(), batch.at.tolist(), batch.values.tolist(), strict=True):
        yield Row(batch.names[place], datetime.fromtimestamp(at, UTC), value, batch.units[place])


def _would_be(feed: Feed, batch: Batch, trial: Trial, now: datetime) -> tuple[ChunkCounts, list[Refused]]:
    """Stored by the pipeline itself, and taken back: a trial says what an import would."""
    row = ReadingImport(park=feed.park, enterprise=feed.enterprise, feed=feed, name=trial.name, uploaded_at=now)
    report = Report(room=MOST_ROWS)
    with transaction.atomic():
        counts = store_batch(row, batch, report, now)
        transaction.set_rollback(True)
    return counts, report.rows
