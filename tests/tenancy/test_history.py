"""The audit trail: everything, by nobody's leave, and each to whom it belongs."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from enterprises.models import Enterprise
from incentives.models import Application
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import Author, enterprise_scope, park_scope, platform_scope, public_scope
from tests.factories.filing import ApplicationFactory, EnterpriseFactory, ProgrammeFactory, attach, published, submitted
from tests.factories.people import ParkFactory, person
from tests.scene import SUBMITTED_AT

pytestmark = pytest.mark.django_db


def test_change_is_recorded_with_author_before_and_after(scene):
    author = Author(7, "Chen Wei", 8, None, "request-9")
    enterprise = scene.ours.firm.enterprise
    with park_scope(scene.ours.park.pk, author):
        Enterprise.objects.filter(pk=enterprise.pk).update(name_en="Renamed")
        event = AuditEvent.objects.of_row("enterprises_enterprise", enterprise.pk).first()
    assert (event.action, event.before, event.after) == (
        "UPDATE",
        {"name_en": "OURS first firm"},
        {"name_en": "Renamed"},
    )
    assert (event.user_id, event.user_name, event.membership_id, event.request_id, event.database_role) == (
        7,
        "Chen Wei",
        8,
        "request-9",
        "app_official",
    )


def test_raw_sql_is_recorded_too(scene):
    enterprise = scene.ours.firm.enterprise
    with park_scope(scene.ours.park.pk):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE enterprises_enterprise SET address = 'x' WHERE id = %s", [enterprise.pk])
        event = AuditEvent.objects.of_row("enterprises_enterprise", enterprise.pk).first()
    assert event.after == {"address": "x"}


def test_change_that_changes_nothing_is_not_recorded(scene):
    enterprise = scene.ours.firm.enterprise
    with park_scope(scene.ours.park.pk):
        before = AuditEvent.objects.count()
        Enterprise.objects.filter(pk=enterprise.pk).update(name_en=enterprise.name_en)
        assert AuditEvent.objects.count() == before


def scopes_of(scene):
    park = scene.ours.park.pk
    return [
        park_scope(park),
        enterprise_scope(park, scene.ours.firm.enterprise.pk),
        public_scope(park),
        platform_scope(),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tenancy_auditevent (at, table_name, row_id, action) VALUES (now(), 'x', '1', 'INSERT')",
        "UPDATE tenancy_auditevent SET user_name = 'somebody else'",
        "DELETE FROM tenancy_auditevent",
        "TRUNCATE tenancy_auditevent",
        "ALTER TABLE enterprises_enterprise DISABLE TRIGGER enterprises_enterprise_history",
        "SET session_replication_role = replica",
    ],
)
def test_no_acting_role_can_forge_change_or_stop_the_trail(scene, statement):
    for scope in scopes_of(scene):
        refusal = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
        with refusal, scope, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_draft_becomes_the_parks_business_when_it_is_filed():
    park = ParkFactory()
    with park_scope(park.pk):
        enterprise = EnterpriseFactory(park=park)
        version = published(ProgrammeFactory(park=park))
    applicant = person(Role.APPLICANT, park, enterprise.pk).user
    with enterprise_scope(park.pk, enterprise.pk):
        application = ApplicationFactory(
            park=park,
            enterprise=enterprise,
            programme_version=version,
            started_by=applicant,
            project_title="Secret plan",
        )
        attach(application)
    with park_scope(park.pk):
        assert AuditEvent.objects.filter(table_name__startswith="incentives_application").count() == 0
    with enterprise_scope(park.pk, enterprise.pk):
        submitted(application, "EMC-2026-0001", SUBMITTED_AT)
        Application.objects.filter(pk=application.pk).update(state="withdrawn", stage="", stage_role="")
    with park_scope(park.pk):
        seen = AuditEvent.objects.of_row("incentives_application", application.pk)
        assert [set(event.after) >= {"state"} for event in seen] == [True, True]
        assert "Secret plan" not in str([event.after for event in seen])
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenancy_auditevent WHERE is_private")
        assert cursor.fetchone() == (2,), "the draft and its document are kept, for who may ask the owner"
