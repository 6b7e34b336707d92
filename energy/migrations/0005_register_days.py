"""Registers keep the states of each day, not only the last of all; blocks of before get their counts."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from tenancy.operations import READ, WRITE, CompositeForeignKey, ProtectTable

# The last state of a register, at its place of the day that it was read on.
LAST_STATES = """
INSERT INTO energy_registerday (park_id, enterprise_id, channel_id, day, states, flags, import_id)
SELECT park_id, enterprise_id, channel_id, day,
    array_fill(NULL::float8, ARRAY[place]) || state || array_fill(NULL::float8, ARRAY[count - place - 1]),
    decode(repeat('00', place) || '01' || repeat('00', count - place - 1), 'hex'), import_id
FROM (
    SELECT s.*, l.day,
        (extract(epoch FROM s.at - l.day::timestamp AT TIME ZONE p.time_zone) / 60)::int / c.interval_minutes AS place,
        (extract(epoch FROM (l.day + 1)::timestamp AT TIME ZONE p.time_zone
            - l.day::timestamp AT TIME ZONE p.time_zone) / 60)::int / c.interval_minutes AS count
    FROM energy_registerstate AS s
    JOIN energy_channel AS c ON c.id = s.channel_id
    JOIN parks_park AS p ON p.id = s.park_id
    CROSS JOIN LATERAL (SELECT (s.at AT TIME ZONE p.time_zone)::date AS day) AS l
) AS placed
"""
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
        migrations.RunSQL(LAST_STATES, migrations.RunSQL.noop),
        migrations.DeleteModel("RegisterState"),
        migrations.RunSQL(COUNTS.format(table="energy_intervalblock"), migrations.RunSQL.noop),
        migrations.RunSQL(COUNTS.format(table="energy_intervalblockrevision"), migrations.RunSQL.noop),
    ]
