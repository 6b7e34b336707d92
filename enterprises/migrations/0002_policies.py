from __future__ import annotations

from django.db import migrations

from tenancy.operations import READ, CompositeForeignKey, ProtectTable


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0001_initial"), ("parks", "0002_policies")]

    operations = [
        ProtectTable("Enterprise", enterprises=READ, enterprise_columns=("id",)),
        ProtectTable("DeclaredInterest"),
        CompositeForeignKey("DeclaredInterest", ("park_id", "enterprise_id"), "Enterprise"),
        CompositeForeignKey("parks.Membership", ("park_id", "enterprise_id"), "Enterprise"),
        CompositeForeignKey("parks.Invitation", ("park_id", "enterprise_id"), "Enterprise"),
    ]
