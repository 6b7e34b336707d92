from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0035_dossiers_are_kept")]

    operations = [
        migrations.RemoveIndex("review", "review_of_person"),
        migrations.AddIndex(
            "review",
            models.Index(
                fields=["park", "decided_by", "application"],
                include=("stage", "round", "outcome"),
                name="decision_of_person",
            ),
        ),
    ]
