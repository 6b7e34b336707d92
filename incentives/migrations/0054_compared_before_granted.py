from __future__ import annotations

import importlib

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, GuardRows, QuietColumns

before = importlib.import_module("incentives.migrations.0048_same_is_granted_once")

# What comes before the officials, filed, filed again or reopened, has to be compared anew, by whatever code it comes.
IS_FORGOTTEN = """
CREATE FUNCTION incentives_application_to_compare() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.compared_at := NULL;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION incentives_application_to_compare() FROM PUBLIC;
CREATE TRIGGER incentives_application_to_compare BEFORE UPDATE OF state ON incentives_application
    FOR EACH ROW WHEN (
        NEW.state IN ('submitted', 'accepted') AND OLD.state NOT IN ('submitted', 'accepted')
        AND NEW.compared_at IS NOT NULL
    )
    EXECUTE FUNCTION incentives_application_to_compare();
"""
IS_KEPT = """
DROP TRIGGER incentives_application_to_compare ON incentives_application;
DROP FUNCTION incentives_application_to_compare();
"""
CREATE = before.IS_GRANTED_ONCE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
COMPARED_FIRST = CREATE.replace(
    "RETURN NOT EXISTS (",
    """RETURN EXISTS (
        SELECT 1 FROM incentives_application AS case_of
        WHERE case_of.park_id = of_park AND case_of.id = wanted AND case_of.compared_at IS NOT NULL
    ) AND NOT EXISTS (""",
)
# Whose claims of the last round are kept was compared with all others.
WAS_COMPARED = """
UPDATE incentives_application AS case_of SET compared_at = now()
WHERE case_of.submitted_at IS NOT NULL AND EXISTS (
    SELECT 1 FROM incentives_claim AS claim
    WHERE claim.park_id = case_of.park_id AND claim.application_id = case_of.id AND claim.round = case_of.round
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0053_letters_and_drafters")]

    operations = [
        migrations.AddField("application", "compared_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "application",
            models.Index(
                fields=["park", "id"],
                condition=Q(compared_at=None, submitted_at__isnull=False),
                name="application_uncompared",
            ),
        ),
        QuietColumns("Application", ("compared_at",), "enterprise_id", "incentives_is_draft"),
        migrations.RunSQL(
            "GRANT UPDATE (compared_at) ON incentives_application TO app_official",
            "REVOKE UPDATE (compared_at) ON incentives_application FROM app_official",
        ),
        migrations.RunSQL(IS_FORGOTTEN, IS_KEPT),
        GuardRows(
            "Application",
            "compared_by_the_worker",
            after="UPDATE OF compared_at",
            condition=f"NEW.compared_at IS NULL OR {AUTHOR} IS NULL",
            message="the worker compares applications",
        ),
        migrations.RunSQL(COMPARED_FIRST, CREATE),
        migrations.RunSQL(WAS_COMPARED, migrations.RunSQL.noop),
    ]
