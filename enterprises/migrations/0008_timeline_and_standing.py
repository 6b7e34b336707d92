from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lib.identifiers
from tenancy.operations import ADD, CompositeForeignKey, ProtectTable

# A place is taken before any scope is open, by a person who may see no enterprise: the database tells whether it is
# suspended. The lock makes whoever takes a place wait for whoever suspends, and the other way round.
STANDING = """
CREATE FUNCTION enterprises_standing_of_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    SELECT status = 'suspended' INTO NEW.is_enterprise_suspended FROM enterprises_enterprise
    WHERE park_id = NEW.park_id AND id = NEW.enterprise_id FOR SHARE;
    NEW.is_enterprise_suspended := coalesce(NEW.is_enterprise_suspended, false);
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION enterprises_standing_of_place() FROM PUBLIC;
CREATE TRIGGER parks_membership_standing_taken BEFORE INSERT ON parks_membership
FOR EACH ROW WHEN (NEW.enterprise_id IS NOT NULL) EXECUTE FUNCTION enterprises_standing_of_place();
CREATE TRIGGER parks_membership_standing_resumed BEFORE UPDATE OF is_active ON parks_membership
FOR EACH ROW WHEN (NEW.enterprise_id IS NOT NULL AND NEW.is_active AND NOT OLD.is_active)
EXECUTE FUNCTION enterprises_standing_of_place();
"""
NO_STANDING = """
DROP TRIGGER parks_membership_standing_resumed ON parks_membership;
DROP TRIGGER parks_membership_standing_taken ON parks_membership;
DROP FUNCTION enterprises_standing_of_place()
"""
# A new day of expiry begins the reminders anew, whoever writes it.
EXPIRY = """
CREATE FUNCTION enterprises_paper_expiry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.reminded_for := NULL; RETURN NEW;
END $$;
CREATE TRIGGER enterprises_enterprisepaper_expiry BEFORE UPDATE OF valid_until ON enterprises_enterprisepaper
FOR EACH ROW WHEN (NEW.valid_until IS DISTINCT FROM OLD.valid_until) EXECUTE FUNCTION enterprises_paper_expiry();
"""
NO_EXPIRY = """
DROP TRIGGER enterprises_enterprisepaper_expiry ON enterprises_enterprisepaper;
DROP FUNCTION enterprises_paper_expiry()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0007_registrants_are_known"),
        ("parks", "0008_secrets_are_hidden"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EnterpriseStep",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lib.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("suspended", "Suspended"),
                            ("resumed", "Suspension lifted"),
                            ("deregistered", "Deregistered"),
                            ("reinstated", "Registered again"),
                            ("handed_over", "Ownership handed over"),
                            ("assigned", "New owner named by the park"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=120)),
                ("is_by_official", models.BooleanField()),
                ("comment", models.TextField(blank=True, max_length=1000)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprisepaper",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["park", "enterprise", "-at"], name="enterprise_step_list")],
                "constraints": [models.UniqueConstraint(fields=("park", "id"), name="enterprise_step_of_park")],
            },
        ),
        ProtectTable("EnterpriseStep", officials=ADD, enterprises=ADD),
        CompositeForeignKey("EnterpriseStep", ("park_id", "enterprise_id"), "Enterprise"),
        CompositeForeignKey(
            "EnterpriseStep",
            ("park_id", "enterprise_id", "evidence_id"),
            "EnterprisePaper",
            ("park_id", "enterprise_id", "id"),
        ),
        migrations.RunSQL(STANDING, NO_STANDING),
        migrations.RunSQL(EXPIRY, NO_EXPIRY),
    ]
