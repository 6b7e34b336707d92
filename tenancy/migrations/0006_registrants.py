from __future__ import annotations

from django.db import migrations

# Somebody who registers an enterprise announces it like anybody else, and reads nobody's events.
TELL = """
GRANT INSERT ON tenancy_outboxevent TO app_registrant;
CREATE POLICY tenancy_outboxevent_registrant_insert ON tenancy_outboxevent FOR INSERT TO app_registrant WITH CHECK (true)
"""
BE_SILENT = """
DROP POLICY tenancy_outboxevent_registrant_insert ON tenancy_outboxevent;
REVOKE INSERT ON tenancy_outboxevent FROM app_registrant
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_events_wait_longer")]

    operations = [migrations.RunSQL(TELL, BE_SILENT)]
