from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0043_duplicates_protected")]

    operations = [
        migrations.RemoveIndex("applicationstep", "application_step_list"),
        migrations.AddIndex(
            "applicationstep",
            models.Index(
                fields=["park", "application", "at"],
                include=("kind", "stage"),
                name="application_step_way",
            ),
        ),
    ]
