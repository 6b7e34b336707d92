from __future__ import annotations

from django.db import migrations

import tenancy.fields

# Mail is delivered by the login role: operators act as the platform, and letters carry links that open accounts.
ONLY_WRITTEN = """
REVOKE SELECT, UPDATE, DELETE ON accounts_outgoingmail FROM app_platform;
DROP POLICY accounts_outgoingmail_platform_select ON accounts_outgoingmail;
DROP POLICY accounts_outgoingmail_platform_update ON accounts_outgoingmail;
DROP POLICY accounts_outgoingmail_platform_delete ON accounts_outgoingmail;
"""
READ_AGAIN = """
GRANT SELECT, UPDATE, DELETE ON accounts_outgoingmail TO app_platform;
CREATE POLICY accounts_outgoingmail_platform_select ON accounts_outgoingmail FOR SELECT TO app_platform USING (true);
CREATE POLICY accounts_outgoingmail_platform_update ON accounts_outgoingmail FOR UPDATE TO app_platform
    USING (true) WITH CHECK (true);
CREATE POLICY accounts_outgoingmail_platform_delete ON accounts_outgoingmail FOR DELETE TO app_platform USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_addresses_are_indexed")]

    operations = [
        migrations.AlterField("user", "password", tenancy.fields.SecretField(max_length=128, verbose_name="password")),
        migrations.RunSQL(ONLY_WRITTEN, READ_AGAIN),
    ]
