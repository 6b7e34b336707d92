from __future__ import annotations

from django.db import migrations

import tenancy.fields
from tenancy.guards import HideColumns

ACTING = ("app_official", "app_enterprise", "app_platform")


class Migration(migrations.Migration):
    dependencies = [("parks", "0007_registrants_and_saved_views"), ("accounts", "0005_secrets_are_hidden")]

    operations = [
        migrations.AlterField("invitation", "token_digest", tenancy.fields.SecretField(max_length=64, unique=True)),
        HideColumns("accounts.User", ("password",), ACTING),
        HideColumns("Invitation", ("token_digest",), ACTING),
    ]
