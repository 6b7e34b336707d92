"""How often workers began on undoing an import without getting on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("energy", "0018_virtual_channels")]

    operations = [
        migrations.AddField(
            model_name="importundo", name="taken_up", field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
