from __future__ import annotations

from django.db import migrations

# Keys are read and written by the login role alone, before any scope is open, so they have no policies. Their place is
# that of their membership; of their digest only the beginning is told, and the secret never was in the table.
RECORD_KEY = """
CREATE FUNCTION parks_record_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
    place parks_membership%ROWTYPE;
    key parks_apikey%ROWTYPE;
    old_key jsonb;
    new_key jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        key := OLD;
        old_key := jsonb_build_object(
            'name', OLD.name, 'user_id', OLD.user_id, 'created', OLD.created, 'expiry', OLD.expiry);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        key := NEW;
        new_key := jsonb_build_object(
            'name', NEW.name, 'user_id', NEW.user_id, 'created', NEW.created, 'expiry', NEW.expiry);
    END IF;
    SELECT * INTO place FROM parks_membership WHERE id = key.membership_id;
    INSERT INTO tenancy_auditevent (
        at, park_id, enterprise_id, table_name, row_id, action, before, after,
        user_id, user_name, membership_id, support_session_id, request_id, database_role, is_private
    ) VALUES (
        clock_timestamp(), place.park_id, place.enterprise_id, TG_TABLE_NAME, left(key.digest, 12), TG_OP,
        old_key, new_key, (author ->> 'user_id')::bigint, coalesce(author ->> 'name', ''),
        (author ->> 'membership_id')::bigint, (author ->> 'support_session_id')::bigint,
        coalesce(author ->> 'request_id', ''), coalesce(nullif(current_setting('role', true), 'none'), session_user),
        false
    );
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION parks_record_key() FROM PUBLIC;
CREATE TRIGGER parks_apikey_history
    AFTER INSERT OR DELETE OR UPDATE OF name, user_id, membership_id, expiry ON parks_apikey
    FOR EACH ROW EXECUTE FUNCTION parks_record_key();
"""
FORGET = "DROP TRIGGER parks_apikey_history ON parks_apikey; DROP FUNCTION parks_record_key()"


class Migration(migrations.Migration):
    dependencies = [("parks", "0005_inviter_and_colleagues"), ("tenancy", "0004_private_events")]

    operations = [migrations.RunSQL(RECORD_KEY, FORGET)]
