from __future__ import annotations

from django.db import migrations, models

from tenancy.operations import GuardTransitions

IMPORT_STATES = {
    "uploaded": ["checking", "cancelled"],
    "checking": ["uploaded", "checked", "failed"],
    "checked": ["checking", "importing", "cancelled"],
    "importing": ["done", "cancelled"],
    "done": [],
    "cancelled": ["checking", "importing"],
    "failed": ["checking"],
}


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0009_vetting")]

    operations = [
        migrations.AddField("registerimport", "reading", models.JSONField(default=dict)),
        migrations.AddField("registerimport", "sample", models.JSONField(default=list)),
        migrations.AddField("registerimport", "rows_to_confirm", models.PositiveIntegerField(default=0)),
        migrations.AddField("registerimport", "is_code_confirmed", models.BooleanField(default=False)),
        migrations.AddField("registerimportrow", "reason", models.CharField(blank=True, max_length=30)),
        migrations.AddField("registerimportrow", "needs_confirmation", models.BooleanField(default=False)),
        migrations.AddIndex(
            "registerimportrow",
            models.Index(fields=["park", "register_import", "credit_code"], name="register_import_row_code"),
        ),
        GuardTransitions("RegisterImport", "state", "uploaded", IMPORT_STATES),
    ]
