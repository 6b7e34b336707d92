"""Whoever tries key after key is refused before anything is looked up; whoever has a right one is not counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from parks.choices import Role
from parks.models import ApiKey

pytestmark = pytest.mark.django_db
LIMIT = 60


def ask(key, address="192.0.2.1"):
    return Client(REMOTE_ADDR=address).get("/api/v1/me/", headers={"Authorization": f"Bearer {key}"})


def test_too_many_wrong_keys_are_refused_without_a_look(scene, django_assert_num_queries):
    assert [ask(f"pz_{number}").status_code for number in range(LIMIT)] == [401] * LIMIT
    with django_assert_num_queries(0):
        refused = ask("pz_next")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= LIMIT
    assert ask("pz_next", "192.0.2.2").status_code == 401


def test_right_key_is_not_counted(scene):
    applicant = scene.ours.firm.people[Role.APPLICANT]
    _, secret = ApiKey.objects.create(user=applicant.user, membership=applicant, name="meter", expiry=timedelta(days=1))
    assert {ask(secret).status_code for _ in range(LIMIT + 1)} == {200}


def test_addresses_of_one_subscriber_are_counted_together(monkeypatch):
    monkeypatch.setattr("config.middleware.FailedKeyThrottle.rate", "3/min", raising=False)
    assert [ask("pz_none", f"2001:db8:1:2::{number:x}").status_code for number in range(3)] == [401] * 3
    assert ask("pz_none", "2001:db8:1:2:aaaa::1").status_code == 429
    assert ask("pz_none", "2001:db8:1:3::1").status_code == 401
