from __future__ import annotations

from django.db import migrations

# Letters about entries of the timeline of one application of the park, for its dossier. Their keys begin with the
# entry (`services.mail`); compared by bytes, so that the index of the key answers.
LETTERS = """
CREATE FUNCTION incentives_letters_of(wanted uuid)
RETURNS TABLE (created_at timestamptz, address text, subject text, "text" text, sent_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT mail.created_at, mail.address, mail.subject, mail.text, mail.sent_at
    FROM incentives_applicationstep AS step JOIN accounts_outgoingmail AS mail
      ON mail.key ~>=~ ('incentives.step:' || step.id || ':') AND mail.key ~<~ ('incentives.step:' || step.id || ';')
    WHERE step.application_id = wanted AND step.park_id = current_setting('app.park_id')::bigint
    ORDER BY mail.created_at, mail.key
$$;
REVOKE ALL ON FUNCTION incentives_letters_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incentives_letters_of(uuid) TO app_official;
"""


class Migration(migrations.Migration):
    dependencies = [("incentives", "0038_money_guards"), ("accounts", "0001_initial")]

    operations = [migrations.RunSQL(LETTERS, "DROP FUNCTION incentives_letters_of(uuid)")]
