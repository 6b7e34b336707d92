"""A scope shows its rows and no others, and forgetting it is loud."""

from __future__ import annotations

import threading

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import InternalError, ProgrammingError, connection, connections, transaction
from django_celery_beat.models import PeriodicTask

from enterprises.models import Enterprise
from incentives.models import Application, ProgrammeVersion, Review
from lib.identifiers import NIL
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.models import AuditEvent, OutboxEvent
from tenancy.scopes import (
    NO_SCOPE,
    Author,
    Kind,
    Scope,
    current_scope,
    enterprise_scope,
    open_scope,
    park_scope,
    platform_scope,
    public_scope,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db

TENANT_MODELS = [Enterprise, Application, Review, ProgrammeVersion, AuditEvent]


def told_to_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user::text, current_setting('app.park_id', true),"
            " current_setting('app.enterprise_id', true)"
        )
        return cursor.fetchone()


def refused(act):
    """Whether the database refuses `act`, without spoiling the test's transaction."""
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        act()


def test_park_scope_shows_its_park_only(scene):
    with park_scope(scene.ours.park.pk):
        assert set(Enterprise.objects.values_list("pk", flat=True)) == {
            scene.ours.firm.enterprise.pk,
            scene.ours.neighbour.enterprise.pk,
        }
        assert list(Park.objects.all()) == [scene.ours.park]


def test_enterprise_scope_shows_its_enterprise_only(scene):
    firm = scene.ours.firm
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        assert list(Enterprise.objects.all()) == [firm.enterprise]
        assert set(Application.objects.all()) == {firm.draft, firm.application}
        assert list(ProgrammeVersion.objects.all()) == [scene.ours.version]
        assert {membership.pk for membership in Membership.objects.all()} == {p.pk for p in firm.people.values()}
        refused(lambda: list(Review.objects.all()))
        refused(lambda: list(AuditEvent.objects.all()))


def test_enterprise_of_another_park_with_our_park_shows_nothing(scene):
    with enterprise_scope(scene.ours.park.pk, scene.others.firm.enterprise.pk):
        assert list(Application.objects.all()) == []
        assert list(Enterprise.objects.all()) == []


def test_public_scope_shows_what_is_published_only(scene):
    with public_scope(scene.ours.park.pk):
        assert list(ProgrammeVersion.objects.all()) == [scene.ours.version]
        for model in (Enterprise, Application, Review, Membership):
            refused(lambda model=model: list(model.objects.all()))


def test_platform_scope_shows_no_tenants_rows(scene):
    with platform_scope():
        assert {park.pk for park in Park.objects.all()} >= {scene.ours.park.pk, scene.others.park.pk}
        for model in (Enterprise, Application, Review, ProgrammeVersion):
            refused(lambda model=model: list(model.objects.all()))


SHARED_MODELS = [Session, UserSession, Authenticator, EmailAddress, PeriodicTask]


@pytest.mark.parametrize("model", SHARED_MODELS, ids=lambda model: model.__name__)
def test_sessions_and_secrets_are_for_the_login_role_alone(scene, model):
    scopes = [
        platform_scope(),
        park_scope(scene.ours.park.pk),
        enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk),
        public_scope(scene.ours.park.pk),
    ]
    for scope in scopes:
        with scope:
            refused(lambda: list(model.objects.all()))
    assert list(model.objects.all()) == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_forgotten_scope_is_permission_denied_for_reading(scene, model):
    refused(lambda: list(model.objects.all()))


def test_forgotten_scope_is_permission_denied_for_a_lazy_relation(scene):
    with park_scope(scene.ours.park.pk):
        application = Application.objects.first()
    refused(lambda: application.enterprise.name_en)


def test_forgotten_scope_is_permission_denied_for_saving(scene):
    enterprise = scene.ours.firm.enterprise
    enterprise.name_en = "Renamed"
    refused(enterprise.save)


def test_outbox_cannot_be_read_by_those_who_write_it(scene):
    with park_scope(scene.ours.park.pk):
        OutboxEvent.objects.create(name="something.happened", payload={})
        refused(lambda: list(OutboxEvent.objects.all()))


def test_row_of_another_park_cannot_be_written(scene):
    with park_scope(scene.ours.park.pk):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            EnterpriseFactory(park=scene.others.park)
        assert Enterprise.objects.filter(pk=scene.others.firm.enterprise.pk).update(name_en="Taken") == 0


