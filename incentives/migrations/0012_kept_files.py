from __future__ import annotations

from django.db import migrations

from tenancy.kept_files import TellKeptFiles


class Migration(migrations.Migration):
    dependencies = [("incentives", "0011_lists_in_their_indexes")]

    operations = [TellKeptFiles("ApplicationDocument")]
