from __future__ import annotations

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lib.identifiers
from tenancy.guards import ROLE, GuardRows
from tenancy.operations import PARK, WRITE, CompositeForeignKey, ProtectTable

PAPERS = "enterprises_registrationpaper"
FILED = "SELECT 1 FROM enterprises_registration filed WHERE filed.id = registration_id AND filed.number <> ''"
# A document belongs to the round with which it is filed; before that it is the registrant's own.
SEEN = f"""
ALTER POLICY {PAPERS}_official_select ON {PAPERS}
USING (park_id = {PARK} AND EXISTS ({FILED} AND filed.round >= filed_with))
"""
SEEN_BEFORE = f"""
ALTER POLICY {PAPERS}_official_select ON {PAPERS} USING (park_id = {PARK} AND (EXISTS ({FILED})))
"""
IS_UNFILED = """
CREATE OR REPLACE FUNCTION enterprises_is_unfiled(changed jsonb) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN changed ? 'submitted_at' THEN changed ->> 'submitted_at' IS NULL
    ELSE coalesce((SELECT {is_unfiled} FROM enterprises_registration
                   WHERE id = (changed ->> 'registration_id')::uuid), true) END
$$
"""
IN_A_LATER_ROUND = """
submitted_at IS NULL OR round < greatest(
    coalesce((changed ->> 'filed_with')::integer, 0), coalesce((changed ->> 'left_out_from')::integer, 0))
"""
# What was filed stays as the park read it; what is typed after a return stands apart until it is filed again.
RETURNED_STAYS = f"""
{ROLE} <> 'app_registrant' OR NEW.state NOT IN ('returned', 'withdrawn') OR OLD.state <> 'returned'
OR to_jsonb(NEW) - ARRAY['revision', 'saved_at', 'state', 'due_at']
   = to_jsonb(OLD) - ARRAY['revision', 'saved_at', 'state', 'due_at']
"""


class Migration(migrations.Migration):
    dependencies = [
        ("parks", "0012_places_by_officials"),
        ("enterprises", "0016_search_of_one_character"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("registrationpaper", "filed_with", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("registrationpaper", "left_out_from", models.PositiveSmallIntegerField(null=True)),
        migrations.RunSQL(
            f"GRANT UPDATE (left_out_from) ON {PAPERS} TO app_registrant",
            f"REVOKE UPDATE (left_out_from) ON {PAPERS} FROM app_registrant",
        ),
        migrations.RunSQL(SEEN, SEEN_BEFORE),
        migrations.RunSQL(
            IS_UNFILED.replace("{is_unfiled}", IN_A_LATER_ROUND),
            IS_UNFILED.replace("{is_unfiled}", "submitted_at IS NULL"),
        ),
        migrations.CreateModel(
            name="UnfiledAnswers",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "answers",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parks.park"
                    ),
                ),
                (
                    "registrant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unfiled",
                        to="enterprises.registration",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("park", "id"), name="unfiled_answers_of_park")],
            },
        ),
        # What it says goes into the registration with the next filing, and is recorded there.
        ProtectTable("UnfiledAnswers", officials="", registrants=WRITE, history=False),
        CompositeForeignKey(
            "UnfiledAnswers",
            ("park_id", "registrant_id", "registration_id"),
            "Registration",
            ("park_id", "registrant_id", "id"),
        ),
        GuardRows(
            "Registration",
            "returned_stays",
            after="UPDATE",
            condition=RETURNED_STAYS,
            message="what was filed stays until it is filed again",
        ),
    ]
