from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_private_events")]

    operations = [
        migrations.AddField("outboxevent", "next_attempt_at", models.DateTimeField(null=True)),
    ]
