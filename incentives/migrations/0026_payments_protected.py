from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import ADD, READ, CompositeForeignKey, GuardTransitions, ProtectTable

# Awards that stand already are paid once, in full.
ONE_PAYMENT = """
INSERT INTO incentives_instalment
    (id, park_id, enterprise_id, award_id, number, place, percent, amount_cny, condition_en, condition_zh, state,
     evidence, confirmed_by_name)
SELECT gen_random_uuid(), award.park_id, award.enterprise_id, award.id, application.number || '/1', 1, 100,
       award.amount_cny, '', '', 'planned', '', ''
FROM incentives_award AS award JOIN incentives_application AS application ON application.id = award.application_id
WHERE award.state = 'stands';
SET CONSTRAINTS ALL IMMEDIATE;
"""
TRANSITIONS = {"planned": ["due", "cancelled"], "due": ["paid", "cancelled"], "paid": [], "cancelled": []}
NOT_A_DECIDER = """
NOT EXISTS (
    SELECT 1 FROM incentives_instalment AS paid JOIN incentives_award AS award ON award.id = paid.award_id
    JOIN incentives_review AS review ON review.application_id = award.application_id
    WHERE paid.id = {instalment_id} AND review.decided_by_id = {person_id}
)
"""
CONFIRMED_BY_ANOTHER = f"""
NEW.state <> 'due' OR NEW.confirmed_by_id = {AUTHOR}
    AND {NOT_A_DECIDER.format(instalment_id="NEW.id", person_id="NEW.confirmed_by_id")}
"""
RECORDED_BY_ANOTHER = f"""
NEW.recorded_by_id = {AUTHOR}
    AND {NOT_A_DECIDER.format(instalment_id="NEW.instalment_id", person_id="NEW.recorded_by_id")}
"""
ADDS_UP = """
(SELECT award.amount_cny = (SELECT sum(part.amount_cny) FROM incentives_instalment AS part WHERE part.award_id = award.id)
 FROM incentives_award AS award WHERE award.id = NEW.award_id)
"""
IS_ENTERED = """
(SELECT sum(payment.amount_cny) = (
    SELECT coalesce(sum(entry.amount_cny), 0) FROM incentives_ledgerentry AS entry
    WHERE entry.application_id = award.application_id AND entry.kind = 'paid'
 ) FROM incentives_instalment AS of_payment JOIN incentives_award AS award ON award.id = of_payment.award_id
 JOIN incentives_instalment AS part ON part.award_id = award.id
 JOIN incentives_payment AS payment ON payment.instalment_id = part.id
 WHERE of_payment.id = NEW.instalment_id GROUP BY award.application_id)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0025_payments")]

    operations = [
        migrations.RunSQL(ONE_PAYMENT, migrations.RunSQL.noop),
        ProtectTable(
            "Instalment",
            officials=ADD,
            enterprises=READ,
            columns={"official": ("state", "evidence", "confirmed_by_id", "confirmed_by_name", "confirmed_at")},
        ),
        ProtectTable("Payment", officials=ADD, enterprises=READ),
        CompositeForeignKey(
            "Instalment", ("park_id", "enterprise_id", "award_id"), "Award", ("park_id", "enterprise_id", "id")
        ),
        CompositeForeignKey(
            "Payment", ("park_id", "enterprise_id", "instalment_id"), "Instalment", ("park_id", "enterprise_id", "id")
        ),
        GuardTransitions("Instalment", "state", "planned", TRANSITIONS),
        GuardRows(
            "Instalment",
            "four_eyes",
            after="UPDATE OF state",
            condition=CONFIRMED_BY_ANOTHER,
            message="who decided on an application confirms no condition of its award",
        ),
        GuardRows(
            "Instalment",
            "adds_up",
            after="INSERT",
            condition=ADDS_UP,
            message="the payments of an award add up to it",
            is_deferred=True,
        ),
        GuardRows(
            "Payment",
            "four_eyes",
            after="INSERT",
            condition=RECORDED_BY_ANOTHER,
            message="who decided on an application records no payment of its award",
        ),
        GuardRows(
            "Payment",
            "is_entered",
            after="INSERT",
            condition=IS_ENTERED,
            message="what was paid stands in the ledger",
            is_deferred=True,
        ),
    ]
