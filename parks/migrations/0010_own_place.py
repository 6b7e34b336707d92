from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, ROLE, GuardRows

# As before, but whoever hands their place over to a colleague may take roles off themselves.
BEFORE = """
DROP TRIGGER parks_membership_not_own ON parks_membership;
DROP FUNCTION parks_membership_not_own();
DROP TRIGGER parks_membership_by_owner ON parks_membership;
DROP FUNCTION parks_membership_by_owner();
"""
BY_OWNER = f"""
EXISTS (
    SELECT 1 FROM parks_membership AS giver
    WHERE giver.user_id = {AUTHOR} AND giver.park_id = NEW.park_id AND giver.enterprise_id = NEW.enterprise_id
      AND giver.is_active AND 'owner' = ANY (giver.roles)
)
"""  # noqa: S608 - of constants
CHANGES = "UPDATE OF roles, is_active, ended_at"
OWN = f"NEW.user_id IS NOT DISTINCT FROM {AUTHOR}"


class Migration(migrations.Migration):
    dependencies = [("parks", "0009_people_of_enterprises")]

    operations = [
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        GuardRows(
            "Membership",
            "not_own",
            after=CHANGES,
            condition=f"{ROLE} NOT IN ('app_official', 'app_enterprise') OR NOT {OWN} OR NEW.roles <@ OLD.roles",
            message="nobody gives themselves roles",
        ),
        GuardRows(
            "Membership",
            "by_owner",
            after=CHANGES,
            condition=f"{ROLE} <> 'app_enterprise' OR OLD.is_active AND ({OWN} OR {BY_OWNER})",
            message="in an enterprise its owner changes a place, and none that has ended",
        ),
    ]
