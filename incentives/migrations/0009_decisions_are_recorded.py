from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.operations import PARK

# Reviews are written in one's own name, by nobody on a support visit.
OWN_NAME = f"""
DROP POLICY incentives_review_official_insert ON incentives_review;
CREATE POLICY incentives_review_official_insert ON incentives_review FOR INSERT TO app_official
    WITH CHECK (park_id = {PARK} AND decided_by_id = {AUTHOR}
                AND (nullif(current_setting('app.author', true), '')::jsonb ->> 'support_session_id') IS NULL);
"""
ANY_NAME = f"""
DROP POLICY incentives_review_official_insert ON incentives_review;
CREATE POLICY incentives_review_official_insert ON incentives_review FOR INSERT TO app_official
    WITH CHECK (park_id = {PARK});
"""
FOUR_EYES = """
NOT EXISTS (
    SELECT 1 FROM incentives_review AS other
    WHERE other.park_id = NEW.park_id AND other.application_id = NEW.application_id
      AND other.decided_by_id = NEW.decided_by_id AND other.stage <> NEW.stage
)
"""
# Whoever decides has written the review of this round first, in their own name, with the amount that is granted. What
# enterprises do, officials do not do for them.
REVIEWED = f"""
NEW.state = OLD.state AND NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny
OR NEW.state NOT IN ('returned', 'accepted', 'approved', 'declined') AND {ROLE} <> 'app_official'
OR EXISTS (
    SELECT 1 FROM incentives_review AS review
    WHERE review.park_id = NEW.park_id AND review.application_id = NEW.id AND review.round = NEW.round
      AND review.outcome = NEW.state AND review.decided_by_id = {AUTHOR}
      AND review.amount_cny IS NOT DISTINCT FROM NEW.approved_cny
)
"""  # noqa: S608 - of constants
# What a programme has committed is the sum of what was granted under all of its versions.
BALANCES = """
(SELECT programme.committed_cny = (
    SELECT coalesce(sum(granted.approved_cny), 0) FROM incentives_programmeversion AS version
    JOIN incentives_application AS granted ON granted.programme_version_id = version.id
    WHERE version.programme_id = programme.id AND granted.park_id = programme.park_id AND granted.state = 'approved'
) FROM incentives_programme AS programme WHERE programme.id = {programme_id})
"""
OF_APPLICATION = "(SELECT programme_id FROM incentives_programmeversion WHERE id = NEW.programme_version_id)"


class Migration(migrations.Migration):
    dependencies = [("incentives", "0008_replies")]

    operations = [
        migrations.AddConstraint(
            "review",
            models.CheckConstraint(
                condition=Q(stage="completeness", outcome__in=["accepted", "returned", "declined"], amount_cny=None)
                | Q(stage="decision", outcome="declined", amount_cny=None)
                | Q(stage="decision", outcome="approved", amount_cny__isnull=False),
                name="review_outcome_fits_stage",
            ),
        ),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=Q(state="approved", approved_cny__isnull=False)
                | ~Q(state="approved") & Q(approved_cny=None),
                name="application_approved_with_an_amount",
            ),
        ),
        migrations.RunSQL(OWN_NAME, ANY_NAME),
        GuardRows(
            "Review",
            "four_eyes",
            after="INSERT",
            condition=FOUR_EYES,
            message="nobody decides in two stages of one application",
        ),
        GuardRows(
            "Application",
            "is_reviewed",
            after="UPDATE OF state, approved_cny",
            condition=REVIEWED,
            message="who decides writes a review of this round first, with the amount",
        ),
        GuardRows(
            "Application",
            "balances",
            after="UPDATE OF state, approved_cny",
            condition=f"NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny OR {BALANCES.format(programme_id=OF_APPLICATION)}",
            message="what is granted is committed by its programme",
            is_deferred=True,
        ),
        GuardRows(
            "Programme",
            "balances",
            after="INSERT OR UPDATE OF committed_cny",
            condition=BALANCES.format(programme_id="NEW.id"),
            message="a programme commits what was granted under it and nothing else",
            is_deferred=True,
        ),
    ]
