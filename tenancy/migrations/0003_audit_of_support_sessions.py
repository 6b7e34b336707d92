from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_history")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["park_id", "support_session_id", "-at"],
                name="audit_park_support",
                condition=models.Q(support_session_id__isnull=False),
            ),
        ),
    ]
