from __future__ import annotations

from django.db import migrations, models

from tenancy.operations import PARK

COLUMNS = "credit_code, name_en, name_zh, contact_name, contact_phone"
# Worked out when a row is written and no more for each row of each search, which was most of the price of one.
STORED = f"""
ALTER TABLE enterprises_enterprise
    ADD COLUMN IF NOT EXISTS searched_text text GENERATED ALWAYS AS (enterprises_searched_text({COLUMNS})) STORED;
DROP INDEX IF EXISTS enterprise_search;
CREATE INDEX enterprise_search ON enterprises_enterprise USING gin (park_id, enterprises_pairs(searched_text));
CREATE OR REPLACE FUNCTION enterprises_search(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted text := lower(normalize(query, NFKC));
    patterns text[] := ARRAY(
        SELECT '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'
        FROM regexp_split_to_table(btrim(wanted), '\\s+') AS word
    );
BEGIN
    IF enterprises_pairs(wanted) = '{{}}' THEN
        RETURN QUERY SELECT found.id FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND found.searched_text LIKE ALL (patterns);
    ELSE
        RETURN QUERY SELECT found.id FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND found.searched_text LIKE ALL (patterns)
          AND enterprises_pairs(found.searched_text) @> enterprises_pairs(wanted);
    END IF;
END $$
"""  # noqa: S608 - made of constants


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0028_stopped_imports"),
        ("tenancy", "0011_searched_texts"),
    ]

    operations = [
        migrations.RunSQL(STORED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(
                fields=["park", "id"],
                include=["status", "kind", "is_key_energy_user", "industry_code"],
                name="enterprise_facets",
            ),
        ),
    ]
