"""Files and their rows, which name people, are forgotten some time after they were dealt with; the record stays.

The record lets go of its file, which the sweep of files without a row then deletes from the storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models.functions import Coalesce

from enterprises.models import RegisterImport, RegisterImportRow
from enterprises.models.imports import ROWS_KEPT

ROWS_A_STEP = 5000


def forget_rows(park_id: int, now: datetime) -> Iterator[None]:
    """Forget a park's files that ended, or that their worker left, long ago: rows first, so many before each `yield`.

    Safe to repeat.
    """
    last_touched = Coalesce("finished_at", "beat_at", "uploaded_at")
    ended = RegisterImport.objects.alias(touched_at=last_touched).filter(
        park_id=park_id, touched_at__lte=now - ROWS_KEPT
    )
    rows = RegisterImportRow.objects.filter(park_id=park_id, register_import__in=ended)
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_A_STEP]):
        RegisterImportRow.objects.filter(pk__in=some).delete()
        yield
    ended.exclude(file="").update(file="", sample=[])
