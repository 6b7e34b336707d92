from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0027_reminders_by_the_database")]

    operations = [
        migrations.AlterField(
            "registerimport",
            "state",
            models.CharField(
                choices=[
                    ("uploaded", "Columns to be matched"),
                    ("checking", "Being checked"),
                    ("checked", "Checked, nothing imported yet"),
                    ("importing", "Being imported"),
                    ("done", "Imported"),
                    ("cancelled", "Stopped"),
                    ("failed", "Failed"),
                ],
                default="uploaded",
                max_length=20,
            ),
        )
    ]
