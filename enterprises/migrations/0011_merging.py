from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0010_imports")]

    operations = [
        migrations.AlterField(
            model_name="enterprisestep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("suspended", "Suspended"),
                    ("resumed", "Suspension lifted"),
                    ("deregistered", "Deregistered"),
                    ("reinstated", "Registered again"),
                    ("handed_over", "Ownership handed over"),
                    ("assigned", "New owner named by the park"),
                    ("merged", "Merged into another"),
                    ("absorbed", "Another was merged into it"),
                ],
                max_length=20,
            ),
        ),
    ]
