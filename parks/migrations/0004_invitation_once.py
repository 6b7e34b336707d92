from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parks", "0003_support_sessions")]

    operations = [
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=["park", "enterprise_id", "email"],
                name="invitation_open_once",
                condition=models.Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
            ),
        ),
    ]
