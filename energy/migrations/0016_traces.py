"""What each chunk of an import and each act said of which readings, so that imports can be undone."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import lib.identifiers
from django.conf import settings
from django.db import migrations, models

from tenancy.guards import QuietColumns
from tenancy.operations import ADD, PARK, READ, WRITE, CompositeForeignKey, GuardTransitions, ProtectTable, Undone

BEFORE = {
    "queued": ["running", "cancelled"],
    "running": ["done", "failed", "cancelled"],
    "done": [],
    "failed": ["queued"],
    "cancelled": ["queued"],
}
IMPORT_STATES = BEFORE | {
    "done": ["undoing"],
    "failed": ["queued", "undoing"],
    "cancelled": ["queued", "undoing"],
    "undoing": ["undone"],
    "undone": [],
}
# Days of a dial on which no state is left: whoever looks for those around would take them for some.
FORGET_DAYS = f"""
GRANT DELETE ON energy_registerday TO app_official;
CREATE POLICY energy_registerday_official_delete ON energy_registerday FOR DELETE TO app_official
    USING (park_id = {PARK});
"""
KEEP_DAYS = """
DROP POLICY energy_registerday_official_delete ON energy_registerday;
REVOKE DELETE ON energy_registerday FROM app_official;
"""
PROGRESS = ("last_trace", "readings_restored", "readings_kept", "first_day", "last_day", "beat_at")


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0015_assets"),
        ("enterprises", "0033_web_address"),
        ("parks", "0017_keys_that_send"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="readingimport",
            name="is_traced",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="readingimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                ],
                default="queued",
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="ImportUndo",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("reason", models.TextField()),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_trace", models.BigIntegerField(default=0)),
                ("readings_restored", models.BigIntegerField(default=0)),
                ("readings_kept", models.BigIntegerField(default=0)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("beat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parks.park"
                    ),
                ),
                (
                    "reading_import",
                    models.OneToOneField(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undo",
                        to="energy.readingimport",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [models.UniqueConstraint(fields=("park", "id"), name="import_undo_of_park")],
            },
        ),
        migrations.CreateModel(
            name="ReadingTrace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("of_states", models.BooleanField(default=False)),
                ("channels", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("added_count", models.IntegerField()),
                ("corrected_count", models.IntegerField()),
                ("confirmed_count", models.IntegerField()),
                ("cells", models.BinaryField()),
                (
                    "act",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="energy.readingact",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parks.park"
                    ),
                ),
                (
                    "reading_import",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="energy.readingimport",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["park", "reading_import", "id"], name="reading_trace_of_import"),
                    models.Index(
                        condition=models.Q(("act__isnull", False)), fields=["park", "act"], name="reading_trace_of_act"
                    ),
                    models.Index(fields=["park", "last_day"], name="reading_trace_of_days"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("park", "id"), name="reading_trace_of_park"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act__isnull", False), ("reading_import", None)),
                            models.Q(("act", None), ("reading_import__isnull", False)),
                            _connector="OR",
                        ),
                        name="reading_trace_of_one",
                    ),
                ],
            },
        ),
        # Written by the worker, a row for each chunk that it commits; the imports and the acts are their history.
        ProtectTable("ReadingTrace", officials=ADD, enterprises=READ, history=False),
        ProtectTable("ImportUndo", officials=WRITE, enterprises=ADD, columns={"enterprise": ("beat_at",)}),
        QuietColumns("ImportUndo", PROGRESS, "enterprise_id"),
        *(
            CompositeForeignKey(model, columns, target)
            for model in ("ReadingTrace", "ImportUndo")
            for columns, target in (
                (("park_id", "enterprise_id"), "enterprises.Enterprise"),
                (("park_id", "reading_import_id"), "ReadingImport"),
            )
        ),
        CompositeForeignKey("ReadingTrace", ("park_id", "act_id"), "ReadingAct"),
        Undone(GuardTransitions("ReadingImport", "state", "queued", BEFORE)),
        GuardTransitions(
            "ReadingImport", "state", "queued", IMPORT_STATES, by_enterprise=("queued", "cancelled", "undoing")
        ),
        migrations.RunSQL(FORGET_DAYS, KEEP_DAYS),
    ]
