"""What the services refuse about money, the database refuses as well, whoever writes."""

from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows

# The treasury's answer: once, in full (a check of the table), by who did not decide, not before it was asked for.
COMES_BACK_ONCE = f"""
OLD.returned_on IS NULL AND NEW.returned_on IS NOT NULL AND NEW.reference <> '' AND NEW.confirmed_by_id = {AUTHOR}
AND NEW.returned_on >= (
    SELECT (NEW.revoked_at AT TIME ZONE park.time_zone)::date FROM parks_park AS park WHERE park.id = NEW.park_id
)
AND NOT EXISTS (
    SELECT 1 FROM incentives_award AS award
    JOIN incentives_review AS review ON review.application_id = award.application_id
    WHERE award.id = NEW.award_id AND review.decided_by_id = NEW.confirmed_by_id
)
"""  # noqa: S608 - of constants
IS_ENTERED = """
NEW.returned_on IS NULL OR NEW.principal_cny = (
    SELECT coalesce(sum(entry.amount_cny), 0) FROM incentives_ledgerentry AS entry
    JOIN incentives_award AS award ON award.application_id = entry.application_id
    WHERE award.id = NEW.award_id AND entry.kind = 'clawed_back'
)
"""
IS_PAID = """
NEW.state <> 'paid'
OR EXISTS (SELECT 1 FROM incentives_payment AS payment WHERE payment.instalment_id = NEW.id)
"""
IS_DUE = """
EXISTS (
    SELECT 1 FROM incentives_instalment AS part JOIN incentives_award AS award ON award.id = part.award_id
    WHERE part.id = NEW.instalment_id AND part.state = 'due' AND part.amount_cny = NEW.amount_cny
      AND award.state = 'stands'
)
"""
SETTLES_IT = """
EXISTS (SELECT 1 FROM incentives_instalment AS part WHERE part.id = NEW.instalment_id AND part.state = 'paid')
"""
# Without a notice where the version asks for none, otherwise after the last moment of its notice.
NOTICE_IS_OVER = """
NEW.state <> 'stands' OR OLD.state = 'stands' OR CASE WHEN (
    SELECT version.notice_working_days FROM incentives_application AS application
    JOIN incentives_programmeversion AS version ON version.id = application.programme_version_id
    WHERE application.id = NEW.application_id
) = 0 THEN OLD.state = 'pending' ELSE EXISTS (
    SELECT 1 FROM incentives_noticeline AS line JOIN incentives_notice AS notice ON notice.id = line.notice_id
    WHERE line.award_id = NEW.id AND notice.ends_at < NEW.stands_at
) END
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0037_drafters"), ("parks", "0015_names_in_the_trail")]

    operations = [
        GuardRows(
            "Clawback",
            "starts_open",
            after="INSERT",
            condition="NEW.returned_on IS NULL AND NEW.confirmed_by_id IS NULL AND NEW.reference = ''",
            message="what is claimed back has not come back yet",
        ),
        GuardRows(
            "Clawback",
            "comes_back_once",
            after="UPDATE",
            condition=COMES_BACK_ONCE,
            message="of a clawback only the return is written, once",
        ),
        GuardRows(
            "Clawback",
            "is_entered",
            after="UPDATE",
            condition=IS_ENTERED,
            message="what came back stands in the ledger",
            is_deferred=True,
        ),
        GuardRows(
            "Instalment",
            "is_paid",
            after="UPDATE OF state",
            condition=IS_PAID,
            message="what is paid has its payment",
        ),
        GuardRows(
            "Payment",
            "is_due",
            after="INSERT",
            condition=IS_DUE,
            message="a payment is of what is due of an award that stands",
        ),
        GuardRows(
            "Payment",
            "settles_it",
            after="INSERT",
            condition=SETTLES_IT,
            message="what has its payment is paid",
            is_deferred=True,
        ),
        GuardRows(
            "Award",
            "notice_is_over",
            after="UPDATE OF state",
            condition=NOTICE_IS_OVER,
            message="an award stands after its notice",
        ),
    ]
