from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR, ROLE, GuardRows

# Sixty days by the clock of the park. While the registration of the enterprise does not stand, its people can write
# nothing: such days, between two steps of its timeline, come on top.
APPEAL_UNTIL = """
CREATE FUNCTION incentives_appeal_until(wanted uuid) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    decided_on date; last date; stopped record;
BEGIN
    SELECT (case_of.decided_at AT TIME ZONE park.time_zone)::date INTO decided_on
    FROM incentives_application AS case_of JOIN parks_park AS park ON park.id = case_of.park_id
    WHERE case_of.id = wanted AND case_of.state = 'declined'
      AND case_of.park_id = coalesce(nullif(current_setting('app.park_id', true), '')::bigint, case_of.park_id)
      AND (coalesce(current_setting('role', true), '') <> 'app_enterprise'
           OR case_of.enterprise_id = nullif(current_setting('app.enterprise_id', true), '')::uuid);
    last := decided_on + 60;
    FOR stopped IN
        SELECT (turn.at AT TIME ZONE park.time_zone)::date AS since, (turn.over_at AT TIME ZONE park.time_zone)::date AS until
        FROM incentives_application AS case_of JOIN parks_park AS park ON park.id = case_of.park_id
        CROSS JOIN LATERAL (
            SELECT step.kind, step.at, lead(step.at) OVER (ORDER BY step.at, step.id) AS over_at
            FROM enterprises_enterprisestep AS step
            WHERE step.park_id = case_of.park_id AND step.enterprise_id = case_of.enterprise_id
              AND step.kind IN ('suspended', 'resumed', 'deregistered', 'reinstated')
        ) AS turn
        WHERE case_of.id = wanted AND turn.kind IN ('suspended', 'deregistered') AND turn.over_at > case_of.decided_at
        ORDER BY turn.at
    LOOP
        EXIT WHEN stopped.since > last;
        last := last + (stopped.until - greatest(stopped.since, decided_on));
    END LOOP;
    RETURN last;
END $$;
REVOKE ALL ON FUNCTION incentives_appeal_until(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_appeal_until(uuid) TO app_official, app_enterprise;
"""
# By somebody of the enterprise in their own name, against the decision that stands.
OF_THE_DECISION = f"""
{ROLE} = 'app_enterprise' AND NEW.filed_by_id = {AUTHOR} AND EXISTS (
    SELECT 1 FROM incentives_application AS application JOIN parks_park AS park ON park.id = application.park_id
    WHERE application.id = NEW.application_id AND application.state = 'declined'
      AND application.decided_at = NEW.decided_at
      AND (NEW.filed_at AT TIME ZONE park.time_zone)::date
"""  # noqa: S608 - of constants
COMES_IN_TIME = f"{OF_THE_DECISION} <= incentives_appeal_until(application.id))"
WITHIN_SIXTY_DAYS = f"{OF_THE_DECISION} <= (application.decided_at AT TIME ZONE park.time_zone)::date + 60)"
TOLD = {"after": "INSERT", "message": "an appeal is filed by the enterprise within sixty days of the decision"}
WAS = GuardRows("Appeal", "comes_in_time", condition=WITHIN_SIXTY_DAYS, **TOLD)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0051_reviews_stand_by_one_rule"), ("enterprises", "0028_stopped_imports")]

    operations = [
        migrations.RunSQL(APPEAL_UNTIL, "DROP FUNCTION incentives_appeal_until(uuid)"),
        migrations.RunSQL(list(WAS.backwards("incentives_appeal")), list(WAS.forwards("incentives_appeal"))),
        GuardRows("Appeal", "comes_in_time", condition=COMES_IN_TIME, **TOLD),
    ]
