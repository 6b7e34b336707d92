from __future__ import annotations

from django.db import migrations

# The park reads its trail, so the trail keeps of the secret of a link no more than tells two of them apart.
SHOWN = """
CREATE FUNCTION tenancy_shown(held jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN held ? 'token_digest'
    THEN held || jsonb_build_object('token_digest', left(held ->> 'token_digest', 8)) ELSE held END
$$;
"""
# As before, of rows without their secrets.
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
    IF TG_OP <> 'INSERT' THEN old_row := tenancy_shown(to_jsonb(OLD)); END IF;
    IF TG_OP <> 'DELETE' THEN new_row := tenancy_shown(to_jsonb(NEW)); END IF;
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
FORGET = """
UPDATE tenancy_auditevent SET before = tenancy_shown(before), after = tenancy_shown(after)
WHERE table_name = 'parks_invitation'
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0008_without_account")]

    operations = [
        migrations.RunSQL(SHOWN, migrations.RunSQL.noop),
        migrations.RunSQL(RECORD_CHANGE, migrations.RunSQL.noop),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
