from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_mail_waits_longer")]

    operations = [
        migrations.AddIndex("user", models.Index(fields=["email"], name="user_email")),
    ]
