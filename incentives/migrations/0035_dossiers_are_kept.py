from __future__ import annotations

from django.db import migrations

from tenancy.guards import GuardRows
from tenancy.kept_files import TellKeptFiles


class Migration(migrations.Migration):
    dependencies = [("incentives", "0034_dossiers")]

    operations = [
        # The daily sweep asks which stored files have a row.
        TellKeptFiles("Dossier"),
        GuardRows(
            "Dossier",
            "lies_with_its_park",
            after="INSERT OR UPDATE OF file",
            condition="NEW.file LIKE 'parks/' || NEW.park_id || '/dossiers/%'",
            message="a dossier lies with its park",
        ),
    ]
