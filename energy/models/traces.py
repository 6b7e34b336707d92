"""What was said of which readings, in its order, and the undoing of imports by it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from energy.models.imports import LONGEST_SILENCE, MOST_TAKEN_UP, ReadingImport
from energy.models.meters import OwnedByParkOrEnterprise
from energy.models.quality import ReadingAct
from energy.querysets import ReadingTraceQuerySet
from lib.identifiers import uuid7


class ReadingTrace(OwnedByParkOrEnterprise):
    """The intervals of which a chunk of an import, or an act of a person, said something, and what stood there before.

    Traces of one channel are numbered in the order in which they were written, as whoever writes holds the channel.
    `of_states`: of the dials of registers, whose uses follow from their states; otherwise of the values of intervals.
    `cells` is packed by `energy.services.readings.traces`. Of the cells `added_count` held nothing before,
    `corrected_count` something else, `confirmed_count` the same. Rows are only ever added.
    """

    id = models.BigAutoField(primary_key=True)
    reading_import = models.ForeignKey(ReadingImport, models.PROTECT, null=True, related_name="+", db_index=False)
    act = models.ForeignKey(ReadingAct, models.PROTECT, null=True, related_name="+", db_index=False)
    of_states = models.BooleanField(default=False)
    channels = ArrayField(models.UUIDField())
    first_day = models.DateField()
    last_day = models.DateField()
    added_count = models.IntegerField()
    corrected_count = models.IntegerField()
    confirmed_count = models.IntegerField()
    cells = models.BinaryField()

    objects = ReadingTraceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="reading_trace_of_park"),
            models.CheckConstraint(
                condition=Q(reading_import=None, act__isnull=False) | Q(reading_import__isnull=False, act=None),
                name="reading_trace_of_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "reading_import", "id"], name="reading_trace_of_import"),
            models.Index(fields=["park", "act"], condition=Q(act__isnull=False), name="reading_trace_of_act"),
            models.Index(fields=["park", "last_day"], name="reading_trace_of_days"),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} {self.last_day}"


class ImportUndo(OwnedByParkOrEnterprise):
    """That an import is undone: by whom and why, how far the worker is, and what came of it.

    `last_trace` is the trace behind which the work goes on. `readings_restored` stand as they did before the import;
    `readings_kept` are those that the import had changed and something else has settled since. `first_day` to
    `last_day` are the days that were changed. `taken_up` counts how often a worker has begun since the last chunk.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reading_import = models.OneToOneField(ReadingImport, models.PROTECT, related_name="undo", db_index=False)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    last_trace = models.BigIntegerField(default=0)
    readings_restored = models.BigIntegerField(default=0)
    readings_kept = models.BigIntegerField(default=0)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    beat_at = models.DateTimeField(null=True)
    taken_up = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="import_undo_of_park")]

    def __str__(self) -> str:
        return str(self.reading_import)

    def is_abandoned(self, now: datetime) -> bool:
        """Whether the worker that is at it has given no sign of life for longer than any step takes."""
        return self.finished_at is None and now - (self.beat_at or self.at) > LONGEST_SILENCE

    @property
    def is_given_up(self) -> bool:
        """Whether so many workers did not get on with it that only a person has it tried again."""
        return self.finished_at is None and self.taken_up >= MOST_TAKEN_UP
