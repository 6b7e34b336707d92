from __future__ import annotations

from django.db import migrations

from tenancy.guards import QuietColumns

# A file of thousands of rows writes them after each chunk; what became of its enterprises is recorded there.
PROGRESS = (
    "rows_total",
    "rows_checked",
    "rows_done",
    "rows_new",
    "rows_updated",
    "rows_unchanged",
    "rows_rejected",
    "rows_to_confirm",
    "beat_at",
)


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0018_kept_files")]

    operations = [QuietColumns("RegisterImport", PROGRESS)]
