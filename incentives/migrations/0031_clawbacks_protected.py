from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, READ, CompositeForeignKey, ProtectTable

REVOKED_BY_ANOTHER = f"""
NEW.revoked_by_id = {AUTHOR} AND NOT EXISTS (
    SELECT 1 FROM incentives_award AS award
    JOIN incentives_review AS review ON review.application_id = award.application_id
    WHERE award.id = NEW.award_id AND review.decided_by_id = NEW.revoked_by_id
)
"""  # noqa: S608 - of constants
IS_WHAT_WAS_PAID = """
NEW.principal_cny = (
    SELECT coalesce(sum(payment.amount_cny), 0) FROM incentives_instalment AS part
    JOIN incentives_payment AS payment ON payment.instalment_id = part.id WHERE part.award_id = NEW.award_id
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0030_clawbacks")]

    operations = [
        ProtectTable(
            "Clawback",
            officials=ADD,
            enterprises=READ,
            columns={
                "official": ("returned_cny", "returned_on", "reference", "confirmed_by_id", "confirmed_by_name"),
            },
        ),
        CompositeForeignKey(
            "Clawback", ("park_id", "enterprise_id", "award_id"), "Award", ("park_id", "enterprise_id", "id")
        ),
        GuardRows(
            "Clawback",
            "four_eyes",
            after="INSERT",
            condition=REVOKED_BY_ANOTHER,
            message="who decided on an application does not revoke its award",
        ),
        GuardRows(
            "Clawback",
            "is_what_was_paid",
            after="INSERT",
            condition=IS_WHAT_WAS_PAID,
            message="what is claimed back was paid",
        ),
        GuardRows(
            "Award",
            "is_claimed_back",
            after="UPDATE OF state",
            condition="NEW.state <> 'revoked' OR EXISTS"
            " (SELECT 1 FROM incentives_clawback AS claim WHERE claim.award_id = NEW.id)",
            message="an award is revoked with its reason",
            is_deferred=True,
        ),
    ]
