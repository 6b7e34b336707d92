from __future__ import annotations

from django.db import migrations

from tenancy.operations import history_trigger

TABLE = "enterprises_unfiledanswers"
# Kept like every change, and never for the park to read: what is filed is recorded with the registration.
RECORD = f"""
CREATE FUNCTION enterprises_never_filed(changed jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT true $$;
REVOKE ALL ON FUNCTION enterprises_never_filed(jsonb) FROM PUBLIC;
{history_trigger(TABLE, "park_id", "", "enterprises_never_filed")}
"""  # noqa: S608 - of constants
FORGET = f"DROP TRIGGER {TABLE}_history ON {TABLE}; DROP FUNCTION enterprises_never_filed(jsonb)"


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0020_expiry_by_its_people")]

    operations = [migrations.RunSQL(RECORD, FORGET)]
