from django.db import migrations

# By the rule of incentives_next_stage: a review stands until a return of its own stage, or one that names it.
IS_REVIEWED = """
CREATE FUNCTION incentives_is_reviewed(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM incentives_application AS case_of
        JOIN incentives_review AS review
            ON review.park_id = case_of.park_id AND review.application_id = case_of.id
        WHERE case_of.id = wanted
          AND case_of.park_id = coalesce(nullif(current_setting('app.park_id', true), '')::bigint, case_of.park_id)
          AND (coalesce(current_setting('role', true), '') <> 'app_enterprise'
               OR case_of.enterprise_id = nullif(current_setting('app.enterprise_id', true), '')::uuid)
          AND review.outcome IN ('accepted', 'approved')
          AND NOT EXISTS (
              SELECT 1 FROM incentives_review AS given_back
              WHERE given_back.park_id = review.park_id AND given_back.application_id = review.application_id
                AND given_back.outcome = 'returned' AND given_back.round >= review.round
                AND (given_back.stage = review.stage OR review.stage = ANY (given_back.void_stages))
          )
    )
$$;
REVOKE ALL ON FUNCTION incentives_is_reviewed(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_is_reviewed(uuid) TO app_official, app_enterprise;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0045_objection_papers")]

    operations = [migrations.RunSQL(IS_REVIEWED, "DROP FUNCTION incentives_is_reviewed(uuid)")]
