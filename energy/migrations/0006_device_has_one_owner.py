from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models
from django.db.models import Func, Q

IN_SERVICE = [
    ("park", RangeOperators.EQUAL),
    ("serial", RangeOperators.EQUAL),
    (Func("starts_on", "ends_on", function="daterange"), RangeOperators.OVERLAPS),
]


class Migration(migrations.Migration):
    dependencies = [("energy", "0005_register_days")]

    operations = [
        BtreeGistExtension(),
        migrations.RemoveConstraint("meter", "meter_serial_once"),
        migrations.AddConstraint(
            "meter",
            ExclusionConstraint(
                name="meter_serial_once",
                expressions=IN_SERVICE,
                violation_error_message="A meter with this serial number is in service at that time already.",
            ),
        ),
        migrations.AddConstraint(
            "meter",
            models.CheckConstraint(condition=~Q(serial__contains="/"), name="meter_serial_without_stroke"),
        ),
        migrations.RemoveConstraint("feed", "feed_name_once"),
        migrations.AddConstraint(
            "feed",
            models.UniqueConstraint(
                fields=["park", "enterprise", "name"],
                nulls_distinct=False,
                name="feed_name_once",
                violation_error_message="A feed has this name already.",
            ),
        ),
    ]
