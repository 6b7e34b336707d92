from __future__ import annotations

from django.db import migrations, models

import lib.text


class Migration(migrations.Migration):
    dependencies = [("incentives", "0009_decisions_are_recorded")]

    operations = [
        migrations.AlterField(
            "application",
            "project_title",
            models.CharField(
                blank=True, max_length=200, validators=[lib.text.validate_name], verbose_name="project"
            ),
        ),
    ]
