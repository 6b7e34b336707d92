from __future__ import annotations

from django.db import migrations, models

# The park does not see the account of an operator who invites somebody; it sees the invitation, and whose it is.
FILL = """
ALTER TABLE parks_invitation DISABLE TRIGGER parks_invitation_history;
UPDATE parks_invitation SET invited_by_name = person.name
FROM accounts_user person WHERE person.id = parks_invitation.invited_by_id;
ALTER TABLE parks_invitation ENABLE TRIGGER parks_invitation_history
"""
# Asked of each person that a query comes upon, by the index of the memberships: an array of everybody in the park would
# be gathered anew in every query. The policies of the memberships themselves limit what is found to the own place.
COLLEAGUES = "EXISTS (SELECT 1 FROM parks_membership place WHERE place.user_id = accounts_user.id)"
COLLEAGUES_BEFORE = "id = ANY (ARRAY(SELECT user_id FROM parks_membership))"


def _policies(condition):
    return ";".join(
        f"DROP POLICY accounts_user_{role}_select ON accounts_user;"
        f"CREATE POLICY accounts_user_{role}_select ON accounts_user FOR SELECT TO app_{role} USING ({condition})"
        for role in ("official", "enterprise")
    )


class Migration(migrations.Migration):
    dependencies = [("parks", "0004_invitation_once"), ("accounts", "0002_policies")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="invited_by_name",
            field=models.CharField(default="", max_length=120),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(_policies(COLLEAGUES), _policies(COLLEAGUES_BEFORE)),
    ]
