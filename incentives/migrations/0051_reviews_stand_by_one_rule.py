from django.db import migrations

# The one place that says which reviews count: a return takes away what was said up to its round in its own stage and in
# those it names. Asked as whoever asks: officials read reviews, and the functions below are the owner's.
STANDS = """
CREATE FUNCTION incentives_review_stands(park bigint, application uuid, stage text, round integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM incentives_review AS given_back
        WHERE given_back.park_id = $1 AND given_back.application_id = $2
          AND given_back.outcome = 'returned' AND given_back.round >= $4
          AND (given_back.stage = $3 OR $3 = ANY (given_back.void_stages))
    )
$$;
REVOKE ALL ON FUNCTION incentives_review_stands(bigint, uuid, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_review_stands(bigint, uuid, text, integer) TO app_official;
"""
NEXT_STAGE = """
CREATE OR REPLACE FUNCTION incentives_next_stage(wanted uuid, asked numeric)
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
            AND {stands}
      )
    ORDER BY ask.place LIMIT 1
$$;
"""
IS_REVIEWED = """
CREATE OR REPLACE FUNCTION incentives_is_reviewed(wanted uuid) RETURNS boolean
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
          AND {stands}
    )
$$;
"""
CALLED = "incentives_review_stands(review.park_id, review.application_id, review.stage, review.round)"
WRITTEN_OUT = """NOT EXISTS (
        SELECT 1 FROM incentives_review AS given_back
        WHERE given_back.park_id = review.park_id AND given_back.application_id = review.application_id
          AND given_back.outcome = 'returned' AND given_back.round >= review.round
          AND (given_back.stage = review.stage OR review.stage = ANY (given_back.void_stages))
    )"""


def functions(stands: str) -> list[str]:
    return [text.replace("{stands}", stands) for text in (NEXT_STAGE, IS_REVIEWED)]


class Migration(migrations.Migration):
    dependencies = [("incentives", "0050_agreements_are_confirmed")]

    operations = [
        migrations.RunSQL(STANDS, "DROP FUNCTION incentives_review_stands(bigint, uuid, text, integer)"),
        migrations.RunSQL(functions(CALLED), functions(WRITTEN_OUT)),
    ]
