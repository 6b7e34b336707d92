from __future__ import annotations

from django.db import migrations

from tenancy.operations import (
    ADD,
    READ,
    WRITE,
    CompositeForeignKey,
    GuardTransitions,
    PrivateHistory,
    ProtectTable,
)

FACTS = (
    "credit_code",
    "name_en",
    "name_zh",
    "kind",
    "industry_code",
    "industry_en",
    "industry_zh",
    "established_on",
    "registered_capital",
    "capital_currency",
    "legal_representative",
    "address",
    "employees",
    "website",
    "contact_name",
    "contact_phone",
    "contact_email",
    "energy_contact_name",
    "energy_contact_phone",
    "energy_contact_email",
)
FILED_BY_REGISTRANT = (
    *FACTS,
    "is_code_confirmed",
    "sites",
    "number",
    "state",
    "revision",
    "round",
    "saved_at",
    "submitted_at",
    "due_at",
)
REGISTRATION_STATES = {
    "draft": ["submitted", "withdrawn"],
    "submitted": ["returned", "approved", "joined", "rejected", "withdrawn"],
    "returned": ["submitted", "withdrawn"],
    "approved": [],
    "joined": [],
    "rejected": [],
    "withdrawn": [],
}
ENTERPRISE_STATES = {
    "active": ["suspended", "deregistered", "merged"],
    "suspended": ["active", "deregistered", "merged"],
    "deregistered": ["active"],
    "merged": [],
}
CHANGE_REQUEST_STATES = {"submitted": ["approved", "rejected", "withdrawn"]}
# A registration, or what hangs on one, that was never filed: the registrant's own. The receipt is given with the filing.
IS_UNFILED = """
CREATE FUNCTION enterprises_is_unfiled(changed jsonb) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN changed ? 'submitted_at' THEN changed ->> 'submitted_at' IS NULL
    ELSE coalesce((SELECT submitted_at IS NULL FROM enterprises_registration
                   WHERE id = (changed ->> 'registration_id')::uuid), true) END
$$;
REVOKE ALL ON FUNCTION enterprises_is_unfiled(jsonb) FROM PUBLIC;
"""
# Before a park is chosen the login role may touch no row of one: a person is told where they have begun to register.
OWN_REGISTRATIONS = """
CREATE FUNCTION enterprises_registrations_of(person bigint)
RETURNS TABLE (park_id bigint, id uuid, state text, name_en text, name_zh text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT filed.park_id, filed.id, filed.state, filed.name_en, filed.name_zh FROM enterprises_registration filed
    WHERE filed.registrant_id = person ORDER BY filed.started_at DESC LIMIT 50
$$;
REVOKE ALL ON FUNCTION enterprises_registrations_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enterprises_registrations_of(bigint) TO app;
CREATE INDEX registration_of_person ON enterprises_registration (registrant_id, started_at DESC);
"""
KEPT = """
    industry_en, industry_zh, employees, website, energy_contact_name, energy_contact_phone, energy_contact_email
"""
FILED = (
    "EXISTS (SELECT 1 FROM enterprises_registration filed WHERE filed.id = registration_id AND filed.number <> '')"
)


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0005_registration"),
        ("parks", "0007_registrants_and_saved_views"),
    ]

    operations = [
        migrations.RunSQL(
            f"GRANT UPDATE ({KEPT}) ON enterprises_enterprise TO app_enterprise",
            f"REVOKE UPDATE ({KEPT}) ON enterprises_enterprise FROM app_enterprise",
        ),
        GuardTransitions("Enterprise", "status", "active", ENTERPRISE_STATES),
        CompositeForeignKey("Enterprise", ("park_id", "merged_into_id"), "Enterprise"),
        ProtectTable("Site", enterprises=WRITE),
        CompositeForeignKey("Site", ("park_id", "enterprise_id"), "Enterprise"),
        ProtectTable(
            "EnterprisePaper",
            officials=ADD,
            enterprises=ADD,
            columns={
                "official": ("kind", "valid_until", "reminded_for", "removed_at"),
                "enterprise": ("valid_until", "removed_at"),
            },
        ),
        CompositeForeignKey("EnterprisePaper", ("park_id", "enterprise_id"), "Enterprise"),
        ProtectTable(
            "EnterpriseLabel",
            officials=ADD,
            enterprises=READ,
            columns={"official": ("valid_until", "evidence_id", "note", "ended_at", "end_reason")},
        ),
        CompositeForeignKey("EnterpriseLabel", ("park_id", "enterprise_id"), "Enterprise"),
        CompositeForeignKey(
            "EnterpriseLabel",
            ("park_id", "enterprise_id", "evidence_id"),
            "EnterprisePaper",
            ("park_id", "enterprise_id", "id"),
        ),
        ProtectTable(
            "Registration",
            officials=READ,
            enterprises=READ,
            registrants=ADD,
            official_condition="number <> ''",
            columns={
                "official": ("state", "enterprise_id", "due_at", "decided_at"),
                "registrant": FILED_BY_REGISTRANT,
            },
        ),
        GuardTransitions(
            "Registration", "state", "draft", REGISTRATION_STATES, by_registrant=("submitted", "withdrawn")
        ),
        CompositeForeignKey("Registration", ("park_id", "enterprise_id"), "Enterprise"),
        ProtectTable(
            "RegistrationPaper",
            officials=READ,
            registrants=ADD,
            official_condition=FILED,
            columns={"registrant": ("valid_until", "removed_at")},
        ),
        ProtectTable("RegistrationStep", officials=ADD, registrants=ADD),
        ProtectTable("RegistrationRemark", officials=ADD, registrants=READ),
        *[
            CompositeForeignKey(
                model,
                ("park_id", "registrant_id", "registration_id"),
                "Registration",
                ("park_id", "registrant_id", "id"),
            )
            for model in ("RegistrationPaper", "RegistrationStep", "RegistrationRemark")
        ],
        migrations.RunSQL(IS_UNFILED, "DROP FUNCTION enterprises_is_unfiled(jsonb)"),
        PrivateHistory("Registration", "enterprises_is_unfiled", enterprise_column=""),
        PrivateHistory("RegistrationPaper", "enterprises_is_unfiled", enterprise_column=""),
        migrations.RunSQL(
            OWN_REGISTRATIONS,
            "DROP INDEX registration_of_person; DROP FUNCTION enterprises_registrations_of(bigint)",
        ),
        ProtectTable(
            "ChangeRequest",
            officials=READ,
            enterprises=ADD,
            columns={
                "official": ("state", "decided_by_id", "decided_by_name", "decided_at", "decision"),
                "enterprise": ("state", "decided_at"),
            },
        ),
        GuardTransitions("ChangeRequest", "state", "submitted", CHANGE_REQUEST_STATES, by_enterprise=("withdrawn",)),
        CompositeForeignKey("ChangeRequest", ("park_id", "enterprise_id"), "Enterprise"),
        CompositeForeignKey(
            "ChangeRequest",
            ("park_id", "enterprise_id", "evidence_id"),
            "EnterprisePaper",
            ("park_id", "enterprise_id", "id"),
        ),
        ProtectTable("RegisterImport"),
        # What a row says is on its way; what it does to the register is recorded there.
        ProtectTable("RegisterImportRow", officials="SELECT, INSERT, UPDATE, DELETE", history=False),
        CompositeForeignKey("RegisterImportRow", ("park_id", "register_import_id"), "RegisterImport"),
    ]
