from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, ProtectTable


class Migration(migrations.Migration):
    dependencies = [("incentives", "0032_absences")]

    operations = [
        ProtectTable("Absence", officials=ADD, columns={"official": ("ended_at",)}),
        # Nobody gives away a colleague's power, nor takes it.
        GuardRows(
            "Absence",
            "in_ones_own_name",
            after="INSERT",
            condition=f"NEW.person_id = {AUTHOR} AND NEW.ended_at IS NULL",
            message="an absence is declared by the person who is away",
        ),
        GuardRows(
            "Absence",
            "ends_once",
            after="UPDATE",
            condition="OLD.ended_at IS NULL",
            message="an absence that has ended stays so",
        ),
    ]
