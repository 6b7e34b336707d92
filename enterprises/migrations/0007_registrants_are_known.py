from __future__ import annotations

from django.db import migrations, models

# Officials write to the person whose registration they have before them, who holds no place in the park yet.
FILED_BY = "EXISTS (SELECT 1 FROM enterprises_registration filed WHERE filed.registrant_id = accounts_user.id)"
SEEN = f"""
CREATE POLICY accounts_user_official_registrants ON accounts_user FOR SELECT TO app_official USING ({FILED_BY})
"""
UNSEEN = "DROP POLICY accounts_user_official_registrants ON accounts_user"


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0006_registration_policies"),
        ("parks", "0008_secrets_are_hidden"),
    ]

    operations = [
        migrations.AddField(
            "registration",
            "is_legal_representative",
            models.BooleanField(default=False, verbose_name="I am the legal representative"),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (is_legal_representative) ON enterprises_registration TO app_registrant",
            "REVOKE UPDATE (is_legal_representative) ON enterprises_registration FROM app_registrant",
        ),
        migrations.RunSQL(SEEN, UNSEEN),
    ]
