from __future__ import annotations

from django.db import migrations

# A place that is given back gives no key back with it, whoever gives it: officials cannot touch keys themselves.
KEYS_STAY_DEAD = """
CREATE FUNCTION parks_keys_stay_dead() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    DELETE FROM parks_apikey WHERE membership_id = NEW.id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION parks_keys_stay_dead() FROM PUBLIC;
CREATE TRIGGER parks_membership_keys_stay_dead AFTER UPDATE OF is_active ON parks_membership
FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION parks_keys_stay_dead();
"""
THEY_LIVE = "DROP TRIGGER parks_membership_keys_stay_dead ON parks_membership; DROP FUNCTION parks_keys_stay_dead()"


class Migration(migrations.Migration):
    dependencies = [("parks", "0010_own_place")]

    operations = [migrations.RunSQL(KEYS_STAY_DEAD, THEY_LIVE)]
