from __future__ import annotations

from django.db import migrations, models

from tenancy.operations import PARK

# As before, and: a third argument of the trigger names a function that tells from the whole row whether the event is
# the enterprise's own.
RECORD_CHANGE = """
CREATE OR REPLACE FUNCTION tenancy_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    park_column text := TG_ARGV[0];
    enterprise_column text := TG_ARGV[1];
    author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
    old_row jsonb;
    new_row jsonb;
    any_row jsonb;
    hidden boolean := false;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN new_row := to_jsonb(NEW); END IF;
    any_row := coalesce(new_row, old_row);
    IF TG_OP = 'UPDATE' THEN
        IF old_row = new_row THEN RETURN NULL; END IF;
        SELECT jsonb_object_agg(b.key, b.value), jsonb_object_agg(a.key, a.value) INTO old_row, new_row
        FROM jsonb_each(old_row) b JOIN jsonb_each(new_row) a USING (key)
        WHERE a.value IS DISTINCT FROM b.value;
    END IF;
    IF TG_NARGS > 2 THEN
        EXECUTE format('SELECT %I($1)', TG_ARGV[2]) INTO STRICT hidden USING any_row;
    END IF;
    INSERT INTO tenancy_auditevent (
        at, park_id, enterprise_id, table_name, row_id, action, before, after,
        user_id, user_name, membership_id, support_session_id, request_id, database_role, is_private
    ) VALUES (
        clock_timestamp(), (any_row ->> park_column)::bigint,
        CASE WHEN enterprise_column <> '' THEN (any_row ->> enterprise_column)::uuid END,
        TG_TABLE_NAME, any_row ->> 'id', TG_OP, old_row, new_row,
        (author ->> 'user_id')::bigint, coalesce(author ->> 'name', ''), (author ->> 'membership_id')::bigint,
        (author ->> 'support_session_id')::bigint, coalesce(author ->> 'request_id', ''),
        coalesce(nullif(current_setting('role', true), 'none'), session_user), hidden
    );
    RETURN NULL;
END $$;
"""
SEEN_BY_PARK = f"""
DROP POLICY tenancy_auditevent_official_select ON tenancy_auditevent;
CREATE POLICY tenancy_auditevent_official_select ON tenancy_auditevent FOR SELECT TO app_official
    USING (park_id = {PARK} AND NOT is_private);
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_audit_of_support_sessions")]

    operations = [
        migrations.AddField("auditevent", "is_private", models.BooleanField(default=False)),
        migrations.RunSQL(RECORD_CHANGE, migrations.RunSQL.noop),
        migrations.RunSQL(SEEN_BY_PARK, migrations.RunSQL.noop),
        migrations.AddIndex(
            "auditevent",
            models.Index(fields=["park_id", "table_name", "-at", "-id"], name="audit_park_table"),
        ),
    ]
