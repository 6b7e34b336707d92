from __future__ import annotations

from django.db import migrations

# A place is taken before any scope is open, by a person who may see no enterprise: the database tells whether it is
# suspended and what it is called now, and opens no place in one that has ended. The lock makes whoever takes a place
# wait for whoever suspends, ends or renames, and the other way round.
STANDING = """
CREATE OR REPLACE FUNCTION enterprises_standing_of_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place_of enterprises_enterprise%ROWTYPE;
BEGIN
    SELECT * INTO place_of FROM enterprises_enterprise
    WHERE park_id = NEW.park_id AND id = NEW.enterprise_id FOR SHARE;
    IF NOT FOUND THEN RETURN NEW; END IF;
    IF NEW.is_active AND place_of.status IN ('deregistered', 'merged') THEN
        RAISE EXCEPTION 'no place opens in an enterprise whose registration has ended'
        USING ERRCODE = 'check_violation', TABLE = 'parks_membership', CONSTRAINT = 'membership_of_one_that_lives';
    END IF;
    NEW.is_enterprise_suspended := place_of.status = 'suspended';
    NEW.enterprise_name_en := place_of.name_en;
    NEW.enterprise_name_zh := place_of.name_zh;
    RETURN NEW;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION enterprises_standing_of_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    SELECT status = 'suspended' INTO NEW.is_enterprise_suspended FROM enterprises_enterprise
    WHERE park_id = NEW.park_id AND id = NEW.enterprise_id FOR SHARE;
    NEW.is_enterprise_suspended := coalesce(NEW.is_enterprise_suspended, false);
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0014_second_line")]

    operations = [migrations.RunSQL(STANDING, BEFORE)]
