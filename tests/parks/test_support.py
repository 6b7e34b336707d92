from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from lib.templatetags.ui import local_time
from parks import services, sessions
from parks.actors import SUPPORT_ROLES, actor_in_support
from parks.choices import ParkStatus, Role
from parks.models import Invitation, Membership, Park, SupportSession
from parks.services.support import SupportRefused
from tenancy.models import AuditEvent
from tenancy.scopes import open_scope, park_scope, platform_scope
from tests.clients import actor
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DECIDING = {Role.REVIEWER, Role.EXPERT, Role.APPROVER, Role.FINANCE_OFFICER}


def enter(client, park, reason="Import of May fails, asked by Ms Lin"):
    return client.post(reverse("parks:support_session_start", kwargs={"park_id": park.pk}), {"reason": reason})


@pytest.fixture
def inside(scene, client_of):
    """An operator's client inside our park."""
    client = client_of(scene.operator)
    assert enter(client, scene.ours.park).status_code == 302
    return client


def test_session_lasts_an_hour():
    operator, park = person(Role.OPERATOR), ParkFactory()
    with platform_scope():
        session = services.start_support_session(park.pk, actor(operator), "Import fails", NOW)
    assert (session.started_at, session.expires_at, session.ended_at) == (NOW, NOW + timedelta(hours=1), None)


def test_operator_has_one_open_session_at_a_time():
    operator, first, second = person(Role.OPERATOR), ParkFactory(), ParkFactory()
    with platform_scope():
        services.start_support_session(first.pk, actor(operator), "Import fails", NOW)
        with pytest.raises(SupportRefused):
            services.start_support_session(second.pk, actor(operator), "Another", NOW + timedelta(minutes=59))
        services.start_support_session(second.pk, actor(operator), "Another", NOW + timedelta(minutes=60))
        assert SupportSession.objects.count() == 2


def test_two_operators_can_be_in_a_park():
    park, operators = ParkFactory(), [person(Role.OPERATOR), person(Role.OPERATOR)]
    with platform_scope():
        for operator in operators:
            services.start_support_session(park.pk, actor(operator), "Import fails", NOW)
        assert SupportSession.objects.open(NOW).count() == 2


def test_archived_park_cannot_be_entered(scene, client_of):
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.ARCHIVED)
    with platform_scope(), pytest.raises(SupportRefused):
        services.start_support_session(scene.ours.park.pk, actor(scene.operator), "Import fails", NOW)
    assert enter(client_of(scene.operator), scene.ours.park).status_code == 403


def test_ending_twice_changes_nothing():
    operator, park = person(Role.OPERATOR), ParkFactory()
    with platform_scope():
        services.start_support_session(park.pk, actor(operator), "Import fails", NOW)
        ended = services.end_support_session(actor(operator), NOW + timedelta(minutes=5))
        assert services.end_support_session(actor(operator), NOW + timedelta(minutes=6)) is None
        assert SupportSession.objects.get().ended_at == ended.ended_at == NOW + timedelta(minutes=5)


def test_database_knows_no_longer_session():
    park, operator = ParkFactory(), person(Role.OPERATOR)
    with pytest.raises(IntegrityError), platform_scope():
        SupportSession.objects.create(
            park=park,
            operator_id=operator.user_id,
            operator_name="Sun Qi",
            reason="Import fails",
            started_at=NOW,
            expires_at=NOW + timedelta(hours=2),
        )


def test_session_is_in_the_audit_trail():
    operator, park = person(Role.OPERATOR), ParkFactory()
    with open_scope(actor(operator).scope):
        session = services.start_support_session(park.pk, actor(operator), "Import fails", NOW)
        services.end_support_session(actor(operator), NOW + timedelta(minutes=5))
        recorded = list(
            AuditEvent.objects.of_row("parks_supportsession", session.pk)
            .order_by("id")
            .values_list("action", "park_id", "user_id")
        )
    assert recorded == [("INSERT", park.pk, operator.user_id), ("UPDATE", park.pk, operator.user_id)]


@pytest.mark.parametrize("reason", ["", "too short", "\u200b" * 12])
def test_reason_is_asked(scene, client_of, reason):
    assert enter(client_of(scene.operator), scene.ours.park, reason).status_code == 422
    assert not SupportSession.objects.filter(ended_at=None, expires_at__gt=datetime.now(UTC)).exists()


def test_second_session_comes_back_with_the_refusal(scene, client_of):
    enter(client_of(scene.operator), scene.ours.park)
    response = enter(client_of(scene.operator), scene.others.park)
    assert response.status_code == 422
    assert "You have an open support session" in response.content.decode()


def test_operator_acts_as_an_official_of_that_park_alone(inside, scene):
    response = inside.get(reverse("parks:park_profile"))
    assert response.status_code == 200
    assert response.wsgi_request.actor.park_id == scene.ours.park.pk
    assert response.wsgi_request.actor.roles == SUPPORT_ROLES
    assert "Secret Harbour" not in response.content.decode()


def test_banner_says_why_and_offers_the_way_out(inside):
    content = inside.get(reverse("parks:park_profile")).content.decode()
    expires_at = SupportSession.objects.latest("started_at").expires_at
    assert "Import of May fails, asked by Ms Lin" in content
    assert f"Ends {local_time(expires_at)}" in content
    assert f'action="{reverse("parks:support_session_end")}"' in content


def test_operator_inside_has_left_the_pages_of_the_installation(inside):
    assert inside.get(reverse("parks:overview")).status_code == 403


