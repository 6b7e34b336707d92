from __future__ import annotations

from django.db import migrations

from tenancy.operations import Policy, RestrictTable


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tenancy", "0002_history")]

    operations = [
        RestrictTable(
            "OutgoingMail",
            [
                Policy("app_official", "INSERT", "true"),
                Policy("app_enterprise", "INSERT", "true"),
                Policy("app_platform", "SELECT, INSERT, UPDATE, DELETE", "true"),
            ],
        ),
    ]
