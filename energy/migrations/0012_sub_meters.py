"""Meters below head meters: placements with days, no circles, one commodity, and nothing told across owners."""

import datetime as dt
import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import lib.identifiers
from django.db import migrations, models

from tenancy.guards import GuardRows
from tenancy.operations import WRITE, CompositeForeignKey, ProtectTable

# The triggers of a table fire in the order of their names: whoever places a meter waits first for who is about to place
# another one of the park, and only then looks, by a statement of its own, which sees what that one has committed.
IN_TURN = """SELECT count(*) = 1 FROM pg_advisory_xact_lock(hashtextextended('energy.sub_meters:' || NEW.park_id, 0))"""
NO_CIRCLE = """NOT EXISTS (
    WITH RECURSIVE above (meter_id, days) AS (
        SELECT NEW.head_id, daterange(NEW.starts_on, NEW.ends_on)
        UNION
        SELECT s.head_id, daterange(s.starts_on, s.ends_on) * above.days
        FROM above JOIN energy_submeter AS s ON s.park_id = NEW.park_id AND s.meter_id = above.meter_id
            AND daterange(s.starts_on, s.ends_on) && above.days
    )
    SELECT 1 FROM above WHERE meter_id = NEW.meter_id AND NOT isempty(days)
)"""
ONE_KIND = """EXISTS (
    SELECT 1 FROM energy_meter AS m JOIN energy_meter AS h ON h.park_id = m.park_id AND h.commodity = m.commodity
    WHERE m.park_id = NEW.park_id AND m.id = NEW.meter_id AND h.id = NEW.head_id AND NEW.enterprise_id
        IS NOT DISTINCT FROM CASE WHEN m.enterprise_id = h.enterprise_id THEN m.enterprise_id END
)"""


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0011_quality"),
        ("enterprises", "0033_web_address"),
        ("parks", "0017_keys_that_send"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubMeter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "starts_on",
                    models.DateField(
                        validators=[
                            django.core.validators.MinValueValidator(
                                dt.date(1990, 1, 1), "Enter a day of the years 1990 to 2099."
                            ),
                            django.core.validators.MaxValueValidator(
                                dt.date(2099, 12, 31), "Enter a day of the years 1990 to 2099."
                            ),
                        ],
                        verbose_name="hangs there from",
                    ),
                ),
                (
                    "ends_on",
                    models.DateField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                dt.date(1990, 1, 1), "Enter a day of the years 1990 to 2099."
                            ),
                            django.core.validators.MaxValueValidator(
                                dt.date(2099, 12, 31), "Enter a day of the years 1990 to 2099."
                            ),
                        ],
                        verbose_name="until",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sub_meters",
                        to="energy.meter",
                    ),
                ),
                (
                    "meter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="energy.meter",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parks.park"
                    ),
                ),
            ],
            options={
                "ordering": ["meter_id", "starts_on"],
                "indexes": [models.Index(fields=["park", "head"], name="sub_meter_of_head")],
                "constraints": [
                    models.UniqueConstraint(fields=("park", "id"), name="sub_meter_of_park"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("park", "="),
                            ("meter", "="),
                            (models.Func("starts_on", "ends_on", function="daterange"), "&&"),
                        ],
                        name="sub_meter_below_one",
                        violation_error_message="The meter hangs below another one at that time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="sub_meter_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__range", (dt.date(1990, 1, 1), dt.date(2099, 12, 31))),
                            models.Q(
                                ("ends_on", None),
                                ("ends_on__range", (dt.date(1990, 1, 1), dt.date(2099, 12, 31))),
                                _connector="OR",
                            ),
                        ),
                        name="sub_meter_of_this_age",
                        violation_error_message="Enter a day of the years 1990 to 2099.",
                    ),
                ],
            },
        ),
        ProtectTable("SubMeter", officials=WRITE, enterprises=WRITE),
        CompositeForeignKey("SubMeter", ("park_id", "enterprise_id"), "enterprises.Enterprise"),
        CompositeForeignKey("SubMeter", ("park_id", "meter_id"), "Meter"),
        CompositeForeignKey("SubMeter", ("park_id", "head_id"), "Meter"),
        GuardRows(
            "SubMeter",
            "in_turn",
            after="INSERT OR UPDATE",
            condition=IN_TURN,
            message="Meters are placed one after another.",
        ),
        GuardRows(
            "SubMeter",
            "no_circle",
            after="INSERT OR UPDATE",
            condition=NO_CIRCLE,
            message="A meter hangs below itself.",
        ),
        GuardRows(
            "SubMeter",
            "one_kind",
            after="INSERT OR UPDATE",
            condition=ONE_KIND,
            message="Both meters measure the same, and enterprise is that of both.",
        ),
    ]
