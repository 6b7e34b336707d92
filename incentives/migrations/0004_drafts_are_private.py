from __future__ import annotations

from django.db import migrations

from tenancy.operations import PrivateHistory

# Of an application itself, or of what hangs on one: whether it was not filed yet.
IS_DRAFT = """
CREATE FUNCTION incentives_is_draft(changed jsonb) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN changed ? 'submitted_at' THEN changed ->> 'submitted_at' IS NULL
    ELSE coalesce((SELECT submitted_at IS NULL FROM incentives_application
                   WHERE id = (changed ->> 'application_id')::uuid), true) END
$$;
REVOKE ALL ON FUNCTION incentives_is_draft(jsonb) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0003_open_draft_once"), ("tenancy", "0004_private_events")]

    operations = [
        migrations.RunSQL(IS_DRAFT, "DROP FUNCTION incentives_is_draft(jsonb)"),
        *[
            PrivateHistory(model, "incentives_is_draft")
            for model in ("Application", "ApplicationDocument", "ApplicationStep")
        ],
    ]
