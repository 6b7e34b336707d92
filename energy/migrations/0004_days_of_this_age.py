from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import Q

DAYS = (date(1990, 1, 1), date(2099, 12, 31))
WORDS = "Enter a day of the years 1990 to 2099."
OF_THIS_AGE = (MinValueValidator(DAYS[0], WORDS), MaxValueValidator(DAYS[1], WORDS))
# What was entered of other years was a slip, and no reading is of them: a file that named such a meter was not read.
BRING_INTO_THIS_AGE = """
UPDATE energy_{table} SET
    starts_on = least(greatest(starts_on, DATE '1990-01-01'), DATE '2099-12-31'),
    ends_on = CASE WHEN ends_on IS NULL THEN NULL
        ELSE least(greatest(ends_on, DATE '1990-01-01'), DATE '2099-12-31') END
WHERE starts_on NOT BETWEEN DATE '1990-01-01' AND DATE '2099-12-31'
    OR ends_on NOT BETWEEN DATE '1990-01-01' AND DATE '2099-12-31';
SET CONSTRAINTS ALL IMMEDIATE;
"""


def _no_day_or_of_this_age(name: str) -> Q:
    return Q((name, None)) | Q((f"{name}__range", DAYS))


class Migration(migrations.Migration):
    dependencies = [("energy", "0003_register_states")]

    operations = [
        *(
            migrations.RunSQL(BRING_INTO_THIS_AGE.format(table=table), migrations.RunSQL.noop)
            for table in ("meter", "channel")
        ),
        migrations.AlterField(
            "channel",
            "starts_on",
            models.DateField("in service from", null=True, blank=True, validators=OF_THIS_AGE),
        ),
        migrations.AlterField(
            "channel",
            "ends_on",
            models.DateField("out of service from", null=True, blank=True, validators=OF_THIS_AGE),
        ),
        migrations.AlterField("meter", "starts_on", models.DateField("in service from", validators=OF_THIS_AGE)),
        migrations.AlterField(
            "meter",
            "ends_on",
            models.DateField("out of service from", null=True, blank=True, validators=OF_THIS_AGE),
        ),
        migrations.AddConstraint(
            "channel",
            models.CheckConstraint(
                condition=_no_day_or_of_this_age("starts_on") & _no_day_or_of_this_age("ends_on"),
                name="channel_of_this_age",
                violation_error_message=WORDS,
            ),
        ),
        migrations.AddConstraint(
            "meter",
            models.CheckConstraint(
                condition=Q(starts_on__range=DAYS) & _no_day_or_of_this_age("ends_on"),
                name="meter_of_this_age",
                violation_error_message=WORDS,
            ),
        ),
    ]
