from __future__ import annotations

from django.db import migrations

from tenancy.operations import ENTERPRISE, PARK, Policy, RestrictTable

OWN_PARK = f"park_id = {PARK}"
OWN_ENTERPRISE = f"park_id = {PARK} AND enterprise_id = {ENTERPRISE}"
COLLEAGUES = "id = ANY (ARRAY(SELECT user_id FROM parks_membership))"


class Migration(migrations.Migration):
    dependencies = [("parks", "0001_initial"), ("accounts", "0002_policies"), ("tenancy", "0002_history")]

    operations = [
        RestrictTable(
            "Park",
            [
                Policy(
                    "app_official",
                    "SELECT",
                    f"id = {PARK}",
                    columns=(
                        "name_en",
                        "name_zh",
                        "seal",
                        "description_en",
                        "description_zh",
                        "city_en",
                        "city_zh",
                        "latitude",
                        "longitude",
                        "area_km2",
                        "industries_en",
                        "industries_zh",
                        "address_en",
                        "address_zh",
                        "contact_name",
                        "contact_email",
                        "contact_phone",
                        "accent",
                        "logo",
                    ),
                ),
                Policy("app_enterprise", "SELECT", f"id = {PARK}"),
                Policy("app_public", "SELECT", f"id = {PARK}"),
                Policy("app_platform", "SELECT, INSERT, UPDATE", "true"),
            ],
            history=("id", ""),
        ),
        RestrictTable(
            "Membership",
            [
                Policy("app_official", "SELECT, INSERT, UPDATE", OWN_PARK),
                Policy("app_enterprise", "SELECT, INSERT, UPDATE", OWN_ENTERPRISE),
                Policy("app_platform", "SELECT, INSERT, UPDATE", "true"),
            ],
            history=("park_id", "enterprise_id"),
        ),
        RestrictTable(
            "Invitation",
            [
                Policy("app_official", "SELECT, INSERT, UPDATE", OWN_PARK),
                Policy("app_enterprise", "SELECT, INSERT, UPDATE", OWN_ENTERPRISE),
                Policy("app_platform", "SELECT, INSERT, UPDATE", "true"),
            ],
            history=("park_id", "enterprise_id"),
        ),
        RestrictTable(
            "SupportSession",
            [
                Policy("app_official", "SELECT", OWN_PARK),
                Policy("app_platform", "SELECT, INSERT, UPDATE", "true"),
            ],
            history=("park_id", ""),
        ),
        RestrictTable(
            "accounts.User",
            [
                Policy("app_official", "SELECT", COLLEAGUES),
                Policy("app_enterprise", "SELECT", COLLEAGUES),
                Policy("app_platform", "SELECT", "true"),
            ],
        ),
    ]
