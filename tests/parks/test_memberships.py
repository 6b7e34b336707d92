"""Choosing where to act, and going from one place to another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from parks import sessions
from parks.choices import ParkStatus, Role
from parks.models import Membership, SupportSession
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(scene):
    """One person who reviews in both parks."""
    here = scene.ours.staff[Role.REVIEWER]
    return here, person(Role.AUDITOR, scene.others.park, user=here.user)


def test_places_are_the_own_active_ones(scene, both):
    here, _there = both
    archived = ParkFactory(
        name_en="Closed Quay",
        status=ParkStatus.ARCHIVED,
        status_reason="Merged with <Torch>",
        status_changed_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
    )
    person(Role.AUDITOR, archived, user=here.user)
    person(Role.AUDITOR, ParkFactory(name_en="Left Bank"), user=here.user, is_active=False)
    firm = scene.ours.firm.enterprise
    names = {"enterprise_name_en": firm.name_en}
    person(Role.OWNER, scene.ours.park, firm.pk, user=here.user, **names)

    page = signed_in_client(here).get("/places/")

    names = {place.enterprise_name_en or place.park.name_en for place in page.context["places"]}
    assert names == {"Torch Zone", "Secret Harbour", "OURS first firm"}
    assert [place.park.name_en for place in page.context["closed"]] == ["Closed Quay"]
    text = page.content.decode()
    assert 'Closed Quay was archived on <time datetime="2026-03-02">' in text
    assert "Merged with &lt;Torch&gt;" in text
    assert "Left Bank" not in text


@pytest.mark.parametrize("mangled", ["", "x", "²", "-1", "9" * 5000])
def test_mangled_place_does_not_exist(both, mangled):
    assert signed_in_client(both[0]).post("/places/", {"membership": mangled}).status_code == 404


def test_person_acts_in_one_place_at_a_time(both):
    here, there = both
    client = signed_in_client(here)
    key = client.session.session_key

    response = client.post("/places/", {"membership": there.pk})

    assert (response.status_code, response.url) == (302, "/")
    assert client.session[sessions.MEMBERSHIP] == there.pk
    assert client.session.session_key != key
    assert "Secret Harbour" in client.get("/park/profile/").content.decode()


@pytest.mark.parametrize(
    ("onward", "target"),
    [
        ("/park/profile/", "/park/profile/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_page_is_one_of_ours(both, onward, target):
    here, there = both

    response = signed_in_client(here).post("/places/", {"membership": there.pk, "next": onward})

    assert response.url == target


@pytest.mark.parametrize("place", ["0", "x", "999999999999999999999", ""])
def test_nonsense_is_no_place(both, place):
    assert signed_in_client(both[0]).post("/places/", {"membership": place}).status_code == 404


def test_places_of_others_cannot_be_chosen(scene, both):
    stranger = scene.others.staff[Role.PARK_ADMINISTRATOR]
    Membership.objects.filter(pk=both[1].pk).update(is_active=False)
    client = signed_in_client(both[0])

    answers = [client.post("/places/", {"membership": m.pk}).status_code for m in (stranger, both[1])]

    assert answers == [404, 404]


def test_person_without_a_place_is_told_what_to_do(client):
    user = UserFactory(email="nobody@example.com")
    client.force_login(user)

    response = client.get("/park/profile/", follow=True)

    assert response.redirect_chain == [("/places/?next=%2Fpark%2Fprofile%2F", 302)]
    assert "Ask the administrator of your park" in response.content.decode()


def test_leaving_for_another_place_ends_the_support_session(scene):
    now = timezone.now()
    session = SupportSession.objects.create(
        park=scene.ours.park,
        operator=scene.operator.user,
        operator_name=scene.operator.user.name,
        reason="A question",
        started_at=now,
        expires_at=now + timedelta(minutes=59),
    )
    client = signed_in_client(scene.operator)
    state = client.session
    state[sessions.SUPPORT] = session.pk
    state.save()
    assert client.get("/park/profile/").status_code == 200

    client.post("/places/", {"membership": scene.operator.pk})

    session.refresh_from_db()
    assert session.ended_at is not None
    assert client.get("/park/profile/").status_code == 403
    with park_scope(scene.ours.park.pk):
        last = AuditEvent.objects.filter(table_name="parks_supportsession", row_id=str(session.pk)).first()
    assert (last.action, last.user_name) == ("UPDATE", scene.operator.user.name)


@pytest.mark.parametrize("count", [1, 30])
def test_places_take_the_same_queries_for_more_of_them(both, django_assert_num_queries, count):
    for _ in range(count):
        person(Role.AUDITOR, ParkFactory(), user=both[0].user)
    client = signed_in_client(both[0])

    with django_assert_num_queries(14):
        client.get("/places/")
