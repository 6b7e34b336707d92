from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_policies")]

    operations = [
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("park", "enterprise", "programme_version"),
                name="application_open_draft_once",
            ),
        ),
    ]
