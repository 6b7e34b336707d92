"""Files of enterprises that a park brings into its register at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.choices import ImportState, RowOutcome
from lib.identifiers import uuid7
from lib.spreadsheets import MOST_SECONDS
from parks.models import ParkOwned, StoredFile

RUNNING_IMPORTS = frozenset({ImportState.CHECKING, ImportState.IMPORTING})
ROWS_KEPT = timedelta(days=90)
"""How long a file and its rows stay after its check or import ended; they name people and telephones."""
LONGEST_SILENCE = timedelta(seconds=MOST_SECONDS + 60)


def import_path(register_import: RegisterImport, filename: str) -> str:
    """Storage keys carry the park; the name the person gave is never part of a path."""
    return f"parks/{register_import.park_id}/register-imports/{register_import.pk}"


class RegisterImport(StoredFile):
    """One file on its way into the register: matched, checked row by row, then imported by the worker in chunks.

    `file` is empty once it is forgotten, with its rows and its `sample`.
    `headings` are the columns of the file in order; `mapping` maps a fact to the index of its column. `reading` is how
    the file was examined and where its headings stand, `sample` the first rows below them. A worker that lives sets
    `beat_at`; `rows_done` is written with the rows of each chunk, so that neither is ahead of the other.
    rows_total = rows_new + rows_updated + rows_unchanged + rows_rejected once it is checked; before, it is what the
    file claims. `rows_to_confirm` of the new ones that wait have a code whose check character does not fit. `failure`
    is a code.
    """

    file = models.FileField(upload_to=import_path, max_length=200)
    uploaded_by_name = models.CharField(max_length=120)
    state = models.CharField(max_length=20, choices=ImportState.choices, default=ImportState.UPLOADED)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    reading = models.JSONField(default=dict)
    sample = models.JSONField(default=list)
    are_updates_wanted = models.BooleanField(_("change what is registered already"), default=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_checked = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_updated = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    rows_to_confirm = models.PositiveIntegerField(default=0)
    is_code_confirmed = models.BooleanField(default=False)
    is_cancel_asked = models.BooleanField(default=False)
    failure = models.TextField(blank=True)
    beat_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="register_import_of_park"),
            models.CheckConstraint(condition=Q(rows_done__lte=F("rows_total")), name="register_import_within_total"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "-uploaded_at"], name="register_import_list"),
            models.Index(fields=["file"], name="register_import_file"),
        ]

    @property
    def is_running(self) -> bool:
        """Whether the worker has something to do with it."""
        return self.state in RUNNING_IMPORTS

    def is_abandoned(self, now: datetime) -> bool:
        """Whether the worker that should be at it has given no sign of life for longer than any step takes."""
        return self.is_running and (self.beat_at is None or now - self.beat_at > LONGEST_SILENCE)

    def are_rows_forgotten(self, now: datetime) -> bool:
        """Whether its rows may be gone: nobody works with them any more."""
        return self.finished_at is not None and self.finished_at <= now - ROWS_KEPT

    @property
    def rows_wanted(self) -> int:
        """How many rows the import writes into the register."""
        return self.rows_new + (self.rows_updated if self.are_updates_wanted else 0)


class RegisterImportRow(ParkOwned):
    """One row of a file as it was checked. `number` is its row as a spreadsheet program counts it.

    `facts` are the values as texts, empty cells left out; `changes` maps a fact to [before, after]; `problems` is a
    list of {"column", "value", "rule", "suggestion"}, of which the first of a rejected row is its `reason`.
    `enterprise_id` is the enterprise that has the code, or will have it once `done_at` is set, in the transaction that
    wrote the row into the register. `needs_confirmation`: a new code whose check character does not fit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    register_import = models.ForeignKey(RegisterImport, models.PROTECT, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    credit_code = models.CharField(max_length=18, blank=True)
    outcome = models.CharField(max_length=20, choices=RowOutcome.choices)
    facts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    reason = models.CharField(max_length=30, blank=True)
    needs_confirmation = models.BooleanField(default=False)
    enterprise_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="register_import_row_of_park"),
            models.UniqueConstraint(fields=["park", "register_import", "number"], name="register_import_row_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "register_import", "outcome", "number"], name="register_import_row_list"),
            models.Index(fields=["park", "register_import", "credit_code"], name="register_import_row_code"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.credit_code}"
