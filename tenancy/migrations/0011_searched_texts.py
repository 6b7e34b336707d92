from __future__ import annotations

from django.db import migrations

# As before, and without the text that a row is searched by: it is made of other columns of the row.
SHOWN = """
CREATE OR REPLACE FUNCTION tenancy_shown(held jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE WHEN held ? 'token_digest'
    THEN held || jsonb_build_object('token_digest', left(held ->> 'token_digest', 8)) ELSE held END) - 'searched_text'
$$
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0010_events_of_ones_own")]

    operations = [migrations.RunSQL(SHOWN, migrations.RunSQL.noop)]
