from __future__ import annotations

from django.db import migrations

# What somebody is called stands beside what they decide: every park in which they work is told when it changes.
RECORD_NAME = """
CREATE FUNCTION accounts_user_record_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
BEGIN
    INSERT INTO tenancy_auditevent (
        at, park_id, table_name, row_id, action, before, after,
        user_id, user_name, membership_id, support_session_id, request_id, database_role, is_private
    )
    SELECT clock_timestamp(), place.park_id, 'accounts_user', NEW.id::text, 'UPDATE',
        jsonb_build_object('name', OLD.name), jsonb_build_object('name', NEW.name),
        (author ->> 'user_id')::bigint, coalesce(author ->> 'name', ''), (author ->> 'membership_id')::bigint,
        (author ->> 'support_session_id')::bigint, coalesce(author ->> 'request_id', ''),
        coalesce(nullif(current_setting('role', true), 'none'), session_user), false
    FROM (
        SELECT DISTINCT park_id FROM parks_membership
        WHERE user_id = NEW.id AND is_active AND park_id IS NOT NULL
    ) AS place;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION accounts_user_record_name() FROM PUBLIC;
CREATE TRIGGER accounts_user_name AFTER UPDATE OF name ON accounts_user
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION accounts_user_record_name();
"""
FORGET = """
DROP TRIGGER accounts_user_name ON accounts_user;
DROP FUNCTION accounts_user_record_name();
"""


class Migration(migrations.Migration):
    dependencies = [("parks", "0014_staff_by_administrators")]

    operations = [migrations.RunSQL(RECORD_NAME, FORGET)]
