from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

from tenancy.guards import AUTHOR, ROLE, GuardRows
from tenancy.operations import GuardTransitions

# Returned by a later stage, an application goes on there when its enterprise files it again.
TRANSITIONS = {
    "draft": ["submitted", "withdrawn"],
    "submitted": ["returned", "accepted", "declined", "withdrawn"],
    "returned": ["submitted", "accepted", "withdrawn"],
    "accepted": ["returned", "approved", "declined", "withdrawn"],
    "approved": [],
    "declined": [],
    "withdrawn": [],
}
BEFORE = {**TRANSITIONS, "returned": ["submitted", "withdrawn"], "accepted": ["approved", "declined", "withdrawn"]}
# The first stage of the version that applies to the amount and has not as many people for it as it asks for. A return
# takes away what was said up to its round in its own stage and in those it names. People of an enterprise cannot read
# reviews, but what they file anew goes on where these lead.
NEXT_STAGE = """
CREATE FUNCTION incentives_next_stage(wanted uuid, asked numeric)
RETURNS TABLE (stage text, stage_role text, working_days integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ask.value ->> 'stage', ask.value ->> 'role', (ask.value ->> 'working_days')::integer
    FROM incentives_application AS case_of
    JOIN incentives_programmeversion AS version ON version.id = case_of.programme_version_id
    CROSS JOIN jsonb_array_elements(version.stages) WITH ORDINALITY AS ask (value, place)
    WHERE case_of.id = wanted
      AND case_of.park_id = coalesce(nullif(current_setting('app.park_id', true), '')::bigint, case_of.park_id)
      AND (coalesce(current_setting('role', true), '') <> 'app_enterprise'
           OR case_of.enterprise_id = nullif(current_setting('app.enterprise_id', true), '')::uuid)
      AND (ask.value ->> 'above_cny' IS NULL OR asked > (ask.value ->> 'above_cny')::numeric)
      AND (ask.value ->> 'approvals')::integer > (
          SELECT count(DISTINCT review.decided_by_id) FROM incentives_review AS review
          WHERE review.park_id = case_of.park_id AND review.application_id = case_of.id
            AND review.stage = ask.value ->> 'stage' AND review.outcome IN ('accepted', 'approved')
            AND NOT EXISTS (
                SELECT 1 FROM incentives_review AS given_back
                WHERE given_back.park_id = review.park_id AND given_back.application_id = review.application_id
                  AND given_back.outcome = 'returned' AND given_back.round >= review.round
                  AND (given_back.stage = review.stage OR review.stage = ANY (given_back.void_stages))
            )
      )
    ORDER BY ask.place LIMIT 1
$$;
REVOKE ALL ON FUNCTION incentives_next_stage(uuid, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_next_stage(uuid, numeric) TO app_official, app_enterprise;
"""
COLUMNS = """
GRANT UPDATE (stage, stage_role) ON incentives_application TO app_official;
GRANT UPDATE (stage, stage_role) ON incentives_application TO app_enterprise;
"""
NO_COLUMNS = COLUMNS.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")
# Nobody decides ahead, or about another round than the one that was filed last.
ITS_TURN = """
EXISTS (
    SELECT 1 FROM incentives_application AS case_of
    WHERE case_of.park_id = NEW.park_id AND case_of.id = NEW.application_id AND case_of.round = NEW.round
      AND case_of.stage = NEW.stage AND case_of.state IN ('submitted', 'accepted')
)
"""
# Several approvers grant one amount.
ONE_AMOUNT = """
NEW.outcome <> 'approved' OR NOT EXISTS (
    SELECT 1 FROM incentives_review AS other
    WHERE other.park_id = NEW.park_id AND other.application_id = NEW.application_id AND other.round = NEW.round
      AND other.outcome = 'approved' AND other.amount_cny <> NEW.amount_cny
)
"""
# Whoever decides has written the review of this stage and round first, in their own name, with the amount that is
# granted. What enterprises do, officials do not do for them.
REVIEWED = f"""
NEW.state = OLD.state AND NEW.stage = OLD.stage AND NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny
OR NEW.state NOT IN ('returned', 'accepted', 'approved', 'declined') AND {ROLE} <> 'app_official'
OR NEW.state = 'accepted' AND OLD.state = 'returned' AND {ROLE} = 'app_enterprise'
OR EXISTS (
    SELECT 1 FROM incentives_review AS review
    WHERE review.park_id = NEW.park_id AND review.application_id = NEW.id AND review.round = NEW.round
      AND review.outcome = NEW.state AND review.stage = OLD.stage AND review.decided_by_id = {AUTHOR}
      AND review.amount_cny IS NOT DISTINCT FROM NEW.approved_cny
)
"""  # noqa: S608 - of constants
REVIEWED_BEFORE = f"""
NEW.state = OLD.state AND NEW.approved_cny IS NOT DISTINCT FROM OLD.approved_cny
OR NEW.state NOT IN ('returned', 'accepted', 'approved', 'declined') AND {ROLE} <> 'app_official'
OR EXISTS (
    SELECT 1 FROM incentives_review AS review
    WHERE review.park_id = NEW.park_id AND review.application_id = NEW.id AND review.round = NEW.round
      AND review.outcome = NEW.state AND review.decided_by_id = {AUTHOR}
      AND review.amount_cny IS NOT DISTINCT FROM NEW.approved_cny
)
"""  # noqa: S608 - of constants
# It waits in the first stage that is not done, and is approved when none is left.
IN_ITS_STAGE = """
CASE
    WHEN NEW.state IN ('submitted', 'returned', 'accepted') THEN EXISTS (
        SELECT 1 FROM incentives_next_stage(NEW.id, NEW.requested_cny) AS following
        WHERE following.stage = NEW.stage AND following.stage_role = NEW.stage_role
    )
    WHEN NEW.state = 'approved' AND OLD.state <> 'approved'
        THEN NOT EXISTS (SELECT 1 FROM incentives_next_stage(NEW.id, NEW.requested_cny))
    ELSE true
END
"""
# Begins with the completeness check, ends with the decision, and both apply to every amount.
SOUND = """
NEW.stages -> 0 ->> 'stage' = 'completeness' AND NEW.stages -> 0 ->> 'above_cny' IS NULL
AND NEW.stages -> -1 ->> 'stage' = 'decision' AND NEW.stages -> -1 ->> 'above_cny' IS NULL
AND NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements(NEW.stages) AS ask (value)
    GROUP BY value ->> 'stage' HAVING count(*) > 1 OR min((value ->> 'approvals')::integer) < 1
)
"""


