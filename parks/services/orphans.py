"""Files in the storage whose row was rolled back: one rule for every kind of `StoredFile`.

Asked as the login role, outside every park: what officials do not see, such as the papers of a draft, is kept too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import structlog
from django.apps import apps
from django.core.files.storage import default_storage

from lib.identifiers import instant_of
from parks.models import Park, StoredFile
from tenancy.kept_files import kept_files

logger = structlog.get_logger(__name__)
GRACE = timedelta(days=1)
"""How long a file may be without its row: as long as the slowest upload's transaction, and much more."""


def kinds_of_files() -> list[type[StoredFile]]:
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


def sweepable_places(park_id: int) -> Iterator[str]:
    """The folders of a park in which files are kept, and the files that lie beside them, for `sweep_orphans`.

    A folder ends with a slash. Other files of the park, such as its logo, are in none of them.
    """
    for root in sorted({_root(model, park_id) for model in kinds_of_files()}):
        folders, files = _listed(root)
        yield from chain((f"{root}/{name}/" for name in folders), (f"{root}/{name}" for name in files))


def sweep_orphans(places: Sequence[str], now: datetime) -> int:
    """Delete the files in these places that no row has; answer how many. Safe to repeat and to run beside uploads.

    One query, and one listing of the storage a folder: give it as many as one transaction should hold.
    """
    old = [path for place in places for path in _files_in(place) if _written_at(path) < now - GRACE]
    # After the listing: a row that was written in between is seen.
    kept = kept_files([model._meta.db_table for model in kinds_of_files()], old)
    orphans = [path for path in old if path not in kept]
    for path in orphans:
        default_storage.delete(path)
    if orphans:
        logger.info("orphaned_files_swept", count=len(orphans))
    return len(orphans)


def parks_with_files() -> list[int]:
    return list(Park.objects.order_by("pk").values_list("pk", flat=True))


def _root(model: type[StoredFile], park_id: int) -> str:
    """`parks/<park>/<kind>`, below which each row of the model has its file."""
    kind: Any = model
    path: str = kind._meta.get_field("file").generate_filename(kind(park_id=park_id), "any")
    return "/".join(path.split("/")[:3])


def _files_in(place: str) -> list[str]:
    return [f"{place}{name}" for name in _listed(place.rstrip("/"))[1]] if place.endswith("/") else [place]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return sorted(folders), sorted(files)


def _written_at(path: str) -> datetime:
    """A file is called by the identifier of its row, which tells when it was made: the storage need not be asked."""
    try:
        made_at = instant_of(UUID(path.rpartition("/")[2]))
    except ValueError:
        made_at = None
    return made_at or default_storage.get_modified_time(path)
