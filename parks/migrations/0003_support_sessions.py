from __future__ import annotations

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

# An operator inside a park reads and configures. Whoever could also let people in could let themselves in for good.
NOT_IN_SUPPORT = (
    "coalesce(nullif(current_setting('app.author', true), '')::jsonb ->> 'support_session_id', '') = ''"
)


def _refuse_in_support(table):
    return migrations.RunSQL(
        f"CREATE POLICY {table}_not_in_support_insert ON {table} AS RESTRICTIVE FOR INSERT TO app_official"
        f" WITH CHECK ({NOT_IN_SUPPORT});"
        f"CREATE POLICY {table}_not_in_support_update ON {table} AS RESTRICTIVE FOR UPDATE TO app_official"
        f" USING (true) WITH CHECK ({NOT_IN_SUPPORT})",
        f"DROP POLICY {table}_not_in_support_insert ON {table};"
        f"DROP POLICY {table}_not_in_support_update ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("parks", "0002_policies")]

    operations = [
        migrations.AddConstraint(
            model_name="supportsession",
            constraint=models.CheckConstraint(
                condition=models.Q(expires_at__lte=F("started_at") + timedelta(hours=1)),
                name="support_session_lasts_an_hour",
            ),
        ),
        _refuse_in_support("parks_membership"),
        _refuse_in_support("parks_invitation"),
    ]
