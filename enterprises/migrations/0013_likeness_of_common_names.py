from __future__ import annotations

import importlib

from django.db import migrations

before = importlib.import_module("enterprises.migrations.0012_faster_likeness")

# Working out the pairs of every row takes seconds: the planner should know, and take the index.
COST = "ALTER FUNCTION enterprises_pairs(text) COST 10000"
COST_BEFORE = "ALTER FUNCTION enterprises_pairs(text) COST 100"
# A name of common words shares pairs with a thousand others: of each language those that share the most are scored.
MOST_SCORED = 100
CANDIDATES = f"""
    WITH of_pairs AS (
        SELECT found.id, found.name_zh, found.name_en,
               (SELECT count(*) FROM unnest(chinese) AS pair WHERE strpos(lower(found.name_zh), pair) > 0) AS shared
        FROM enterprises_enterprise found WHERE {before.OF_PARK} && rarest
    ), of_word AS (
        SELECT found.id, found.name_zh, found.name_en,
               (SELECT count(*) FROM unnest(english) AS pair WHERE strpos(lower(found.name_en), pair) > 0) AS shared
        FROM enterprises_enterprise found
        WHERE rare_word <> '' AND {before.OF_PARK} @> rare_pairs AND strpos(lower(found.name_en), rare_word) > 0
    ), most_of_pairs AS (
        SELECT id, name_zh, name_en FROM of_pairs WHERE shared >= shared_zh ORDER BY shared DESC, id LIMIT {MOST_SCORED}
    ), most_of_word AS (
        SELECT id, name_zh, name_en FROM of_word WHERE shared >= shared_en ORDER BY shared DESC, id LIMIT {MOST_SCORED}
    ), candidates AS (
        SELECT * FROM most_of_pairs UNION SELECT * FROM most_of_word
    ), scored AS ("""  # noqa: S608 - made of constants
START, REST = before.SIMILAR.split("    WITH candidates AS (", maxsplit=1)
SIMILAR = START.rstrip() + CANDIDATES + REST.split("), scored AS (", maxsplit=1)[1]
# The names of the answer's columns are those of the tables' as well.
SIMILAR = SIMILAR.replace("\nDECLARE\n", "\n#variable_conflict use_column\nDECLARE\n", 1)


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0012_faster_likeness")]

    operations = [
        migrations.RunSQL(COST, COST_BEFORE),
        migrations.RunSQL(SIMILAR, before.SIMILAR),
    ]
