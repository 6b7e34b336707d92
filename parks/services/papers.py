"""Rows that keep a file: none twice in one place, and what is taken away stays on record.

Used under the lock of whatever the files hang on, so that no two uploads pass each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parks.models import StoredFile
from parks.services.files import AcceptedFile, UnacceptableFile


def refuse_repeated(kept: QuerySet[Any], accepted: AcceptedFile) -> None:
    """kept: the rows among which the content may stand once."""
    name = kept.filter(sha256=accepted.sha256).values_list("name", flat=True).first()
    if name is not None:
        raise UnacceptableFile(_("This file is attached already, as “%(name)s”.") % {"name": name})


def put_away(row: StoredFile, now: datetime) -> bool:
    """Hide a file from its list, row and bytes stay; False where that was done before."""
    if row.removed_at is not None:
        return False
    row.removed_at = now
    row.save(update_fields=["removed_at"])
    return True
