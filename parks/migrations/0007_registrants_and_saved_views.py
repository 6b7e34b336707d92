from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import lib.identifiers
from tenancy.operations import PARK, PERSON, ProtectTable

SEEN_BY_REGISTRANTS = f"""
GRANT SELECT ON parks_park TO app_registrant;
CREATE POLICY parks_park_registrant_select ON parks_park FOR SELECT TO app_registrant USING (id = {PARK})
"""
UNSEEN = """
DROP POLICY parks_park_registrant_select ON parks_park;
REVOKE SELECT ON parks_park FROM app_registrant
"""


class Migration(migrations.Migration):
    dependencies = [("parks", "0006_keys_in_the_trail"), ("tenancy", "0006_registrants")]

    operations = [
        migrations.RunSQL(SEEN_BY_REGISTRANTS, UNSEEN),
        migrations.AddField("membership", "is_enterprise_suspended", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("page", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=1000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("park", "id"), name="saved_view_of_park"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("park", "user", "page", "name"),
                name="saved_view_once",
                violation_error_message="You already keep a view under this name.",
            ),
        ),
        ProtectTable(
            "SavedView",
            officials="SELECT, INSERT, UPDATE, DELETE",
            official_condition=f"user_id = {PERSON}",
        ),
    ]
