from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0025_answers_of_the_park")]

    operations = [
        migrations.AddIndex("enterprisepaper", models.Index(fields=["file"], name="enterprise_paper_file")),
        migrations.AddIndex("registerimport", models.Index(fields=["file"], name="register_import_file")),
        migrations.AddIndex("registrationpaper", models.Index(fields=["file"], name="registration_paper_file")),
    ]
