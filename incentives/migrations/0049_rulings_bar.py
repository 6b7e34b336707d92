from __future__ import annotations

from django.db import migrations

from tenancy.guards import GuardRows

# To open what was declined, and to grant it or pay it, are acts of two people.
NOT_BY_ITS_RULER = """
NOT EXISTS (
    SELECT 1 FROM incentives_appeal AS appeal
    WHERE appeal.park_id = NEW.park_id AND appeal.application_id = ({application}) AND appeal.handled_by_id IN ({person})
)
"""
OF_AWARD = "SELECT award.application_id FROM incentives_award AS award WHERE award.id = NEW.award_id"
OF_PART = """
SELECT award.application_id FROM incentives_instalment AS part JOIN incentives_award AS award ON award.id = part.award_id
WHERE part.id = NEW.instalment_id
"""
OF_LINE = """
SELECT award.application_id FROM incentives_noticeline AS line JOIN incentives_award AS award ON award.id = line.award_id
WHERE line.id = NEW.line_id
"""
# Model, when it is written, the application that it is about, who writes it.
BARRED = (
    ("Review", "INSERT", "NEW.application_id", "NEW.decided_by_id"),
    ("Objection", "UPDATE OF handled_by_id", OF_LINE, "NEW.handled_by_id"),
    ("Instalment", "UPDATE OF confirmed_by_id", OF_AWARD, "NEW.confirmed_by_id"),
    ("Payment", "INSERT", OF_PART, "NEW.recorded_by_id"),
    ("Clawback", "INSERT OR UPDATE", OF_AWARD, "NEW.revoked_by_id, NEW.confirmed_by_id"),
)
# Who declined is asked again only after an appeal, and then somebody else decides: in any later round as well.
NOT_AFTER_DECLINING = """
NOT EXISTS (
    SELECT 1 FROM incentives_review AS other
    WHERE other.park_id = NEW.park_id AND other.application_id = NEW.application_id AND other.id <> NEW.id
      AND other.decided_by_id = NEW.decided_by_id AND other.outcome = 'declined'
)
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0048_same_is_granted_once")]

    operations = [
        *[
            GuardRows(
                model,
                "not_by_its_ruler",
                after=after,
                condition=NOT_BY_ITS_RULER.format(application=application, person=person),
                message="who ruled on an appeal decides nothing else about its application",
            )
            for model, after, application, person in BARRED
        ],
        GuardRows(
            "Review",
            "not_after_declining",
            after="INSERT",
            condition=NOT_AFTER_DECLINING,
            message="who declined an application does not decide on it again",
        ),
    ]
