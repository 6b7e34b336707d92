"""An index from which the days of a park are counted without reading the blocks themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("energy", "0020_channels_of_assets_stay"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="intervalblock",
            index=models.Index(
                fields=["park", "day"],
                include=("channel", "present_count", "measured_count"),
                name="interval_block_of_day",
            ),
        ),
    ]
