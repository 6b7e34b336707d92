from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from tenancy.operations import Policy, RestrictTable

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "work_calendar.csv"
SOURCE = "State Council notice on the days off of {year} · 国务院办公厅关于{year}年部分节假日安排的通知"
EVERYBODY = ("app_official", "app_enterprise", "app_registrant", "app_public")
POLICIES = [
    *(Policy(role, "SELECT", "true") for role in EVERYBODY),
    Policy("app_platform", "SELECT, INSERT, UPDATE, DELETE", "true"),
]


def enter(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The years that were announced when this was written."""
    using = schema_editor.connection.alias
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "is_working": row["is_working"] == "yes"} for row in csv.DictReader(file)]
    apps.get_model("parks", "CalendarDay").objects.using(using).bulk_create(
        apps.get_model("parks", "CalendarDay")(**row) for row in rows
    )
    entered_at = datetime(2025, 11, 4, tzinfo=UTC)
    apps.get_model("parks", "CalendarYear").objects.using(using).bulk_create(
        apps.get_model("parks", "CalendarYear")(year=year, source=SOURCE.format(year=year), confirmed_at=entered_at)
        for year in sorted({date.fromisoformat(row["day"]).year for row in rows})
    )


class Migration(migrations.Migration):
    dependencies = [("parks", "0012_places_by_officials")]

    operations = [
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("year", models.PositiveSmallIntegerField(unique=True, verbose_name="year")),
                ("source", models.CharField(max_length=200, verbose_name="announcement")),
                ("confirmed_by_name", models.CharField(blank=True, max_length=120)),
                ("confirmed_at", models.DateTimeField()),
            ],
            options={"ordering": ["year"]},
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("is_working", models.BooleanField()),
                ("name_en", models.CharField(max_length=60, verbose_name="occasion in English")),
                ("name_zh", models.CharField(max_length=60, verbose_name="occasion in Chinese")),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(is_working=True, day__iso_week_day__gte=6)
                        | models.Q(is_working=False, day__iso_week_day__lt=6),
                        name="calendar_day_is_an_exception",
                    )
                ],
            },
        ),
        migrations.RunPython(enter, migrations.RunPython.noop),
        RestrictTable("CalendarYear", POLICIES, login="SELECT", history=("", "")),
        RestrictTable("CalendarDay", POLICIES, login="SELECT", history=("", "")),
    ]
