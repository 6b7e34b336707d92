from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, CompositeForeignKey, ProtectTable

ANSWER = ("verdict", "reason", "answered_by_id", "answered_by_name", "answered_at")
# The worker finds and follows; a person answers, once, and changes nothing else.
ANSWERED_ONCE = f"""
OLD.verdict = '' AND OLD.gone_at IS NULL AND (
    NEW.verdict = '' AND {AUTHOR} IS NULL
    OR NEW.answered_by_id = {AUTHOR} AND NEW.evidence = OLD.evidence
)
"""
NOTHING_OPEN = """
NEW.outcome <> 'approved' OR NOT EXISTS (
    SELECT 1 FROM incentives_duplicate AS twice
    WHERE twice.park_id = NEW.park_id AND NEW.application_id IN (twice.later_id, twice.earlier_id)
      AND twice.verdict = '' AND twice.gone_at IS NULL
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0042_duplicates")]

    operations = [
        ProtectTable("Claim", officials=ADD, history=False),
        CompositeForeignKey("Claim", ("park_id", "application_id"), "Application"),
        CompositeForeignKey("Claim", ("park_id", "document_id"), "ApplicationDocument"),
        ProtectTable("Duplicate", officials=ADD, columns={"official": ("evidence", "gone_at", *ANSWER)}),
        CompositeForeignKey("Duplicate", ("park_id", "later_id"), "Application"),
        CompositeForeignKey("Duplicate", ("park_id", "earlier_id"), "Application"),
        GuardRows(
            "Claim", "by_the_worker", after="INSERT", condition=f"{AUTHOR} IS NULL", message="the worker keeps claims"
        ),
        GuardRows(
            "Duplicate",
            "by_the_worker",
            after="INSERT",
            condition=f"NEW.verdict = '' AND NEW.gone_at IS NULL AND {AUTHOR} IS NULL",
            message="the worker finds duplicates",
        ),
        GuardRows(
            "Duplicate",
            "answered_once",
            after="UPDATE",
            condition=ANSWERED_ONCE,
            message="a duplicate is answered once, in the own name",
        ),
        GuardRows(
            "Review",
            "nothing_open",
            after="INSERT",
            condition=NOTHING_OPEN,
            message="nothing is approved while it may be claimed twice",
        ),
    ]
