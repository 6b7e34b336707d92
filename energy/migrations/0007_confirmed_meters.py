"""Meters that an enterprise enters wait for the park; those that are there by now count as confirmed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, ROLE, GuardRows

KNOWN = """
UPDATE energy_meter SET confirmed_at = now() WHERE enterprise_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
BY_WHOEVER_ACTS = f"{ROLE} <> 'app_enterprise' AND NEW.confirmed_by_id IS NOT DISTINCT FROM {AUTHOR}"
# What an enterprise claims beyond what was confirmed waits for the park again.
STAYS = f"""
NEW.confirmed_at = OLD.confirmed_at AND NEW.confirmed_by_id IS NOT DISTINCT FROM OLD.confirmed_by_id
AND NEW.confirmed_by_name = OLD.confirmed_by_name
AND ({ROLE} <> 'app_enterprise' OR (
    NEW.serial = OLD.serial AND NEW.starts_on >= OLD.starts_on
    AND coalesce(NEW.ends_on, 'infinity') <= coalesce(OLD.ends_on, 'infinity')
))
"""
RULES = {
    "INSERT": f"NEW.confirmed_at IS NULL OR ({BY_WHOEVER_ACTS})",
    "UPDATE": f"NEW.confirmed_at IS NULL OR ({STAYS}) OR ({BY_WHOEVER_ACTS})",
}


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("energy", "0006_device_has_one_owner"),
    ]

    operations = [
        migrations.AddField("meter", "confirmed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "meter",
            "confirmed_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "meter", "confirmed_by_name", models.CharField(blank=True, default="", max_length=120)
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "meter",
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, enterprise__isnull=False),
                name="meter_confirmed_of_enterprise",
            ),
        ),
        *[
            GuardRows(
                "Meter",
                f"confirmed_at_{event.lower()}",
                after=event,
                condition=condition,
                message="the park confirms what an enterprise enters",
            )
            for event, condition in RULES.items()
        ],
        migrations.AlterField(
            "rejectedreading",
            "rule",
            models.CharField(
                choices=[
                    ("unreadable_row", "The row cannot be read"),
                    ("unreadable_time", "The time cannot be read"),
                    ("no_such_time", "There is no such time on the day of a clock change"),
                    ("unreadable_value", "The value is not a number"),
                    ("unknown_meter", "No channel has this name"),
                    ("unconfirmed_meter", "The park has not confirmed this meter of an enterprise"),
                    ("unknown_unit", "The unit does not fit the channel"),
                    ("wrong_interval", "The interval is not that of the channel"),
                    ("off_grid", "The time is not the beginning of an interval"),
                    ("outside_validity", "The channel was not in service on that day"),
                    ("duplicate", "A later row gives another value for the same time"),
                    ("negative", "The value is negative"),
                    ("out_of_range", "The value is beyond what the meter can measure"),
                    ("future", "The time lies in the future"),
                    ("truncated", "The file ends without its last record"),
                    ("register_reset", "The register went back without a rollover"),
                ],
                max_length=30,
            ),
        ),
    ]
