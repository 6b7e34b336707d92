"""Keys of the API: whose they are, how long they live, and what ends them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import OutgoingMail
from parks import api_keys, services
from parks.choices import ParkStatus, Role
from parks.models import ApiKey, Membership, Park
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.accounts.people import link_of, visitor
from tests.clients import actor, confirmed_client, signed_in_client
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(scene):
    return scene.ours.firm.people[Role.APPLICANT]


def authenticated(secret):
    request = RequestFactory().get("/api/v1/", headers={"Authorization": f"Bearer {secret}"})
    return api_keys.authenticate(request, timezone.localdate())


def made(membership, **lasts):
    return services.create_api_key(actor=actor(membership), name="Gateway", lasts=timedelta(**(lasts or {"days": 90})))


def test_key_is_shown_once_and_kept_as_a_digest(applicant):
    client = confirmed_client(applicant)

    answer = client.post("/keys/new/", {"name": "Hall 2", "days": 30})
    secret = re.search(r'value="(pz_\w+)"', answer.content.decode())[1]
    later = client.get("/keys/").content.decode()

    key = ApiKey.objects.get(name="Hall 2")
    assert (answer.status_code, answer["Cache-Control"]) == (
        201,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert authenticated(secret).pk == key.pk
    assert (key.membership, key.user) == (applicant, applicant.user)
    assert secret not in {key.digest, key.token_key}
    assert secret not in later
    assert key.token_key in later
    assert timedelta(days=29) < key.expiry - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("days", ["0", "366", "-1", "x", ""])
def test_key_lives_at_most_a_year(applicant, days):
    assert confirmed_client(applicant).post("/keys/new/", {"name": "Hall 2", "days": days}).status_code == 422
    assert not ApiKey.objects.filter(name="Hall 2").exists()


def test_keys_have_a_limit(scene, applicant):
    for number in range(services.MOST_KEYS - 1):
        made(applicant, days=number + 1)

    response = confirmed_client(applicant).post("/keys/new/", {"name": "One more", "days": 1})

    assert response.status_code == 422
    assert "Revoke one before you make another." in response.content.decode()
    assert ApiKey.objects.filter(membership=applicant).count() == services.MOST_KEYS


def test_revoked_key_stops_at_once(applicant):
    key, secret = made(applicant)
    client = signed_in_client(applicant)
    assert authenticated(secret).pk == key.pk

    page = client.post("/keys/revoke/", {"key": key.pk})
    assert (page.status_code, ApiKey.objects.filter(pk=key.pk).exists()) == (200, True)
    answer = client.post("/keys/revoke/", {"key": key.pk, "confirmed": "yes"})

    assert (answer.status_code, answer.url) == (302, "/keys/")
    with pytest.raises(AuthenticationFailed):
        authenticated(secret)


def test_expired_key_is_refused(applicant):
    _key, secret = made(applicant, seconds=-1)

    with pytest.raises(AuthenticationFailed):
        authenticated(secret)


@pytest.mark.parametrize("end", ["membership", "park"])
def test_key_ends_with_the_access_it_stands_for(applicant, end):
    _key, secret = made(applicant)
    if end == "membership":
        Membership.objects.filter(pk=applicant.pk).update(is_active=False)
    else:
        Park.objects.filter(pk=applicant.park_id).update(status=ParkStatus.ARCHIVED)

    with pytest.raises(AuthenticationFailed):
        authenticated(secret)


def test_keys_of_others_are_neither_seen_nor_revoked(scene, applicant):
    key = scene.ours.api_key
    colleague = signed_in_client(scene.ours.firm.people[Role.OWNER])

    assert key.name not in colleague.get("/keys/").content.decode()
    assert colleague.post("/keys/revoke/", {"key": key.pk, "confirmed": "yes"}).status_code == 404
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_keys_belong_to_one_place_of_a_person(scene, applicant):
    elsewhere = Membership.objects.create(user=applicant.user, park=scene.others.park, roles=[Role.AUDITOR])

    text = signed_in_client(elsewhere).get("/keys/").content.decode()

    assert "OURS gateway" not in text
    assert "OURS gateway" in signed_in_client(applicant).get("/keys/").content.decode()


def test_auditor_may_hold_keys_and_the_installation_may_not(scene):
    statuses = [
        signed_in_client(membership).get("/keys/").status_code
        for membership in (scene.ours.staff[Role.AUDITOR], scene.operator, scene.observer)
    ]

    assert statuses == [200, 403, 403]


def test_visitor_is_asked_to_sign_in_and_to_choose(client, scene, applicant):
    assert client.get("/keys/").url == "/account/login/?next=%2Fkeys%2F"
    Membership.objects.create(user=applicant.user, park=scene.others.park, roles=[Role.AUDITOR])
    client.force_login(applicant.user)

    assert client.get("/keys/").url == "/places/"


@pytest.mark.parametrize("count", [1, 10])
def test_list_takes_the_same_queries_for_more_keys(scene, django_assert_num_queries, count):
    auditor = scene.ours.staff[Role.AUDITOR]
    for _ in range(count):
        made(auditor)
    client = signed_in_client(auditor)

    with django_assert_num_queries(12):
        client.get("/keys/")


def test_new_key_asks_for_the_password_again(applicant):
    answer = signed_in_client(applicant).post("/keys/new/", {"name": "Hall 2", "days": 30})

    assert answer.url == "/account/reauthenticate/?next=%2Fkeys%2Fnew%2F"
    assert not ApiKey.objects.filter(name="Hall 2").exists()


def test_new_key_of_an_official_asks_for_the_second_factor(scene, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = confirmed_client(scene.ours.staff[Role.REVIEWER])

    answer = client.post("/keys/new/", {"name": "Hall 2", "days": 30})

    assert answer.url == "/me/security/second-factor/"
    assert not ApiKey.objects.filter(name="Hall 2").exists()


def test_new_key_is_told_by_mail(applicant):
    confirmed_client(applicant).post("/keys/new/", {"name": "Hall 2", "days": 30})

    letter = OutgoingMail.objects.get(key__startswith="api_key:")
    assert (letter.recipient, letter.url) == (applicant.user, "/keys/")
    assert "“Hall 2”" in letter.text


def test_keys_stand_in_the_trail_without_their_secret(applicant):
    client = confirmed_client(applicant)
    client.post("/keys/new/", {"name": "Hall 2", "days": 30})
    key = ApiKey.objects.get(name="Hall 2")
    client.post("/keys/revoke/", {"key": key.pk, "confirmed": "yes"})

    with park_scope(applicant.park_id):
        added, deleted = AuditEvent.objects.filter(row_id=key.digest[:12]).order_by("id")
    assert [added.action, deleted.action] == ["INSERT", "DELETE"]
    assert (added.user_id, deleted.user_id, added.enterprise_id) == (
        applicant.user_id,
        applicant.user_id,
        applicant.enterprise_id,
    )
    assert set(added.after) == {"name", "user_id", "created", "expiry"}
    assert added.after == deleted.before


def test_use_of_a_key_is_no_event_of_the_trail(applicant):
    key, secret = made(applicant)
    authenticated(secret)

    with park_scope(applicant.park_id):
        assert AuditEvent.objects.filter(row_id=key.digest[:12]).count() == 1


def test_password_change_deletes_the_keys_of_the_person_alone(scene, applicant):
    made(applicant)
    colleague = scene.ours.firm.people[Role.OWNER]
    made(colleague)
    new = "rain over ten valleys"

    signed_in_client(applicant).post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert not ApiKey.objects.filter(user=applicant.user).exists()
    assert ApiKey.objects.filter(user=colleague.user).count() == 1


def test_password_reset_deletes_the_keys(applicant):
    _key, secret = made(applicant)
    client = visitor()
    client.post("/account/password/reset/", {"email": applicant.user.email})
    page = client.get(link_of("password_reset_key"), follow=True)
    new = {"password1": "rain over ten valleys", "password2": "rain over ten valleys"}

    client.post(page.redirect_chain[-1][0], new)

    with pytest.raises(AuthenticationFailed):
        authenticated(secret)


@pytest.mark.parametrize("identifier", ["", "\x00", "²", "x" * 300])
def test_identifier_that_is_none_finds_nothing(applicant, identifier):
    assert signed_in_client(applicant).post("/keys/revoke/", {"key": identifier}).status_code == 404
