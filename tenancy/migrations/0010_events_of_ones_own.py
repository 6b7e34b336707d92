from __future__ import annotations

from django.db import migrations

from tenancy.operations import PARK

# Who acts in a park announces what happens there. An event that names no park is about people and the installation.
OF_THIS_PARK = f"coalesce((payload ->> 'park_id')::bigint = {PARK}, true)"
# Whoever stands at the door announces what they do with their registration, and nothing else.
OF_REGISTRATION = f"name LIKE 'enterprises.registration\\_%' AND (payload ->> 'park_id')::bigint = {PARK}"
ROLES = {"official": OF_THIS_PARK, "enterprise": OF_THIS_PARK, "registrant": OF_REGISTRATION}


def _announce(role: str, condition: str) -> str:
    name = f"tenancy_outboxevent_{role}_insert"
    return (
        f"DROP POLICY {name} ON tenancy_outboxevent;"
        f"CREATE POLICY {name} ON tenancy_outboxevent FOR INSERT TO app_{role} WITH CHECK ({condition})"
    )


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0009_secrets_of_links")]

    operations = [
        migrations.RunSQL(_announce(role, condition), _announce(role, "true")) for role, condition in ROLES.items()
    ]
