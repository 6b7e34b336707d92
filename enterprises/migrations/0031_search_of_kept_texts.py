from __future__ import annotations

from django.db import migrations

from tenancy.operations import PARK

COLUMNS = "credit_code, name_en, name_zh, contact_name, contact_phone"
# Whether PostgreSQL asks the index of pairs depends on what it believes of them: where it did not, it took every text of
# the park apart, 1.5 s. Reading the kept texts of a park takes some 15 ms whatever is searched for. The index is again
# that of the names that are alike, which ask it for the text as it is worked out.
BY_PARK = f"""
DROP INDEX enterprise_search;
CREATE INDEX enterprise_search ON enterprises_enterprise
    USING gin (park_id, enterprises_pairs(enterprises_searched_text({COLUMNS})));
CREATE OR REPLACE FUNCTION enterprises_search(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted text := lower(normalize(query, NFKC));
    patterns text[] := ARRAY(
        SELECT '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'
        FROM regexp_split_to_table(btrim(wanted), '\\s+') AS word
    );
BEGIN
    RETURN QUERY SELECT found.id FROM enterprises_enterprise found
    WHERE found.park_id = {PARK} AND found.searched_text LIKE ALL (patterns);
END $$
"""  # noqa: S608 - made of constants


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0030_search_by_index")]

    operations = [migrations.RunSQL(BY_PARK, migrations.RunSQL.noop)]
