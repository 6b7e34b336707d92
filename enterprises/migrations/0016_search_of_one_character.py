from __future__ import annotations

from django.db import migrations

from tenancy.operations import PARK

COLUMNS = [f"found.{name}" for name in ("credit_code", "name_en", "name_zh", "contact_name", "contact_phone")]
OF_FOUND = f"enterprises_searched_text({', '.join(COLUMNS)})"
# The same text but for brackets and wide spaces, which are most of its price.
ROUGHLY = "lower(" + " || ' ' || ".join(COLUMNS) + ")"


def _search(single: str) -> str:
    """As before; `single` finds words of one character, for which the index holds no pair: every row is read."""
    return f"""
CREATE OR REPLACE FUNCTION enterprises_search(query text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted text := lower(normalize(query, NFKC));
    patterns text[] := ARRAY(
        SELECT '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'
        FROM regexp_split_to_table(btrim(wanted), '\\s+') AS word
    );
BEGIN
    IF enterprises_pairs(wanted) = '{{}}' {single}
        RETURN QUERY SELECT found.id FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND {OF_FOUND} LIKE ALL (patterns);
    ELSE
        RETURN QUERY SELECT found.id FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND {OF_FOUND} LIKE ALL (patterns)
          AND enterprises_pairs({OF_FOUND}) @> enterprises_pairs(wanted);
    END IF;
END $$;
"""  # noqa: S608 - made of constants


QUICKER = f"""AND wanted !~ '[()]' THEN
        RETURN QUERY SELECT found.id FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND {ROUGHLY} LIKE ALL (patterns);
    ELSIF enterprises_pairs(wanted) = '{{}}' THEN"""  # noqa: S608 - made of constants


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0015_places_of_enterprises")]

    operations = [migrations.RunSQL(_search(QUICKER), _search("THEN"))]
