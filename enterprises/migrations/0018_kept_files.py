from __future__ import annotations

from django.db import migrations

from tenancy.kept_files import TellKeptFiles


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0017_unfiled_answers")]

    operations = [TellKeptFiles(model) for model in ("EnterprisePaper", "RegistrationPaper", "RegisterImport")]
