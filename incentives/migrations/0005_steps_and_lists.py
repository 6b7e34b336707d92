from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0004_drafts_are_private")]

    operations = [
        migrations.AddField("ApplicationStep", "due_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "ApplicationStep", "amount_cny", models.DecimalField(decimal_places=2, max_digits=14, null=True)
        ),
        migrations.AddIndex("Application", models.Index(fields=["park", "-submitted_at"], name="application_filed")),
        migrations.AddIndex("Application", models.Index(fields=["park", "-decided_at"], name="application_decided")),
    ]
