from __future__ import annotations

import importlib

from django.db import migrations

from tenancy.guards import GuardRows

before = importlib.import_module("incentives.migrations.0049_rulings_bar")
MESSAGE = "who ruled on an appeal decides nothing else about its application"


def barred(name: str, after: str, person: str) -> GuardRows:
    return GuardRows(
        "Clawback",
        name,
        after=after,
        condition=before.NOT_BY_ITS_RULER.format(application=before.OF_AWARD, person=person),
        message=MESSAGE,
    )


TABLE = "incentives_clawback"
BOTH_EACH_TIME = barred("not_by_its_ruler", "INSERT OR UPDATE", "NEW.revoked_by_id, NEW.confirmed_by_id")


class Migration(migrations.Migration):
    """Each act is asked about when it is done: money can come back to an award that its ruler revoked when they still
    could.
    """

    dependencies = [("incentives", "0055_objections_by_sender")]

    operations = [
        migrations.RunSQL(list(BOTH_EACH_TIME.backwards(TABLE)), list(BOTH_EACH_TIME.forwards(TABLE))),
        barred("not_revoked_by_its_ruler", "INSERT", "NEW.revoked_by_id"),
        barred("not_returned_by_its_ruler", "UPDATE OF confirmed_by_id", "NEW.confirmed_by_id"),
    ]
