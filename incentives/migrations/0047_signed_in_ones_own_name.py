from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows

# Whoever signs does so themselves, what has just been filed.
SIGNED_NOW = f"""
NEW.signed_by_id = {AUTHOR} AND EXISTS (
    SELECT 1 FROM incentives_application AS case_of
    WHERE case_of.park_id = NEW.park_id AND case_of.id = NEW.application_id AND case_of.round = NEW.round
      AND case_of.state IN ('submitted', 'accepted')
)
"""  # noqa: S608 - of constants


class Migration(migrations.Migration):
    dependencies = [("incentives", "0046_corrections")]

    operations = [
        GuardRows(
            "SignedFiling",
            "signed_now",
            after="INSERT",
            condition=SIGNED_NOW,
            message="what was just filed is signed in one''s own name",
        ),
    ]
