from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from tenancy.guards import AUTHOR, GuardRows
from tenancy.operations import PARK

# What many names share says nothing of whether two are alike: the legal form, "group", "branch", the country.
GENERIC_CHINESE = "有限责任公司|股份有限公司|集团有限公司|有限公司|总公司|分公司|子公司|公司|集团|控股|股份|中国"
GENERIC_ENGLISH = (
    "company|co|limited|ltd|corporation|corp|incorporated|inc|llc|plc|gmbh|joint|stock|group|holding|holdings"
    "|branch|china|prc|the|and|of"
)
PUNCTUATION = "()[]{}<>《》〈〉【】「」·•.,，。、;:；：&+/\\\\|_-–—''\"‘’“”*#!?！？~"
# The words of a name that are its own, in small letters, one space between. A name of generic words only is its own.
CORE = f"""
CREATE FUNCTION enterprises_core_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH plain AS (SELECT translate(lower(normalize(name, NFKC)), E'{PUNCTUATION}', repeat(' ', 80)) AS written),
    cleaned AS (SELECT regexp_replace(
        regexp_replace(written, '{GENERIC_CHINESE}', ' ', 'g'), '\\m({GENERIC_ENGLISH})\\M', ' ', 'g') AS own
        FROM plain)
    SELECT btrim(regexp_replace(CASE WHEN own ~ '\\S' THEN own ELSE written END, '\\s+', ' ', 'g'))
    FROM cleaned, plain
$$
"""  # noqa: S608 - made of constants
# From 0 to 1: twice the pairs of neighbouring characters that both names have, of those that each has (Dice).
LIKENESS = """
CREATE FUNCTION enterprises_likeness(one text, other text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH core AS (SELECT enterprises_core_name(one) AS one, enterprises_core_name(other) AS other),
    pairs AS (SELECT enterprises_pairs(core.one) AS one, enterprises_pairs(core.other) AS other FROM core)
    SELECT CASE
        WHEN core.one = '' OR core.other = '' THEN 0
        WHEN core.one = core.other THEN 1
        WHEN pairs.one = '{}' OR pairs.other = '{}' THEN 0
        ELSE 2.0 * (SELECT count(*) FROM unnest(pairs.one) AS pair WHERE pair = ANY (pairs.other))
             / (cardinality(pairs.one) + cardinality(pairs.other))
    END FROM core, pairs
$$
"""
FOUND = (
    "enterprises_pairs(enterprises_searched_text("
    "found.credit_code, found.name_en, found.name_zh, found.contact_name, found.contact_phone))"
)
# Names of at least this likeness are shown. Two that reach it share a known part of the pairs of either, so that each
# holds one of the rarest of them: those alone are looked up. Of an English name a rare word is looked up whole.
# It runs as the owner, because the operators of the index are not leakproof, filters the park itself and answers ids.
SIMILAR = f"""
CREATE FUNCTION enterprises_similar_names(wanted_zh text, wanted_en text, at_least double precision, most integer)
RETURNS TABLE (id uuid, score double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    chinese text[] := enterprises_pairs(enterprises_core_name(wanted_zh));
    shared integer := ceil(at_least / (2 - at_least) * cardinality(chinese));
    rarest text[] := ARRAY(
        SELECT pair FROM unnest(chinese) AS pair
        ORDER BY (SELECT count(*) FROM enterprises_enterprise found
                  WHERE found.park_id = {PARK} AND {FOUND} @> ARRAY[pair]), pair
        LIMIT greatest(cardinality(chinese) - shared + 1, 0)
    );
    words text[] := ARRAY(
        SELECT word FROM regexp_split_to_table(enterprises_core_name(wanted_en), ' ') AS word
        WHERE length(word) > 2
        ORDER BY (SELECT count(*) FROM enterprises_enterprise found
                  WHERE found.park_id = {PARK} AND {FOUND} @> enterprises_pairs(word)), word
        LIMIT 2
    );
BEGIN
    RETURN QUERY
    WITH candidates AS (
        SELECT found.id, found.name_zh, found.name_en FROM enterprises_enterprise found
        WHERE found.park_id = {PARK} AND {FOUND} && rarest
          AND (SELECT count(*) FROM unnest(chinese) AS pair
               WHERE strpos(lower(found.name_zh), pair) > 0) >= shared
        UNION
        SELECT found.id, found.name_zh, found.name_en FROM unnest(words) AS word
        JOIN enterprises_enterprise found ON found.park_id = {PARK} AND {FOUND} @> enterprises_pairs(word)
         AND strpos(lower(found.name_en), word) > 0
    ), scored AS (
        SELECT candidates.id, greatest(
            enterprises_likeness(candidates.name_zh, wanted_zh), enterprises_likeness(candidates.name_en, wanted_en)
        ) AS score FROM candidates
    )
    SELECT scored.id, scored.score FROM scored WHERE scored.score >= at_least
    ORDER BY scored.score DESC, scored.id LIMIT most;
END $$;
REVOKE ALL ON FUNCTION enterprises_similar_names(text, text, double precision, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enterprises_similar_names(text, text, double precision, integer) TO app_official
"""  # noqa: S608 - made of constants
# What an approval says has come true in the same act: the enterprise of this code, entered at the same moment.
IS_BORN = """
    NEW.state <> 'approved' OR EXISTS (
        SELECT 1 FROM enterprises_enterprise born
        WHERE born.park_id = NEW.park_id AND born.id = NEW.enterprise_id
          AND born.credit_code = NEW.credit_code AND born.created_at = NEW.decided_at)
"""
IS_ANOTHERS = f"""
    NEW.state NOT IN ('returned', 'approved', 'joined', 'rejected') OR {AUTHOR} IS DISTINCT FROM NEW.registrant_id
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0008_timeline_and_standing")]

    operations = [
        migrations.RunSQL(CORE, "DROP FUNCTION enterprises_core_name(text)"),
        migrations.RunSQL(LIKENESS, "DROP FUNCTION enterprises_likeness(text, text)"),
        migrations.RunSQL(SIMILAR, "DROP FUNCTION enterprises_similar_names(text, text, double precision, integer)"),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                fields=("park", "enterprise"), condition=Q(("state", "approved")), name="registration_bears_one"
            ),
        ),
        GuardRows(
            "Registration",
            "is_born",
            after="INSERT OR UPDATE OF state, enterprise_id",
            condition=IS_BORN,
            message="an approved registration enters its enterprise in the same act",
        ),
        GuardRows(
            "Registration",
            "four_eyes",
            after="UPDATE OF state",
            condition=IS_ANOTHERS,
            message="nobody decides on a registration that they filed",
        ),
    ]
