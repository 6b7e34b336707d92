from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, PARK, READ, CompositeForeignKey, GuardTransitions, ProtectTable

# Awards of what was approved before there were notices stand since the decision.
STANDING = """
INSERT INTO incentives_award
    (id, park_id, enterprise_id, application_id, amount_cny, state, opened_at, stands_at)
SELECT gen_random_uuid(), park_id, enterprise_id, id, approved_cny, 'stands', decided_at, decided_at
FROM incentives_application WHERE state = 'approved';
SET CONSTRAINTS ALL IMMEDIATE;
"""
TRANSITIONS = {
    "pending": ["on_notice", "stands"],
    "on_notice": ["objected", "stands", "void"],
    "objected": ["stands", "void"],
    "stands": ["revoked"],
    "void": [],
    "revoked": [],
}
# The public adds an objection that is open, and nothing else.
OPEN_ONLY = f"""
DROP POLICY incentives_objection_public_insert ON incentives_objection;
CREATE POLICY incentives_objection_public_insert ON incentives_objection FOR INSERT TO app_public
    WITH CHECK (park_id = {PARK} AND state = 'open' AND handled_by_id IS NULL);
"""
# Asked with the award held, so that none comes in between the last look at objections and the award that stands.
NOTICE_RUNS = """
EXISTS (
    SELECT 1 FROM incentives_noticeline AS line JOIN incentives_notice AS notice ON notice.id = line.notice_id
    WHERE line.id = NEW.line_id AND line.park_id = NEW.park_id AND NEW.filed_at <= notice.ends_at
) AND EXISTS (
    SELECT 1 FROM incentives_award AS award
    WHERE award.id = (SELECT award_id FROM incentives_noticeline WHERE id = NEW.line_id) AND award.state = 'on_notice'
    FOR SHARE
)
"""
HANDLED_BY_ANOTHER = f"""
NEW.state = 'open' OR NEW.handled_by_id = {AUTHOR} AND NOT EXISTS (
    SELECT 1 FROM incentives_noticeline AS line JOIN incentives_award AS award ON award.id = line.award_id
    JOIN incentives_review AS review ON review.application_id = award.application_id
    WHERE line.id = NEW.line_id AND review.decided_by_id = NEW.handled_by_id
)
"""  # noqa: S608 - of constants
NO_OPEN_OBJECTION = """
NEW.state <> 'stands' OR NOT EXISTS (
    SELECT 1 FROM incentives_objection AS objection JOIN incentives_noticeline AS line ON line.id = objection.line_id
    WHERE line.award_id = NEW.id AND objection.state = 'open'
)
"""
OF_THE_GRANT = """
EXISTS (
    SELECT 1 FROM incentives_application AS application
    WHERE application.id = NEW.application_id AND application.state = 'approved'
      AND application.approved_cny = NEW.amount_cny
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0020_awards")]

    operations = [
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
        ProtectTable(
            "Award", officials=ADD, enterprises=READ, columns={"official": ("state", "stands_at", "ended_at")}
        ),
        ProtectTable("Notice", officials=ADD, enterprises=READ, enterprise_columns=(), public=READ),
        ProtectTable("NoticeLine", officials=ADD, enterprises=READ, enterprise_columns=(), public=READ),
        ProtectTable(
            "Objection",
            officials=READ,
            public="INSERT",
            columns={"official": ("state", "answer", "handled_by_id", "handled_by_name", "handled_at")},
        ),
        migrations.RunSQL(OPEN_ONLY, migrations.RunSQL.noop),
        CompositeForeignKey(
            "Award", ("park_id", "enterprise_id", "application_id"), "Application", ("park_id", "enterprise_id", "id")
        ),
        CompositeForeignKey("Notice", ("park_id", "programme_version_id"), "ProgrammeVersion"),
        CompositeForeignKey("NoticeLine", ("park_id", "notice_id"), "Notice"),
        CompositeForeignKey("NoticeLine", ("park_id", "award_id"), "Award"),
        CompositeForeignKey("Objection", ("park_id", "line_id"), "NoticeLine"),
        GuardTransitions("Award", "state", "pending", TRANSITIONS),
        GuardTransitions("Objection", "state", "open", {"open": ["upheld", "dismissed"], "upheld": [], "dismissed": []}),
        GuardRows(
            "Objection",
            "comes_in_time",
            after="INSERT",
            condition=NOTICE_RUNS,
            message="objections are filed while the notice runs",
        ),
        GuardRows(
            "Objection",
            "four_eyes",
            after="UPDATE",
            condition=HANDLED_BY_ANOTHER,
            message="who decided on an application handles no objection to its award",
        ),
        GuardRows(
            "Award",
            "is_uncontested",
            after="UPDATE OF state",
            condition=NO_OPEN_OBJECTION,
            message="an award does not stand while an objection is open",
        ),
        GuardRows(
            "Award",
            "is_granted",
            after="INSERT",
            condition=OF_THE_GRANT,
            message="an award is of the amount that was approved",
            is_deferred=True,
        ),
        GuardRows(
            "Application",
            "is_awarded",
            after="UPDATE OF state",
            condition="NEW.state <> 'approved' OR EXISTS"
            " (SELECT 1 FROM incentives_award AS award WHERE award.application_id = NEW.id)",
            message="what is approved has its award",
            is_deferred=True,
        ),
    ]
