from __future__ import annotations

from django.db import migrations

PAPERS = "enterprises_enterprisepaper"


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0019_quiet_progress")]

    operations = [
        # Who puts right the last day of a document starts its reminders anew.
        migrations.RunSQL(
            f"GRANT UPDATE (reminded_for) ON {PAPERS} TO app_enterprise",
            f"REVOKE UPDATE (reminded_for) ON {PAPERS} FROM app_enterprise",
        ),
    ]
