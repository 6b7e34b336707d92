from __future__ import annotations

from django.db import migrations

PAPERS = "enterprises_enterprisepaper"


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0026_files_are_found")]

    operations = [
        # Begun anew by a trigger, whoever puts right the last day: nobody of an enterprise writes it.
        migrations.RunSQL(
            f"REVOKE UPDATE (reminded_for) ON {PAPERS} FROM app_enterprise",
            f"GRANT UPDATE (reminded_for) ON {PAPERS} TO app_enterprise",
        ),
    ]
