from django.db import migrations

from tenancy.guards import GuardRows

# An enterprise does not see that the park measures an asset by its channel: only here all links are known.
STAYS = """(NEW.flow, NEW.unit) = (OLD.flow, OLD.unit) OR NOT EXISTS (
    SELECT 1 FROM energy_assetchannel AS a WHERE a.park_id = NEW.park_id AND a.channel_id = NEW.id
        AND (a.ends_on IS NULL OR a.ends_on > a.starts_on)
)"""


class Migration(migrations.Migration):
    dependencies = [("energy", "0019_undos_taken_up")]

    operations = [
        GuardRows(
            "Channel",
            "of_asset_stays",
            after="UPDATE OF flow, unit",
            condition=STAYS,
            message="An asset is measured by this channel.",
        ),
    ]
