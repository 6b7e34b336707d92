"""What the undoing of an import would change, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min, Sum

from energy.choices import ActKind
from energy.models import ImportUndo, ReadingAct, ReadingImport, ReadingTrace

CHANNELS = """
SELECT DISTINCT unnest(channels) FROM energy_readingtrace
WHERE park_id = %(park)s AND reading_import_id = %(import)s AND added_count + corrected_count > 0
"""
LATER = """
SELECT DISTINCT o.reading_import_id
FROM energy_readingtrace AS t
JOIN energy_readingtrace AS o ON o.park_id = t.park_id AND o.of_states = t.of_states AND o.id > t.id
    AND o.reading_import_id <> t.reading_import_id
    AND o.last_day >= t.first_day AND o.first_day <= t.last_day AND o.channels && t.channels
WHERE t.park_id = %(park)s AND t.reading_import_id = %(import)s
"""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """`added` readings were not there before, of the `corrected` others stood there. Counted when they were stored.

    later: imports, the newest first, that have said something since of the same channels on the same days, at most
    `MOST_NAMED`; later_count: all of them. act_count: the estimates and edits since then that stand on these days.
    """

    added: int
    corrected: int
    channel_count: int
    first_day: date | None
    last_day: date | None
    later: list[ReadingImport]
    later_count: int
    act_count: int

    @property
    def later_ids(self) -> list[UUID]:
        return [each.pk for each in self.later]


def preview_of(reading_import: ReadingImport) -> UndoPreview:
    traces = ReadingTrace.objects.filter(park_id=reading_import.park_id, reading_import=reading_import)
    sums = traces.aggregate(
        added=Sum("added_count"), corrected=Sum("corrected_count"), first=Min("first_day"), last=Max("last_day")
    )
    channels, later = _ids(CHANNELS, reading_import), _ids(LATER, reading_import)
    standing = ReadingImport.objects.filter(park_id=reading_import.park_id, pk__in=later).exclude(
        state__in=("undoing", "undone")
    )
    acts = 0
    if sums["first"] is not None and reading_import.started_at is not None:
        acts = ReadingAct.objects.filter(
            park_id=reading_import.park_id,
            channel_id__in=channels,
            day__range=(sums["first"], sums["last"]),
            kind__in=(ActKind.ESTIMATE, ActKind.EDIT),
            at__gte=reading_import.started_at,
            undone_at=None,
        ).count()
    return UndoPreview(
        added=sums["added"] or 0,
        corrected=sums["corrected"] or 0,
        channel_count=len(channels),
        first_day=sums["first"],
        last_day=sums["last"],
        later=list(standing.order_by("-uploaded_at")[:MOST_NAMED]),
        later_count=standing.count(),
        act_count=acts,
    )


def _ids(query: str, reading_import: ReadingImport) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"park": reading_import.park_id, "import": reading_import.pk})
        return [row[0] for row in cursor.fetchall()]


def undo_of(reading_import: ReadingImport) -> ImportUndo | None:
    """How the undoing of an import goes, or went."""
    return ImportUndo.objects.filter(park_id=reading_import.park_id, reading_import=reading_import).first()
