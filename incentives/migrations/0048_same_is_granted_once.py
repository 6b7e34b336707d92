from __future__ import annotations

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, GuardRows

before = import_module("incentives.migrations.0043_duplicates_protected")

# The worker finds and follows; a person answers, once, and changes nothing else. What was found to be the same is gone
# for as long as one side does not claim it.
ANSWERED_ONCE = f"""
({before.ANSWERED_ONCE}) OR (
    OLD.verdict = 'same' AND {AUTHOR} IS NULL AND to_jsonb(NEW) - 'gone_at' = to_jsonb(OLD) - 'gone_at'
)
"""
# Who grants one of two that are the same waits for who grants the other, as in incentives.services.hold_answers.
IS_GRANTED_ONCE = """
CREATE FUNCTION incentives_is_granted_once(of_park bigint, wanted uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held uuid;
BEGIN
    FOR held IN
        SELECT twice.id FROM incentives_duplicate AS twice
        WHERE twice.park_id = of_park AND wanted IN (twice.later_id, twice.earlier_id)
          AND twice.verdict = 'same' AND twice.gone_at IS NULL
        ORDER BY twice.id
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('incentives.duplicate:' || held, 0));
    END LOOP;
    RETURN NOT EXISTS (
        SELECT 1 FROM incentives_duplicate AS twice
        JOIN incentives_application AS other ON other.park_id = twice.park_id
            AND other.id = CASE twice.later_id WHEN wanted THEN twice.earlier_id ELSE twice.later_id END
        WHERE twice.park_id = of_park AND wanted IN (twice.later_id, twice.earlier_id) AND twice.gone_at IS NULL
          AND (twice.verdict = '' OR twice.verdict = 'same' AND other.state = 'approved' AND NOT EXISTS (
              SELECT 1 FROM incentives_award AS award
              WHERE award.park_id = of_park AND award.application_id = other.id AND award.state IN ('void', 'revoked')
          ))
    );
END $$;
REVOKE ALL ON FUNCTION incentives_is_granted_once(bigint, uuid) FROM PUBLIC;
"""
WAS_ANSWERED = GuardRows(
    "Duplicate",
    "answered_once",
    after="UPDATE",
    condition=before.ANSWERED_ONCE,
    message="a duplicate is answered once, in the own name",
)
WAS_OPEN = GuardRows(
    "Review",
    "nothing_open",
    after="INSERT",
    condition=before.NOTHING_OPEN,
    message="nothing is approved while it may be claimed twice",
)
TABLES = {"Duplicate": "incentives_duplicate", "Review": "incentives_review"}


class Migration(migrations.Migration):
    dependencies = [("incentives", "0047_signed_in_ones_own_name")]

    operations = [
        migrations.RemoveConstraint("duplicate", "duplicate_answered_in_full"),
        migrations.AddConstraint(
            "duplicate",
            models.CheckConstraint(
                condition=Q(verdict="", reason="", answered_by=None, answered_by_name="", answered_at=None)
                | Q(Q(gone_at=None) | Q(verdict="same"), answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(verdict="")
                & ~Q(reason="")
                & ~Q(answered_by_name=""),
                name="duplicate_answered_in_full",
            ),
        ),
        migrations.RunSQL(IS_GRANTED_ONCE, "DROP FUNCTION incentives_is_granted_once(bigint, uuid)"),
        *[
            migrations.RunSQL(
                list(was.backwards(TABLES[was.model_name])), list(was.forwards(TABLES[was.model_name]))
            )
            for was in (WAS_ANSWERED, WAS_OPEN)
        ],
        GuardRows(
            "Duplicate",
            "answered_once",
            after="UPDATE",
            condition=ANSWERED_ONCE,
            message="a duplicate is answered once, in the own name",
        ),
        GuardRows(
            "Review",
            "granted_once",
            after="INSERT",
            condition="CASE NEW.outcome WHEN 'approved' THEN"
            " incentives_is_granted_once(NEW.park_id, NEW.application_id) ELSE true END",
            message="nothing is approved while it may be claimed twice, nor what is granted already",
        ),
    ]
