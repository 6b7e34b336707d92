"""The transaction around a response: whole or not at all, and closed to views that name no visitor."""

from __future__ import annotations

import pytest

from enterprises.models import Enterprise
from parks.choices import ParkStatus, Role
from parks.middleware import StreamingRefused
from parks.models import Park
from tenancy.scopes import park_scope
from tests.addresses import addresses
from tests.clients import signed_in_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.tenancy.breaking_urls")]


def enterprises_of(park):
    with park_scope(park.pk):
        return Enterprise.objects.count()


@pytest.fixture
def administrator(scene):
    return signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR], raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_error_response_leaves_nothing_behind(scene, administrator, status):
    before = enterprises_of(scene.ours.park)
    response = administrator.post(f"/writes-and-fails/?status={status}")
    assert (response.status_code, response.content) == (status, b"half")
    assert enterprises_of(scene.ours.park) == before


@pytest.mark.parametrize("status", [200, 302])
def test_good_response_keeps_what_it_wrote(scene, administrator, status):
    before = enterprises_of(scene.ours.park)
    administrator.post(f"/writes-and-fails/?status={status}")
    assert enterprises_of(scene.ours.park) == before + 1


def test_exception_leaves_nothing_behind(scene, administrator):
    before = enterprises_of(scene.ours.park)
    assert administrator.post("/writes-and-raises/").status_code == 500
    assert enterprises_of(scene.ours.park) == before


def test_what_a_person_sees_is_kept_by_nobody(scene, administrator, client):
    for path in ("/desk/", "/me/", "/places/", "/api/v1/me/", "/writes-and-fails/?status=404"):
        assert administrator.get(path)["Cache-Control"] == "private, no-store", path
    key = {"Authorization": f"Bearer {scene.ours.api_token}"}
    assert client.get("/api/v1/me/", headers=key)["Cache-Control"] == "private, no-store"
    assert not client.get(f"/parks/{scene.ours.park.slug}/").has_header("Cache-Control")


def test_streamed_response_is_refused(scene):
    client = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    with pytest.raises(StreamingRefused):
        client.get("/streams/")


def test_view_without_a_door_is_refused_and_found(scene, administrator):
    assert administrator.get("/forgot/").status_code == 403
    assert [a.route for a in addresses("tests.tenancy.breaking_urls") if a.access is None] == ["forgot/"]


def test_suspended_park_is_read_only(scene, administrator):
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED)
    before = enterprises_of(scene.ours.park)
    assert administrator.post("/writes-and-fails/?status=200").status_code == 409
    assert administrator.get("/writes-and-fails/?status=200").status_code == 500, "the database refuses as well"
    assert enterprises_of(scene.ours.park) == before


def test_person_without_a_place_chooses_one_first(scene, client):
    client.force_login(scene.ours.staff[Role.PARK_ADMINISTRATOR].user)
    scene.ours.staff[Role.PARK_ADMINISTRATOR].is_active = False
    scene.ours.staff[Role.PARK_ADMINISTRATOR].save(update_fields=["is_active"])
    response = client.get("/streams/")
    assert (response.status_code, response.url) == (302, "/places/?next=%2Fstreams%2F")