def were(model: str, name: str, **told: object) -> migrations.RunSQL:
    """Takes away a guard of before, and puts it back on the way back."""
    table, old = f"incentives_{model.lower()}", GuardRows(model, name, **told)
    return migrations.RunSQL(list(old.backwards(table)), list(old.forwards(table)))


STATES_BEFORE = GuardTransitions("Application", "state", "draft", BEFORE, by_enterprise=("submitted", "withdrawn"))


class Migration(migrations.Migration):
    dependencies = [("incentives", "0018_stages"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('state__in', ['accepted', 'submitted'])), fields=['park', 'due_at', 'submitted_at', 'id'], include=('number', 'state', 'enterprise', 'programme_version', 'requested_cny', 'started_by', 'started_at', 'stage', 'stage_role', 'round'), name='application_waiting'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stage', 'completeness'), ('state', 'submitted')), models.Q(('state', 'returned'), models.Q(('stage', ''), _negated=True)), models.Q(('state', 'accepted'), models.Q(('stage__in', ['', 'completeness']), _negated=True)), models.Q(models.Q(('state__in', ['accepted', 'returned', 'submitted']), _negated=True), ('stage', '')), _connector='OR'), name='application_state_fits_stage'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('park', 'application', 'stage', 'round', 'decided_by'), name='review_once_a_round_by_each'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_cny', None), ('outcome__in', ['accepted', 'returned', 'declined']), ('stage__in', ['completeness', 'substantive', 'financial'])), models.Q(('amount_cny', None), ('outcome', 'accepted'), ('stage', 'panel')), models.Q(('amount_cny', None), ('outcome__in', ['returned', 'declined']), ('stage', 'decision')), models.Q(('amount_cny__isnull', False), ('outcome', 'approved'), ('stage', 'decision')), _connector='OR'), name='review_outcome_fits_stage'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('void_stages', []), ('outcome', 'returned'), _connector='OR'), name='review_voids_by_a_return'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('visit_findings', ''), ('visited_by', ''), ('visited_on', None)), ('stage', 'substantive'), _connector='OR'), name='review_visit_fits_stage'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checks', []), ('proven_cny', None)), ('stage', 'financial'), _connector='OR'), name='review_checks_fit_stage'),
        ),
        migrations.RunSQL(NEXT_STAGE, "DROP FUNCTION incentives_next_stage(uuid, numeric)"),
        migrations.RunSQL(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(
            list(STATES_BEFORE.backwards("incentives_application")),
            list(STATES_BEFORE.forwards("incentives_application")),
        ),
        GuardTransitions(
            "Application", "state", "draft", TRANSITIONS, by_enterprise=("submitted", "accepted", "withdrawn")
        ),
        were(
            "Application",
            "is_reviewed",
            after="UPDATE OF state, approved_cny",
            condition=REVIEWED_BEFORE,
            message="who decides writes a review of this round first, with the amount",
        ),
        GuardRows(
            "Application",
            "is_reviewed",
            after="UPDATE OF state, stage, approved_cny",
            condition=REVIEWED,
            message="who decides writes a review of this round first, with the amount",
        ),
        GuardRows(
            "Application",
            "in_its_stage",
            after="UPDATE OF state, stage, stage_role",
            condition=IN_ITS_STAGE,
            message="an application waits in the first stage that is not done",
        ),
        GuardRows(
            "Review",
            "its_turn",
            after="INSERT",
            condition=ITS_TURN,
            message="a review is of the stage and the round in which the application waits",
        ),
        GuardRows(
            "Review",
            "one_amount",
            after="INSERT",
            condition=ONE_AMOUNT,
            message="all approvals are of the same amount",
        ),
        *[
            GuardRows(
                model,
                "stages",
                after="INSERT OR UPDATE OF stages",
                condition=SOUND,
                message="stages begin with the completeness check and end with the decision",
            )
            for model in ("Programme", "ProgrammeVersion")
        ],
    ]
