from django.db import migrations


class Migration(migrations.Migration):
    """Never applied: the health check must miss it."""

    initial = True
