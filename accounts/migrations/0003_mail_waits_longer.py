from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_policies")]

    operations = [
        migrations.AddField("outgoingmail", "next_attempt_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "outgoingmail",
            models.Index(
                fields=["recipient"], name="mail_unread", condition=models.Q(("is_private", False), ("read_at", None))
            ),
        ),
    ]