def test_row_cannot_be_moved_to_another_park(scene):
    with (
        park_scope(scene.ours.park.pk),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Enterprise.objects.filter(pk=scene.ours.firm.enterprise.pk).update(park=scene.others.park)


def test_enterprise_cannot_decide_its_own_application(scene):
    firm = scene.ours.firm
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        refused(lambda: Application.objects.filter(pk=firm.application.pk).update(approved_cny=1))
        decided = {"state": "accepted", "stage": "decision", "stage_role": "approver"}
        with pytest.raises(Exception, match=r"review of this round|stage that is not done"), transaction.atomic():
            Application.objects.filter(pk=firm.application.pk).update(**decided)


def test_state_cannot_skip_a_stage_whoever_writes_it(scene):
    with (
        park_scope(scene.ours.park.pk),
        pytest.raises(Exception, match="cannot go from submitted to approved"),
        transaction.atomic(),
    ):
        Application.objects.filter(pk=scene.ours.firm.application.pk).update(state="approved", stage="", stage_role="")


def test_reference_to_another_park_is_refused(scene):
    firm = scene.ours.firm
    with pytest.raises(Exception, match="tenant"), transaction.atomic():
        with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
            Application.objects.create(
                park=scene.ours.park,
                enterprise=firm.enterprise,
                programme_version=scene.others.version,
                started_by=firm.people[Role.APPLICANT].user,
            )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nested_scope_restores_the_outer_one(scene):
    outer, inner = scene.ours.park.pk, scene.others.park.pk
    with park_scope(outer):
        with enterprise_scope(inner, scene.others.firm.enterprise.pk):
            assert told_to_database() == ("app_enterprise", str(inner), str(scene.others.firm.enterprise.pk))
        assert told_to_database() == ("app_official", str(outer), str(NIL))
        assert current_scope() == Scope(Kind.OFFICIAL, outer)
    assert told_to_database()[0] == "app"
    assert current_scope() == NO_SCOPE


def test_nested_scope_restores_the_outer_one_after_an_error(scene):
    outer = scene.ours.park.pk
    with park_scope(outer):
        with pytest.raises(ZeroDivisionError), park_scope(scene.others.park.pk):
            raise ZeroDivisionError
        assert told_to_database() == ("app_official", str(outer), str(NIL))
        with pytest.raises(ProgrammingError), park_scope(scene.others.park.pk), connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
        assert told_to_database() == ("app_official", str(outer), str(NIL))


def test_read_only_scope_refuses_every_write(scene):
    scope = Scope(Kind.OFFICIAL, scene.ours.park.pk, None, Author(), is_read_only=True)
    with pytest.raises(InternalError, match="read-only transaction"), open_scope(scope):
        assert Enterprise.objects.count() == 2
        EnterpriseFactory(park=scene.ours.park)
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory(park=scene.ours.park)
        assert Enterprise.objects.count() == 3


def test_runtime_role_is_neither_superuser_nor_owner_nor_bypassing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname::text, rolsuper, rolbypassrls, rolinherit, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'app%%' ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("app", False, False, False, False, False),
            ("app_enterprise", False, False, True, False, False),
            ("app_official", False, False, True, False, False),
            ("app_platform", False, False, True, False, False),
            ("app_public", False, False, True, False, False),
            ("app_registrant", False, False, True, False, False),
        ]
        cursor.execute("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [("owner",)]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_of_a_scope_stays_on_the_connection():
    park = ParkFactory()
    with park_scope(park.pk):
        EnterpriseFactory(park=park)
    assert told_to_database() == ("app", "", "")
    with pytest.raises(ProgrammingError, match="permission denied"):
        Enterprise.objects.count()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_concurrent_scopes_each_see_their_own_rows():
    parks = [ParkFactory() for _ in range(4)]
    for park in parks:
        with park_scope(park.pk):
            EnterpriseFactory.create_batch(3, park=park)
    wrong: list[int] = []

    def look(park: Park) -> None:
        for _ in range(40):
            with park_scope(park.pk):
                if set(Enterprise.objects.values_list("park_id", flat=True)) != {park.pk}:
                    wrong.append(park.pk)
        connections["default"].close()

    threads = [threading.Thread(target=look, args=(park,)) for park in parks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
