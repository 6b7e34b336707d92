from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, ROLE, GuardRows

# Services ask this before they write; here it is asked once more of what they wrote, with what is committed by then.
BY_ADMINISTRATOR = f"""
EXISTS (
    SELECT 1 FROM parks_membership AS giver
    WHERE giver.user_id = {AUTHOR} AND giver.park_id = NEW.park_id AND giver.enterprise_id IS NULL
      AND giver.is_active AND 'park_administrator' = ANY (giver.roles)
)
"""  # noqa: S608 - of constants
# Places in enterprises change hands in many ways, when an owner is named or two registrations become one.
OF_AN_ENTERPRISE = "OLD.enterprise_id IS NOT NULL AND NEW.enterprise_id IS NOT NULL"
SAME_PERSON = "(NEW.user_id, NEW.park_id) = (OLD.user_id, OLD.park_id) AND NEW.enterprise_id IS NULL"
OF_STAFF = (
    f"OLD.enterprise_id IS NULL AND OLD.is_active AND {SAME_PERSON} AND (NEW.user_id = {AUTHOR} OR {BY_ADMINISTRATOR})"
)


class Migration(migrations.Migration):
    dependencies = [("parks", "0013_work_calendar")]

    operations = [
        GuardRows(
            "Membership",
            "by_administrator",
            after="UPDATE",
            condition=f"{ROLE} <> 'app_official' OR {OF_AN_ENTERPRISE} OR {OF_STAFF}",
            message="in a park its administrator changes a place of the staff, and none that has ended",
        ),
        GuardRows(
            "Invitation",
            "by_administrator",
            after="INSERT OR UPDATE OF roles, token_digest, invited_by_id, expires_at",
            condition=f"{ROLE} <> 'app_official' OR {BY_ADMINISTRATOR}",
            message="to a park its administrator invites",
        ),
    ]
