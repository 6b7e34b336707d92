from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0026_payments_protected")]

    operations = [
        migrations.AddIndex("applicationdocument", models.Index(fields=["file"], name="application_document_file")),
    ]
