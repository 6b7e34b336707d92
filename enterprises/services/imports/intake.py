"""Taking a file in: examined, its headings found, kept under the park's key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from enterprises.models import RegisterImport
from enterprises.permissions import can_register_enterprise, guard
from enterprises.services.imports.cells import plain
from enterprises.services.imports.headings import ROWS_BEFORE_HEADINGS, heading_row, plain_heading
from lib.file_types import display_name
from lib.spreadsheets import Examined, Row, Rows, UnreadableSheet, examine, open_rows
from parks.actors import Actor
from parks.models import Park
from parks.services.files import refuse_size

SAMPLE_ROWS = 5
LONGEST_SAMPLE = 100
CHUNK = 1024 * 1024


@transaction.atomic
def take_in_file(actor: Actor, *, park: Park, upload: UploadedFile, now: datetime) -> RegisterImport:
    """Keep a file whose columns are then matched. Raises `UnacceptableFile` or `UnreadableSheet` for the input."""
    guard(can_register_enterprise(actor) and actor.park_id == park.pk)
    refuse_size(upload)
    examined = examine(upload)
    headings, sample, place = _beginning(upload, examined)
    return RegisterImport.objects.create(
        park=park,
        name=display_name(upload.name or "", examined.file_type),
        content_type=examined.file_type.content_type,
        size_bytes=upload.size or 0,
        sha256=_digest(upload),
        file=upload,
        uploaded_by_id=actor.user_id,
        uploaded_by_name=actor.name,
        uploaded_at=now,
        headings=headings,
        sample=sample,
        reading={**examined.as_json(), **place},
    )


def _beginning(upload: UploadedFile, examined: Examined) -> tuple[list[str], list[list[str]], dict[str, Any]]:
    """The headings, the first rows below them, and where they stand."""
    with open_rows(upload, examined.kind, examined.encoding, examined.delimiter, is_hurried=True) as rows:
        first = list(islice(rows, ROWS_BEFORE_HEADINGS + SAMPLE_ROWS))
        place = heading_row([row.cells for row in first])
        below = first[place + 1 : place + 1 + SAMPLE_ROWS]
        if not below:
            raise UnreadableSheet("only_headings")
        # What a title or a total far to the right adds is no column.
        width = max(len(row.cells) for row in first[place:])
        known = {"heading_row": first[place].number, "sheet": rows.sheet, "height": rows.height}
    cells = first[place].cells
    headings = [plain_heading(cell) for cell in cells] + [""] * (width - len(cells))
    return headings, [_sampled(row, width) for row in below], known


def _sampled(row: Row, width: int) -> list[str]:
    texts = [plain(cell)[:LONGEST_SAMPLE] for cell in row.cells]
    return texts + [""] * (width - len(texts))


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


@contextmanager
def rows_of(register_import: RegisterImport, *, is_hurried: bool = False) -> Iterator[Rows]:
    """The rows of a file that was taken in, those above the headings and these included."""
    reading = register_import.reading
    with (
        register_import.file.open("rb") as stored,
        open_rows(stored, reading["kind"], reading["encoding"], reading["delimiter"], is_hurried=is_hurried) as rows,
    ):
        yield rows


def original_rows(register_import: RegisterImport, numbers: Mapping[int, Any]) -> Iterator[Row]:
    """The rows with these numbers as they stand in the file, for somebody who waits for them."""
    with rows_of(register_import, is_hurried=True) as rows:
        for row in rows:
            if row.number in numbers:
                yield row
