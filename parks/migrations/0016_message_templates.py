from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import lib.identifiers
from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.operations import ADD, ProtectTable

# What a park writes binds it. Without an author it is the installation that sets a park up.
BY_ADMINISTRATOR = f"""
{ROLE} <> 'app_official' OR {AUTHOR} IS NULL OR EXISTS (
    SELECT 1 FROM parks_membership AS writer
    WHERE writer.user_id = {AUTHOR} AND writer.park_id = NEW.park_id AND writer.enterprise_id IS NULL
      AND writer.is_active AND 'park_administrator' = ANY (writer.roles)
)
"""  # noqa: S608 - of constants


class Migration(migrations.Migration):
    dependencies = [("parks", "0015_names_in_the_trail")]

    operations = [
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="message")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("subject_en", models.CharField(max_length=150, verbose_name="subject in English")),
                ("subject_zh", models.CharField(max_length=150, verbose_name="subject in Chinese")),
                ("text_en", models.TextField(max_length=4000, verbose_name="text in English")),
                ("text_zh", models.TextField(max_length=4000, verbose_name="text in Chinese")),
                ("written_by_name", models.CharField(max_length=120)),
                ("written_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
                ("replaced_by_name", models.CharField(blank=True, default="", max_length=120)),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("park", "id"), name="message_template_of_park"),
                    models.UniqueConstraint(fields=("park", "kind", "number"), name="message_template_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("park", "kind"),
                        name="message_template_current_once",
                    ),
                ],
            },
        ),
        # Reminders to an enterprise are written in its own scope, in the words of the park.
        ProtectTable(
            "MessageTemplate",
            officials=ADD,
            enterprises="SELECT",
            enterprise_columns=(),
            enterprise_condition="replaced_at IS NULL",
            columns={"official": ("replaced_at", "replaced_by_name")},
        ),
        GuardRows(
            "MessageTemplate",
            "by_administrator",
            after="INSERT OR UPDATE",
            condition=BY_ADMINISTRATOR,
            message="the words of a message are written by the administrator of the park",
        ),
        GuardRows(
            "MessageTemplate",
            "replaced_once",
            after="UPDATE",
            condition="OLD.replaced_at IS NULL",
            message="a version that was replaced stays so",
        ),
    ]
