from __future__ import annotations

from django.db import migrations, models

# Only the login role may call it, after the scope of whoever read has been left; the author is that of the scope.
RECORD_READING = """
CREATE FUNCTION tenancy_record_reading(
    of_park bigint, of_enterprise uuid, of_table text, of_row text, told jsonb, by_role text, hidden boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
BEGIN
    INSERT INTO tenancy_auditevent (
        at, park_id, enterprise_id, table_name, row_id, action, before, after,
        user_id, user_name, membership_id, support_session_id, request_id, database_role, is_private
    ) VALUES (
        clock_timestamp(), of_park, of_enterprise, of_table, of_row, 'READ', NULL, told,
        (author ->> 'user_id')::bigint, coalesce(author ->> 'name', ''), (author ->> 'membership_id')::bigint,
        (author ->> 'support_session_id')::bigint, coalesce(author ->> 'request_id', ''), by_role, hidden
    );
END $$;
REVOKE ALL ON FUNCTION tenancy_record_reading(bigint, uuid, text, text, jsonb, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy_record_reading(bigint, uuid, text, text, jsonb, text, boolean) TO app;
"""
FORGET = "DROP FUNCTION tenancy_record_reading(bigint, uuid, text, text, jsonb, text, boolean)"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0006_registrants")]

    operations = [
        migrations.AlterField(
            "auditevent",
            "action",
            models.CharField(
                choices=[("INSERT", "Added"), ("UPDATE", "Changed"), ("DELETE", "Deleted"), ("READ", "Read")],
                max_length=6,
            ),
        ),
        migrations.RunSQL(RECORD_READING, FORGET),
    ]
