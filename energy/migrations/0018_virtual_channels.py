"""Channels that are worked out from others: formulas without circles, over channels that their owner may see."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import lib.identifiers
from django.db import migrations, models

from tenancy.guards import GuardRows
from tenancy.operations import WRITE, CompositeForeignKey, ProtectTable

IN_TURN = """SELECT count(*) = 1 FROM pg_advisory_xact_lock(hashtextextended('energy.formulas:' || NEW.park_id, 0))"""
NO_CIRCLE = """NOT EXISTS (
    WITH RECURSIVE origin (id) AS (
        SELECT unnest(NEW.inputs)
        UNION
        SELECT unnest(f.inputs) FROM origin JOIN energy_channelformula AS f
            ON f.park_id = NEW.park_id AND f.channel_id = origin.id
    )
    SELECT 1 FROM origin WHERE id = NEW.channel_id
)"""
OWN = """NOT EXISTS (
    SELECT 1 FROM unnest(NEW.inputs) AS i (id) LEFT JOIN energy_channel AS c ON c.park_id = NEW.park_id AND c.id = i.id
    WHERE c.id IS NULL OR (NEW.enterprise_id IS NOT NULL AND c.enterprise_id IS DISTINCT FROM NEW.enterprise_id)
) AND EXISTS (
    SELECT 1 FROM energy_channel AS c WHERE c.park_id = NEW.park_id AND c.id = NEW.channel_id AND c.kind = 'virtual'
        AND c.enterprise_id IS NOT DISTINCT FROM NEW.enterprise_id
)"""


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0017_checks_across_channels"),
        ("enterprises", "0033_web_address"),
        ("parks", "0017_keys_that_send"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("interval", "Use of each interval"),
                    ("register", "Cumulative register"),
                    ("virtual", "Worked out by a formula"),
                ],
                default="interval",
                max_length=20,
                verbose_name="gives",
            ),
        ),
        migrations.CreateModel(
            name="ChannelFormula",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("text", models.CharField(max_length=500, verbose_name="formula")),
                (
                    "inputs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None, verbose_name="worked out from"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="formula", to="energy.channel"
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
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["inputs"], name="channel_formula_inputs")],
                "constraints": [
                    models.UniqueConstraint(fields=("park", "id"), name="channel_formula_of_park"),
                    models.CheckConstraint(
                        condition=models.Q(("inputs__len__gte", 1), ("inputs__len__lte", 100)),
                        name="channel_formula_has_inputs",
                    ),
                ],
            },
        ),
        ProtectTable("ChannelFormula", officials=WRITE, enterprises=WRITE),
        CompositeForeignKey("ChannelFormula", ("park_id", "enterprise_id"), "enterprises.Enterprise"),
        CompositeForeignKey("ChannelFormula", ("park_id", "channel_id"), "Channel"),
        GuardRows(
            "ChannelFormula",
            "in_turn",
            after="INSERT OR UPDATE",
            condition=IN_TURN,
            message="Formulas are written one after another.",
        ),
        GuardRows(
            "ChannelFormula",
            "no_circle",
            after="INSERT OR UPDATE",
            condition=NO_CIRCLE,
            message="A channel is worked out from itself.",
        ),
        GuardRows(
            "ChannelFormula",
            "own_inputs",
            after="INSERT OR UPDATE",
            condition=OWN,
            message="A channel is worked out from channels of its owner.",
        ),
    ]
