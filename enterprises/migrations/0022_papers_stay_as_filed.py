from __future__ import annotations

from django.db import migrations

from tenancy.guards import ROLE, GuardRows

# As the answers, so the documents: of what is filed its registrant changes nothing.
OPEN = f"""
{ROLE} <> 'app_registrant' OR EXISTS (
    SELECT 1 FROM enterprises_registration AS open
    WHERE open.park_id = NEW.park_id AND open.id = NEW.registration_id AND open.state IN ('draft', 'returned'))
"""  # noqa: S608 - of constants


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0021_unfiled_is_recorded")]

    operations = [
        GuardRows(
            "RegistrationPaper",
            "filed_stays",
            after="UPDATE",
            condition=OPEN,
            message="documents of what is filed stay as they were filed",
        )
    ]
