from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.operations import ENTERPRISE, PARK

INSTALLATION_ROLES = ["observer", "operator"]
PARK_ROLES = [
    "approver",
    "auditor",
    "expert",
    "finance_officer",
    "park_administrator",
    "park_energy_manager",
    "reviewer",
]
ENTERPRISE_ROLES = ["applicant", "certifier", "energy_manager", "owner"]

# Places are taken outside any scope, by whoever accepts an invitation; inside, an enterprise changes roles and ends them.
# Who is invited to what, and whom a place belongs to, stays as it was written.
LEAST = f"""
REVOKE INSERT, UPDATE ON parks_membership, parks_invitation FROM app_enterprise;
DROP POLICY parks_membership_enterprise_insert ON parks_membership;
GRANT UPDATE (roles, is_active, ended_at) ON parks_membership TO app_enterprise;
GRANT INSERT ON parks_invitation TO app_enterprise;
GRANT UPDATE (roles, token_digest, invited_by_id, invited_by_name, created_at, expires_at, accepted_at, revoked_at,
              enterprise_name_en, enterprise_name_zh) ON parks_invitation TO app_enterprise;
DROP POLICY parks_invitation_enterprise_insert ON parks_invitation;
DROP POLICY parks_invitation_official_insert ON parks_invitation;
CREATE POLICY parks_invitation_enterprise_insert ON parks_invitation FOR INSERT TO app_enterprise
    WITH CHECK (park_id = {PARK} AND enterprise_id = {ENTERPRISE} AND invited_by_id = {AUTHOR});
CREATE POLICY parks_invitation_official_insert ON parks_invitation FOR INSERT TO app_official
    WITH CHECK (park_id = {PARK} AND invited_by_id = {AUTHOR});
"""
MORE = f"""
REVOKE UPDATE (roles, is_active, ended_at) ON parks_membership FROM app_enterprise;
GRANT INSERT, UPDATE ON parks_membership, parks_invitation TO app_enterprise;
CREATE POLICY parks_membership_enterprise_insert ON parks_membership FOR INSERT TO app_enterprise
    WITH CHECK (park_id = {PARK} AND enterprise_id = {ENTERPRISE});
DROP POLICY parks_invitation_enterprise_insert ON parks_invitation;
DROP POLICY parks_invitation_official_insert ON parks_invitation;
CREATE POLICY parks_invitation_enterprise_insert ON parks_invitation FOR INSERT TO app_enterprise
    WITH CHECK (park_id = {PARK} AND enterprise_id = {ENTERPRISE});
CREATE POLICY parks_invitation_official_insert ON parks_invitation FOR INSERT TO app_official
    WITH CHECK (park_id = {PARK});
"""
BY_OWNER = f"""
EXISTS (
    SELECT 1 FROM parks_membership AS giver
    WHERE giver.user_id = {AUTHOR} AND giver.park_id = NEW.park_id AND giver.enterprise_id = NEW.enterprise_id
      AND giver.is_active AND 'owner' = ANY (giver.roles)
)
"""  # noqa: S608 - of constants
CHANGES = "UPDATE OF roles, is_active, ended_at"


class Migration(migrations.Migration):
    dependencies = [("parks", "0008_secrets_are_hidden")]

    operations = [
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(park=None, enterprise_id=None, roles__contained_by=INSTALLATION_ROLES)
                | Q(park__isnull=False, enterprise_id=None, roles__contained_by=PARK_ROLES)
                | Q(park__isnull=False, enterprise_id__isnull=False, roles__contained_by=ENTERPRISE_ROLES),
                name="invitation_roles_fit_place",
            ),
        ),
        migrations.RunSQL(LEAST, MORE),
        GuardRows(
            "Membership",
            "not_own",
            after=CHANGES,
            condition=f"{ROLE} NOT IN ('app_official', 'app_enterprise') OR NEW.user_id IS DISTINCT FROM {AUTHOR}",
            message="nobody changes their own place",
        ),
        GuardRows(
            "Membership",
            "by_owner",
            after=CHANGES,
            condition=f"{ROLE} <> 'app_enterprise' OR OLD.is_active AND {BY_OWNER}",
            message="in an enterprise its owner changes a place, and none that has ended",
        ),
        GuardRows(
            "Invitation",
            "by_owner",
            after="INSERT OR UPDATE",
            condition=f"{ROLE} <> 'app_enterprise' OR {BY_OWNER}",
            message="to an enterprise its owner invites",
        ),
        GuardRows(
            "Invitation",
            "answer_stays",
            after="UPDATE OF roles, email, token_digest, invited_by_id, expires_at, accepted_at, revoked_at",
            condition=f"{ROLE} = 'none' OR OLD.accepted_at IS NULL AND OLD.revoked_at IS NULL AND NEW.accepted_at IS NULL",
            message="an invitation is accepted by its link alone, and its answer stays",
        ),
    ]