def test_way_out_leads_back(inside, scene):
    assert inside.get(reverse("parks:support_session_end")).status_code == 405
    assert inside.post(reverse("parks:support_session_end")).url == reverse("parks:support_session_list")
    session = SupportSession.objects.get(park=scene.ours.park, reason__startswith="Import")
    assert session.ended_at is not None
    assert inside.get(reverse("parks:park_profile")).status_code == 403
    assert inside.get(reverse("parks:overview")).status_code == 200


def test_way_out_is_open_in_a_suspended_park(inside, scene):
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED)
    assert inside.post(reverse("parks:support_session_end")).status_code == 302
    assert SupportSession.objects.open(datetime.now(UTC)).count() == 0


def test_session_runs_out_by_itself(scene, client_of):
    client = client_of(scene.operator)
    with time_machine.travel(NOW, tick=False) as clock:
        enter(client, scene.ours.park)
        clock.shift(timedelta(minutes=59, seconds=59))
        assert client.get(reverse("parks:park_profile")).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get(reverse("parks:park_profile")).status_code == 403
        assert client.get(reverse("parks:overview")).status_code == 200
        assert client.post(reverse("parks:support_session_end")).status_code == 302


def test_session_of_another_operator_is_of_no_use(scene, client_of):
    own, thief = client_of(scene.operator), client_of(person(Role.OPERATOR))
    enter(own, scene.ours.park)
    stolen = thief.session
    stolen[sessions.SUPPORT] = own.session[sessions.SUPPORT]
    stolen.save()
    assert thief.get(reverse("parks:park_profile")).status_code == 403


def test_park_administrator_cannot_use_a_session(scene, client_of):
    enter(client_of(scene.operator), scene.ours.park)
    client = client_of(scene.others.staff[Role.PARK_ADMINISTRATOR])
    session = client.session
    session[sessions.SUPPORT] = SupportSession.objects.latest("started_at").pk
    session.save()
    content = client.get(reverse("parks:park_profile")).content.decode()
    assert "Secret Harbour" in content
    assert "Torch Zone" not in content


def test_end_of_the_operators_membership_ends_the_stay(inside, scene):
    Membership.objects.filter(pk=scene.operator.pk).update(is_active=False)
    assert inside.get(reverse("parks:park_profile")).status_code != 200


def test_no_role_of_support_decides():
    assert SUPPORT_ROLES.isdisjoint(DECIDING)


def supporting(scene):
    """The operator inside our park, as the middleware makes them."""
    with platform_scope():
        now = datetime.now(UTC)
        session = services.start_support_session(scene.ours.park.pk, actor(scene.operator), "Import fails", now)
    session.park = scene.ours.park
    return actor_in_support(scene.operator, session)


def test_change_in_support_carries_the_session(scene):
    operator = supporting(scene)
    with open_scope(operator.scope):
        Park.objects.filter(pk=scene.ours.park.pk).update(contact_name="Lin Yue")
        change = AuditEvent.objects.filter(table_name="parks_park", action="UPDATE").latest("id")
    assert (change.after, change.user_id, change.support_session_id) == (
        {"contact_name": "Lin Yue"},
        scene.operator.user_id,
        operator.support_session_id,
    )


def test_database_lets_nobody_in_from_a_support_session(scene):
    operator = supporting(scene)
    colleague = scene.ours.staff[Role.AUDITOR]
    with open_scope(operator.scope):
        for attempt in (
            lambda: Membership.objects.create(
                user_id=operator.user_id, park=scene.ours.park, roles=[Role.PARK_ADMINISTRATOR]
            ),
            lambda: Membership.objects.filter(pk=colleague.pk).update(roles=[Role.APPROVER]),
            lambda: Invitation.objects.filter(park=scene.ours.park).update(email="friend@example.com"),
            lambda: Invitation.objects.create(
                park=scene.ours.park,
                email="friend@example.com",
                roles=[Role.APPROVER],
                token_digest="1" * 64,
                invited_by_id=operator.user_id,
                expires_at=NOW,
            ),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                attempt()
    with park_scope(scene.ours.park.pk):
        assert Membership.objects.get(pk=colleague.pk).roles == [Role.AUDITOR]


def test_operator_inside_cannot_lengthen_the_stay(scene):
    operator = supporting(scene)
    with open_scope(operator.scope), pytest.raises(ProgrammingError, match="permission denied"):
        SupportSession.objects.filter(pk=operator.support_session_id).update(reason="Other")


def test_list_shows_every_session(scene, client_of):
    response = client_of(scene.operator).get(reverse("parks:support_session_list"))
    assert [row.record.reason for row in response.context["table"].rows] == ["OTHERS support", "OURS support"]


@pytest.mark.parametrize("count", [1, 30])
def test_list_reads_as_much_for_one_session_as_for_thirty(client_of, django_assert_num_queries, count):
    operator, park = person(Role.OPERATOR), ParkFactory()
    for number in range(count):
        began = NOW + timedelta(hours=number)
        SupportSession.objects.create(
            park=park,
            operator=operator.user,
            operator_name="Sun Qi",
            reason="Import fails",
            started_at=began,
            expires_at=began + timedelta(hours=1),
            ended_at=began,
        )
    client = client_of(operator)
    client.get(reverse("parks:support_session_list"))
    with django_assert_num_queries(12):
        client.get(reverse("parks:support_session_list"))
