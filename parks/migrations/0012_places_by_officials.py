from __future__ import annotations

from django.db import migrations

from tenancy.guards import AUTHOR
from tenancy.operations import PARK

# An official lets people of enterprises in, when a registration is approved or an owner is named. Colleagues come by
# invitation, which is accepted before any place is chosen.
POLICY = "parks_membership_official_insert ON parks_membership"
OF_AN_ENTERPRISE = f"park_id = {PARK} AND enterprise_id IS NOT NULL AND user_id IS DISTINCT FROM {AUTHOR}"


def _let_in(condition: str) -> str:
    return f"DROP POLICY {POLICY}; CREATE POLICY {POLICY} FOR INSERT TO app_official WITH CHECK ({condition})"


class Migration(migrations.Migration):
    dependencies = [("parks", "0011_keys_of_ended_places")]

    operations = [migrations.RunSQL(_let_in(OF_AN_ENTERPRISE), _let_in(f"park_id = {PARK}"))]
