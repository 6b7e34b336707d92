from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WAYS = [("at_once", "At once"), ("daily", "In one mail a day"), ("never", "Only in the inbox")]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_secrets_are_hidden")]

    operations = [
        migrations.AddField("outgoingmail", "kind", models.CharField(blank=True, default="", max_length=60)),
        migrations.AddField("outgoingmail", "way", models.CharField(choices=WAYS, default="at_once", max_length=10)),
        migrations.RemoveIndex("outgoingmail", "mail_waiting"),
        migrations.AddIndex(
            "outgoingmail",
            models.Index(
                condition=models.Q(("sent_at", None), ("way", "at_once")), fields=["created_at"], name="mail_to_send"
            ),
        ),
        migrations.AddIndex(
            "outgoingmail",
            models.Index(
                condition=models.Q(("sent_at", None), ("way", "daily")), fields=["recipient"], name="mail_for_digest"
            ),
        ),
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("way", models.CharField(choices=WAYS, max_length=10)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="mail_preference_once"),
                    models.CheckConstraint(
                        condition=models.Q(("way", "at_once"), _negated=True), name="mail_preference_differs"
                    ),
                ]
            },
        ),
    ]
