from __future__ import annotations

from django.db import migrations

from tenancy.operations import ADD, READ, CompositeForeignKey, GuardTransitions, ProtectTable

FILED_BY_ENTERPRISE = (
    "number",
    "state",
    "project_title",
    "project_summary",
    "completed_on",
    "investment_cny",
    "saving_tce",
    "requested_cny",
    "revision",
    "round",
    "saved_at",
    "submitted_at",
    "due_at",
)
DECIDED_BY_OFFICIALS = ("state", "approved_cny", "due_at", "decided_at")
TRANSITIONS = {
    "draft": ["submitted", "withdrawn"],
    "submitted": ["returned", "accepted", "declined", "withdrawn"],
    "returned": ["submitted", "withdrawn"],
    "accepted": ["approved", "declined", "withdrawn"],
    "approved": [],
    "declined": [],
    "withdrawn": [],
}
# Enterprises take a number without being able to see or set how many there are.
NEXT_NUMBER = """
CREATE FUNCTION incentives_next_number(wanted text, fresh uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO incentives_numberseries AS known (id, park_id, series, last_number)
    VALUES (fresh, (SELECT current_setting('app.park_id')::bigint), wanted, 1)
    ON CONFLICT (park_id, series) DO UPDATE SET last_number = known.last_number + 1
    RETURNING last_number
$$;
REVOKE ALL ON FUNCTION incentives_next_number(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_next_number(text, uuid) TO app_official, app_enterprise;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial"), ("enterprises", "0002_policies")]

    operations = [
        ProtectTable("Programme"),
        ProtectTable(
            "ProgrammeVersion",
            officials=ADD,
            columns={"official": ("closed_at",)},
            enterprises=READ,
            enterprise_columns=(),
            public=READ,
        ),
        ProtectTable(
            "Application",
            officials=READ,
            enterprises=ADD,
            columns={"official": DECIDED_BY_OFFICIALS, "enterprise": FILED_BY_ENTERPRISE},
        ),
        ProtectTable(
            "ApplicationDocument", officials=READ, enterprises=ADD, columns={"enterprise": ("removed_at",)}
        ),
        ProtectTable("ApplicationStep", officials=ADD, enterprises=ADD),
        ProtectTable("FieldComment", officials=ADD, enterprises=READ),
        ProtectTable("Review", officials=ADD),
        ProtectTable("NumberSeries", officials=READ),
        CompositeForeignKey("ProgrammeVersion", ("park_id", "programme_id"), "Programme"),
        CompositeForeignKey("Application", ("park_id", "enterprise_id"), "enterprises.Enterprise"),
        CompositeForeignKey("Application", ("park_id", "programme_version_id"), "ProgrammeVersion"),
        *[
            CompositeForeignKey(
                model,
                ("park_id", "enterprise_id", "application_id"),
                "Application",
                ("park_id", "enterprise_id", "id"),
            )
            for model in ("ApplicationDocument", "ApplicationStep", "FieldComment")
        ],
        CompositeForeignKey("Review", ("park_id", "application_id"), "Application"),
        GuardTransitions("Application", "state", "draft", TRANSITIONS, by_enterprise=("submitted", "withdrawn")),
        migrations.RunSQL(NEXT_NUMBER, "DROP FUNCTION incentives_next_number(text, uuid)"),
    ]
