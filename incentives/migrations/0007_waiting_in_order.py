from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0006_second_line")]

    operations = [
        migrations.AddIndex(
            "Application",
            models.Index(
                condition=models.Q(("state__in", ["accepted", "submitted"])),
                fields=["park", "due_at", "submitted_at", "id"],
                name="application_waiting",
            ),
        ),
    ]
