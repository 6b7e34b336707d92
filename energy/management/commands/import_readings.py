from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from energy.choices import ImportState
from energy.models import Feed, ReadingImport
from energy.services.readings import import_steps, take_in_file
from parks.models import Park
from tenancy.scopes import Author, park_scope, platform_scope

AUTHOR = Author(name="ParkZero")
ENDED = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


class Command(BaseCommand):
    help = "Read files of readings into a park's store, in the foreground. Prints one JSON line a file; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--park", required=True, help="the park's short name in addresses")
        parser.add_argument("--feed", required=True, help="the name of the feed")
        parser.add_argument("--again", action="store_true", help="read files again that were read already")
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        park_id = self._park(options["park"])
        has_failed = False
        for path in options["files"]:
            has_failed |= not self._import(park_id, options["feed"], path, again=options["again"])
        if has_failed:
            raise CommandError("Not every file was read; the lines above say why.")

    def _park(self, slug: str) -> int:
        with platform_scope(AUTHOR):
            park = Park.objects.filter(slug=slug).first()
        if park is None:
            raise CommandError(f"No park is called {slug}.")
        return park.pk

    def _import(self, park_id: int, feed_name: str, path: Path, *, again: bool) -> bool:
        with park_scope(park_id, AUTHOR), path.open("rb") as opened:
            feed = Feed.objects.filter(park_id=park_id, name=feed_name).first()
            if feed is None:
                raise CommandError(f"The park has no feed called {feed_name}.")
            row = take_in_file(feed=feed, upload=File(opened), name=path.name, by=None, now=timezone.now(), again=again)
            is_known = row.state in ENDED
        if not is_known:
            self._work(park_id, row.pk)
        with park_scope(park_id, AUTHOR):
            row = ReadingImport.objects.get(pk=row.pk)
        self.stdout.write(json.dumps(_told(row, path, is_known=is_known), ensure_ascii=False))
        return row.state == ImportState.DONE

    def _work(self, park_id: int, reading_import_id: UUID) -> None:
        """Each step in a transaction of its own, as in the worker."""
        steps: Iterator[None] = import_steps(reading_import_id, timezone.now)
        while True:
            with park_scope(park_id, AUTHOR):
                if next(steps, self) is self:
                    return


def _told(row: ReadingImport, path: Path, *, is_known: bool) -> dict[str, Any]:
    """What happened now: of a file that was known nothing was stored again."""
    line: dict[str, Any] = {
        "file": str(path),
        "import": str(row.pk),
        "state": row.state,
        "read": row.readings_read,
        "stored": 0 if is_known else row.readings_stored,
        "unchanged": row.readings_unchanged + (row.readings_stored if is_known else 0),
        "rejected": row.readings_rejected,
    }
    if row.rejected_by_rule:
        line["rejected_by_rule"] = row.rejected_by_rule
    if row.failure:
        line |= {"failure": row.failure, "line": row.failure_line}
    return line
