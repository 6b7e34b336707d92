from __future__ import annotations

from django.db import migrations, models

MODELS = ("programme", "programmeversion")


class Migration(migrations.Migration):
    dependencies = [("incentives", "0012_kept_files")]

    operations = [
        *[
            migrations.AddField(
                model,
                "amount_formula",
                models.CharField(blank=True, default="", max_length=500, verbose_name="amount formula"),
            )
            for model in MODELS
        ],
        *[
            migrations.AddField(
                model, "example_cases", models.JSONField(blank=True, default=list, verbose_name="examples")
            )
            for model in MODELS
        ],
    ]
