from __future__ import annotations

from django.db import migrations

# What was merged into an enterprise that was merged later names the one that goes on, as mergers write it from now on.
ONE_STEP = """
WITH RECURSIVE ways(park_id, id, goes_on) AS (
    SELECT park_id, id, merged_into_id FROM enterprises_enterprise WHERE merged_into_id IS NOT NULL
    UNION
    SELECT ways.park_id, ways.id, following.merged_into_id
    FROM ways JOIN enterprises_enterprise following ON following.park_id = ways.park_id AND following.id = ways.goes_on
    WHERE following.merged_into_id IS NOT NULL
)
UPDATE enterprises_enterprise merged SET merged_into_id = ways.goes_on
FROM ways JOIN enterprises_enterprise winner ON winner.park_id = ways.park_id AND winner.id = ways.goes_on
WHERE merged.park_id = ways.park_id AND merged.id = ways.id AND winner.merged_into_id IS NULL
  AND merged.merged_into_id <> ways.goes_on
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0022_papers_stay_as_filed")]

    operations = [migrations.RunSQL(ONE_STEP, migrations.RunSQL.noop)]
