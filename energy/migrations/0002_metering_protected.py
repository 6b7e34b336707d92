from __future__ import annotations

from django.db import migrations

from tenancy.guards import QuietColumns
from tenancy.kept_files import TellKeptFiles
from tenancy.operations import ADD, READ, WRITE, CompositeForeignKey, GuardTransitions, ProtectTable

IMPORT_STATES = {
    "queued": ["running", "cancelled"],
    "running": ["done", "failed", "cancelled"],
    "done": [],
    "failed": ["queued"],
    "cancelled": ["queued"],
}
# A file of millions of readings writes them after each chunk.
PROGRESS = (
    "readings_read",
    "readings_stored",
    "readings_unchanged",
    "readings_rejected",
    "rejected_by_rule",
    "chunks_done",
    "share_done",
    "carried",
    "first_day",
    "last_day",
    "beat_at",
)
OWNED = ("Meter", "Channel", "Feed", "ReadingImport")
OF_CHANNELS = ("IntervalBlock", "IntervalBlockRevision", "MonthTotal")


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0001_metering"),
        ("enterprises", "0028_stopped_imports"),
        ("tenancy", "0010_events_of_ones_own"),
    ]

    operations = [
        *(ProtectTable(model, officials=WRITE, enterprises=WRITE) for model in OWNED),
        # What an import rejected, and every block, is written by the worker on behalf of the park. Their history is the
        # imports and the revisions: an event for each of millions of rows would bury the trail.
        ProtectTable("RejectedReading", officials=ADD, enterprises=READ, history=False),
        ProtectTable("IntervalBlock", officials=WRITE, enterprises=READ, history=False),
        ProtectTable("IntervalBlockRevision", officials=ADD, enterprises=READ, history=False),
        ProtectTable("MonthTotal", officials=WRITE, enterprises=READ, history=False),
        *(
            CompositeForeignKey(model, ("park_id", "enterprise_id"), "enterprises.Enterprise")
            for model in (*OWNED, "RejectedReading")
        ),
        CompositeForeignKey("Channel", ("park_id", "meter_id"), "Meter"),
        CompositeForeignKey("ReadingImport", ("park_id", "feed_id"), "Feed"),
        CompositeForeignKey("RejectedReading", ("park_id", "reading_import_id"), "ReadingImport"),
        *(CompositeForeignKey(model, ("park_id", "channel_id"), "Channel") for model in OF_CHANNELS),
        GuardTransitions("ReadingImport", "state", "queued", IMPORT_STATES),
        QuietColumns("ReadingImport", PROGRESS, "enterprise_id"),
        TellKeptFiles("ReadingImport"),
    ]
