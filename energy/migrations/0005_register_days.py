"""Registers keep the states of each day, not only the last of all; blocks of before get their counts.

The last states of before are not carried on: they stood in the unit of their file, which nobody kept, and states are
kept in the unit of the channel from here on. The first state of the next file begins a register anew and gives no use.
The way back leaves no states either; what the blocks hold stays, both ways.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from tenancy.operations import READ, WRITE, CompositeForeignKey, ProtectTable, Undone

COUNTS = """
UPDATE {table} SET present_count = cardinality(array_remove("values", NULL))
WHERE present_count = 0 AND cardinality(array_remove("values", NULL)) > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0004_days_of_this_age"),
        ("enterprises", "0028_stopped_imports"),
        ("parks", "0015_names_in_the_trail"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterDay",
            fields=[
                ("pk", models.CompositePrimaryKey("park_id", "channel_id", "day", blank=True, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("states", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None)),
                ("import_id", models.UUIDField()),
                ("flags", models.BinaryField()),
                ("channel", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="energy.channel")),
                ("enterprise", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enterprises.enterprise")),
                ("park", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parks.park")),
            ],
            options={"ordering": ["channel_id", "day"]},
        ),
        ProtectTable("RegisterDay", officials=WRITE, enterprises=READ, history=False),
        CompositeForeignKey("RegisterDay", ("park_id", "channel_id"), "Channel"),
        Undone(CompositeForeignKey("RegisterState", ("park_id", "channel_id"), "Channel")),
        Undone(ProtectTable("RegisterState", officials=WRITE, enterprises=READ, history=False)),
        migrations.DeleteModel("RegisterState"),
        migrations.RunSQL(COUNTS.format(table="energy_intervalblock"), migrations.RunSQL.noop),
        migrations.RunSQL(COUNTS.format(table="energy_intervalblockrevision"), migrations.RunSQL.noop),
    ]
