"""Tariffs are the park's to write and everybody's to read; of an assignment an enterprise sees its own."""

from __future__ import annotations

from django.db import migrations

from tenancy.guards import GuardRows
from tenancy.operations import READ, WRITE, CompositeForeignKey, GuardTransitions, ProtectTable

TARIFF_STATES = {"draft": ["in_force"], "in_force": ["replaced"], "replaced": []}
# Costs were stated with it: of a version that was in force nothing changes but where it ends, and that it was replaced.
ONLY_ITS_END = (
    "OLD.state = 'draft' OR to_jsonb(OLD) - ARRAY['state', 'ends_on'] = to_jsonb(NEW) - ARRAY['state', 'ends_on']"
)


class Migration(migrations.Migration):
    dependencies = [("energy", "0008_tariffs")]

    operations = [
        ProtectTable("Tariff", officials=WRITE, enterprises=READ, enterprise_columns=()),
        ProtectTable(
            "TariffVersion",
            officials=WRITE,
            enterprises=READ,
            enterprise_columns=(),
            enterprise_condition="state <> 'draft'",
        ),
        ProtectTable("TariffAssignment", officials=WRITE, enterprises=READ),
        CompositeForeignKey("TariffVersion", ("park_id", "tariff_id"), "Tariff"),
        CompositeForeignKey("TariffAssignment", ("park_id", "tariff_id"), "Tariff"),
        CompositeForeignKey("TariffAssignment", ("park_id", "channel_id"), "Channel"),
        CompositeForeignKey("TariffAssignment", ("park_id", "enterprise_id"), "enterprises.Enterprise"),
        GuardTransitions("TariffVersion", "state", "draft", TARIFF_STATES),
        GuardRows(
            "TariffVersion",
            "stays",
            after="UPDATE",
            condition=ONLY_ITS_END,
            message="a tariff that was in force does not change",
        ),
    ]
