"""Files of readings on their way into the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from energy.choices import ImportState, Rule
from energy.models.feeds import Feed
from energy.models.meters import OwnedByParkOrEnterprise
from energy.querysets import ReadingImportQuerySet
from lib.identifiers import uuid7
from parks.models import StoredFile

RUNNING_IMPORTS = frozenset({ImportState.QUEUED, ImportState.RUNNING})
ENDED_IMPORTS = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})
FALLEN_IMPORTS = frozenset({ImportState.UNDOING, ImportState.UNDONE})
"""What they said of readings does not stand."""
LONGEST_SILENCE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TAKEN_UP = 5
"""How often an import goes on by itself without getting on: a file that ends each worker must not do so for ever."""
MOST_REJECTED_ROWS = 10_000
"""How many rejected rows of a file are kept one by one. The counts are of all of them."""


def import_path(reading_import: ReadingImport, filename: str) -> str:
    """Storage keys carry the park; the name the person gave is never part of a path."""
    return f"parks/{reading_import.park_id}/reading-imports/{reading_import.pk}"


class ReadingImport(StoredFile, OwnedByParkOrEnterprise):
    """One file of readings: kept as it came, then read in chunks by the worker, each committed whole or not at all.

    readings_read = readings_stored + readings_unchanged + readings_rejected after every chunk. Stored are those that
    changed what was kept. `rejected_by_rule` counts the rejected by `Rule`; `chunks_done` says where work goes on after
    a worker died; `share_done` (0-1) is an estimate from the bytes read. `failure` is a code, `failure_line` the line
    of the file where it was found; what was committed before it stays. A worker that lives sets `beat_at`; `taken_up`
    counts how often another one has gone on with the work since the last chunk. `is_traced`: each chunk has kept what
    stood there before, so that the import can be undone.
    """

    # Nobody where the command line brought it.
    uploaded_by = models.ForeignKey(  # type: ignore[assignment]
        User, models.PROTECT, null=True, related_name="+"
    )
    uploaded_by_name = models.CharField(max_length=120, blank=True)
    file = models.FileField(upload_to=import_path, max_length=200)
    feed = models.ForeignKey(Feed, models.PROTECT, related_name="imports", db_index=False)
    state = models.CharField(max_length=20, choices=ImportState.choices, default=ImportState.QUEUED)
    readings_read = models.BigIntegerField(default=0)
    readings_stored = models.BigIntegerField(default=0)
    readings_unchanged = models.BigIntegerField(default=0)
    readings_rejected = models.BigIntegerField(default=0)
    rejected_by_rule = models.JSONField(default=dict)
    chunks_done = models.PositiveIntegerField(default=0)
    share_done = models.FloatField(default=0)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    is_cancel_asked = models.BooleanField(default=False)
    is_traced = models.BooleanField(default=False)
    failure = models.CharField(max_length=60, blank=True)
    failure_line = models.PositiveBigIntegerField(null=True)
    beat_at = models.DateTimeField(null=True)
    taken_up = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ReadingImportQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="reading_import_of_park"),
            models.UniqueConstraint(
                fields=["park", "feed", "sha256"],
                condition=Q(state__in=[ImportState.QUEUED, ImportState.RUNNING]),
                name="reading_import_running_once",
            ),
            models.CheckConstraint(
                condition=Q(readings_read=F("readings_stored") + F("readings_unchanged") + F("readings_rejected")),
                name="reading_import_adds_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "-uploaded_at"], name="reading_import_list"),
            models.Index(fields=["park", "feed", "sha256"], name="reading_import_digest"),
            models.Index(fields=["file"], name="reading_import_file"),
        ]

    @property
    def is_running(self) -> bool:
        """Whether the worker has something to do with it."""
        return self.state in RUNNING_IMPORTS

    def is_abandoned(self, now: datetime) -> bool:
        """Whether the worker that is at it has given no sign of life for longer than any chunk takes."""
        return self.state == ImportState.RUNNING and now - self.last_sign_at > LONGEST_SILENCE

    def is_silent(self, now: datetime) -> bool:
        """Whether it is time to ask for it anew: abandoned, or waiting for longer than other files should take."""
        return self.is_abandoned(now) or (self.state == ImportState.QUEUED and now - self.last_sign_at > LONGEST_WAIT)

    @property
    def last_sign_at(self) -> datetime:
        return self.beat_at or self.uploaded_at


class RejectedReading(OwnedByParkOrEnterprise):
    """A row or a cell of a file that was not taken: where it stood, what it said, and the rule that refused it.

    `line` counts from 1 as a text editor or spreadsheet does, `column` likewise and is 0 for the whole row. `readings`
    is how many readings were lost with it. `name` is what the file calls the channel, `at` the time where it is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reading_import = models.ForeignKey(ReadingImport, models.PROTECT, related_name="rejected", db_index=False)
    line = models.PositiveBigIntegerField()
    column = models.PositiveIntegerField(default=0)
    readings = models.PositiveBigIntegerField(default=1)
    name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(null=True)
    value = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=30, choices=Rule.choices)

    class Meta:
        ordering: ClassVar = ["line", "column", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="rejected_reading_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "reading_import", "line", "column"], name="rejected_reading_list")
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.rule}"
