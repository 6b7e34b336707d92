"""How often the work on a file was given to another worker."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("energy", "0012_sub_meters")]

    operations = [
        migrations.AddField(
            model_name="readingimport", name="taken_up", field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
