from __future__ import annotations

import importlib

from django.db import migrations

# Letters about an application of the park, for its dossier: of its timeline, its reminders, its seats on a panel, its
# appeals, and the objections to its award. Each key begins with the row that it is about (`services.mail`, `panels`,
# `reminders`); compared by bytes, so that the index of the key answers.
LETTERS = """
CREATE OR REPLACE FUNCTION incentives_letters_of(wanted uuid)
RETURNS TABLE (created_at timestamptz, address text, subject text, "text" text, sent_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH case_of AS (
        SELECT id, park_id FROM incentives_application
        WHERE id = wanted AND park_id = current_setting('app.park_id')::bigint
    ), about (start) AS (
        SELECT 'incentives.step:' || step.id
        FROM case_of JOIN incentives_applicationstep AS step ON step.park_id = case_of.park_id AND step.application_id = case_of.id
        UNION ALL
        SELECT kind.name || case_of.id
        FROM case_of CROSS JOIN (VALUES ('incentives.returned_soon:'), ('incentives.draft_closes:')) AS kind (name)
        UNION ALL
        SELECT 'incentives.seat:' || seat.id
        FROM case_of JOIN incentives_panelseat AS seat ON seat.park_id = case_of.park_id AND seat.application_id = case_of.id
        UNION ALL
        SELECT kind.name || appeal.id
        FROM case_of JOIN incentives_appeal AS appeal ON appeal.park_id = case_of.park_id AND appeal.application_id = case_of.id
        CROSS JOIN (VALUES ('incentives.appeal_filed:'), ('incentives.remind_appeal:')) AS kind (name)
        UNION ALL
        SELECT kind.name || objection.id
        FROM case_of JOIN incentives_award AS award ON award.park_id = case_of.park_id AND award.application_id = case_of.id
        JOIN incentives_noticeline AS line ON line.park_id = award.park_id AND line.award_id = award.id
        JOIN incentives_objection AS objection ON objection.park_id = line.park_id AND objection.line_id = line.id
        CROSS JOIN (VALUES ('incentives.objection_filed:'), ('incentives.remind_objection:')) AS kind (name)
    )
    SELECT mail.created_at, mail.address, mail.subject, mail.text, mail.sent_at
    FROM about JOIN accounts_outgoingmail AS mail
      ON mail.key ~>=~ (about.start || ':') AND mail.key ~<~ (about.start || ';')
    ORDER BY mail.created_at, mail.key
$$;
"""
LETTERS_BEFORE = importlib.import_module("incentives.migrations.0039_letters_of_an_application").LETTERS
# Which enterprises have begun an application under versions that close soon, and have not had the reminder that is due:
# `due` says of each version how the keys of its reminders go on. For the login role alone.
DRAFTERS = """
DROP FUNCTION incentives_drafters(bigint, uuid[]);
CREATE FUNCTION incentives_drafters(park bigint, versions uuid[], due text[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT draft.enterprise_id
    FROM unnest(versions, due) AS closing (version, told)
    JOIN incentives_application AS draft ON draft.programme_version_id = closing.version
    WHERE draft.park_id = park AND draft.state = 'draft' AND NOT EXISTS (
        SELECT 1 FROM accounts_outgoingmail AS mail
        WHERE mail.key ~>=~ ('incentives.draft_closes:' || draft.id || ':' || closing.told || ':')
          AND mail.key ~<~ ('incentives.draft_closes:' || draft.id || ':' || closing.told || ';')
    )
$$;
REVOKE ALL ON FUNCTION incentives_drafters(bigint, uuid[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_drafters(bigint, uuid[], text[]) TO app;
"""
DRAFTERS_BEFORE = "DROP FUNCTION incentives_drafters(bigint, uuid[], text[]);" + importlib.import_module(
    "incentives.migrations.0037_drafters"
).DRAFTERS


class Migration(migrations.Migration):
    dependencies = [("incentives", "0052_appeal_days"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(LETTERS, f"DROP FUNCTION incentives_letters_of(uuid); {LETTERS_BEFORE}"),
        migrations.RunSQL(DRAFTERS, DRAFTERS_BEFORE),
    ]
