from __future__ import annotations

from django.db import migrations, models

from tenancy.operations import ENTERPRISE

# The enterprise writes its reply beside the comment, and nothing else, while the application is back with it.
REPLY = f"""
GRANT UPDATE (answer) ON incentives_fieldcomment TO app_enterprise;
CREATE POLICY incentives_fieldcomment_enterprise_update ON incentives_fieldcomment FOR UPDATE TO app_enterprise
    USING (enterprise_id = {ENTERPRISE} AND EXISTS (
        SELECT 1 FROM incentives_application AS filed
        WHERE filed.id = application_id AND filed.state = 'returned' AND filed.round = incentives_fieldcomment.round
    ))
    WITH CHECK (enterprise_id = {ENTERPRISE});
"""  # noqa: S608  a constant of ours
NO_REPLY = """
DROP POLICY incentives_fieldcomment_enterprise_update ON incentives_fieldcomment;
REVOKE UPDATE (answer) ON incentives_fieldcomment FROM app_enterprise;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0007_waiting_in_order")]

    operations = [
        migrations.AddField("FieldComment", "found", models.TextField(blank=True, default="")),
        migrations.AddField("FieldComment", "answer", models.TextField(blank=True, default="", max_length=1000)),
        migrations.RunSQL(REPLY, NO_REPLY),
    ]
