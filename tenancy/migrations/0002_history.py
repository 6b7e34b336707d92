from __future__ import annotations

from django.db import migrations

from tenancy.operations import PARK, Policy, RestrictTable

RECORD_CHANGE = """
CREATE FUNCTION tenancy_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    park_column text := TG_ARGV[0];
    enterprise_column text := TG_ARGV[1];
    author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
    old_row jsonb;
    new_row jsonb;
    any_row jsonb;
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
    INSERT INTO tenancy_auditevent (
        at, park_id, enterprise_id, table_name, row_id, action, before, after,
        user_id, user_name, membership_id, support_session_id, request_id, database_role
    ) VALUES (
        clock_timestamp(), (any_row ->> park_column)::bigint,
        CASE WHEN enterprise_column <> '' THEN (any_row ->> enterprise_column)::uuid END,
        TG_TABLE_NAME, any_row ->> 'id', TG_OP, old_row, new_row,
        (author ->> 'user_id')::bigint, coalesce(author ->> 'name', ''), (author ->> 'membership_id')::bigint,
        (author ->> 'support_session_id')::bigint, coalesce(author ->> 'request_id', ''),
        coalesce(nullif(current_setting('role', true), 'none'), session_user)
    );
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION tenancy_record_change() FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(RECORD_CHANGE, "DROP FUNCTION tenancy_record_change()"),
        RestrictTable(
            "AuditEvent",
            [
                Policy("app_official", "SELECT", f"park_id = {PARK}"),
                Policy("app_platform", "SELECT", "table_name IN ('parks_park', 'parks_supportsession')"),
            ],
            login="",
        ),
        RestrictTable(
            "OutboxEvent",
            [
                Policy("app_official", "INSERT", "true"),
                Policy("app_enterprise", "INSERT", "true"),
                Policy("app_platform", "SELECT, INSERT, UPDATE, DELETE", "true"),
            ],
            login="INSERT",
        ),
    ]
