from __future__ import annotations

from django.db import migrations

# Which enterprises have begun an application under some versions, and nothing else of it: what is not filed is nobody's
# business but theirs, yet somebody has to remind them before the window closes. For the login role alone.
DRAFTERS = """
CREATE FUNCTION incentives_drafters(park bigint, versions uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT enterprise_id FROM incentives_application
    WHERE park_id = park AND state = 'draft' AND programme_version_id = ANY (versions)
$$;
REVOKE ALL ON FUNCTION incentives_drafters(bigint, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_drafters(bigint, uuid[]) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0036_own_decisions_in_their_index")]

    operations = [migrations.RunSQL(DRAFTERS, "DROP FUNCTION incentives_drafters(bigint, uuid[])")]
