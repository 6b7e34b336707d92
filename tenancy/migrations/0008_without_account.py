from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0007_readings")]

    operations = [
        migrations.AlterField(
            "auditevent",
            "action",
            models.CharField(
                choices=[("INSERT", "Added"), ("UPDATE", "Changed"), ("DELETE", "Deleted"), ("READ", "Opened")],
                max_length=6,
            ),
        ),
        migrations.AddIndex(
            "auditevent",
            models.Index(
                fields=["park_id", "user_name", "-at", "-id"],
                name="audit_park_without_account",
                condition=models.Q(("user_id", None)),
            ),
        ),
    ]
