"""A person of enterprise A cannot learn that enterprise B exists: no page, message, counter or suggestion tells.

What a neighbour has and what nobody has must look the same from outside, so every test asks for both and compares.
"""

import re

import pytest
from django.urls import reverse

from enterprises.models import ChangeRequest, Enterprise
from lib.identifiers import uuid7
from parks.choices import Role
from parks.models import ApiKey
from tenancy.scopes import park_scope
from tests.clients import placeless_client
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db
NOBODYS_CODE = "91350200MA2YJ1XR9G"
# What differs in every answer of a form, whatever it says.
TOKEN = re.compile(rb'csrf[^>]*|nonce="[^"]*"|content="[A-Za-z0-9]{64}"')


def text_of(response):
    return response.status_code, TOKEN.sub(b"", response.content)


@pytest.fixture
def owner(scene, client_of):
    return client_of(scene.ours.firm.people[Role.OWNER])


@pytest.fixture
def api(scene):
    membership = scene.ours.firm.people[Role.OWNER]
    _, token = ApiKey.objects.create(user=membership.user, membership=membership, name="test")
    return {"headers": {"Authorization": f"Bearer {token}"}, "content_type": "application/json"}


@pytest.fixture
def without_request(scene):
    with park_scope(scene.ours.park.pk):
        ChangeRequest.objects.filter(enterprise=scene.ours.firm.enterprise).update(
            state="rejected", decision="No.", decided_at="2026-11-20T00:00:00Z"
        )


def pages_of(enterprise_id):
    return [
        reverse("enterprises:enterprise_detail", args=[enterprise_id]),
        reverse("enterprises:enterprise_edit", args=[enterprise_id]),
        reverse("enterprises:owner_invite", args=[enterprise_id]),
        reverse("api:enterprises:enterprise_detail", args=[enterprise_id]),
    ]


def test_pages_of_a_neighbour_are_like_those_of_nobody(scene, owner):
    for theirs, nobodys in zip(pages_of(scene.ours.neighbour.enterprise.pk), pages_of(uuid7()), strict=True):
        assert owner.get(theirs).status_code == owner.get(nobodys).status_code
        assert owner.post(theirs, {}).status_code == owner.post(nobodys, {}).status_code


def test_lists_of_the_park_are_closed_whatever_they_hold(scene, owner):
    for page in ("enterprises:enterprise_list", "enterprises:vetting_queue"):
        for query in ("", f"?q={scene.ours.neighbour.enterprise.credit_code}", "?export=csv"):
            assert owner.get(reverse(page) + query).status_code == 403


def test_search_answers_alike(scene, owner):
    page = reverse("incentives:search")
    neighbour = scene.ours.neighbour
    for theirs in (
        neighbour.enterprise.credit_code,
        neighbour.enterprise.name_zh,
        neighbour.application.number,
        neighbour.registration.number,
    ):
        found, nothing = (owner.get(page, {"q": text}) for text in (theirs, "nobody"))
        assert found.context["groups"] == nothing.context["groups"] == []
        assert found.status_code == nothing.status_code == 200
        assert "Nothing is called this." in found.content.decode()


def test_suggestions_of_industries_know_no_enterprise(scene, owner):
    before = text_of(owner.get("/industries/", {"q": "3841"}))
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(3, park=scene.ours.park, industry_code="C3841")
    assert text_of(owner.get("/industries/", {"q": "3841"})) == before


def test_api_lists_and_counts_nothing_of_others(scene, client, api):
    path = reverse("api:enterprises:enterprise_list")
    own = client.get(path, headers=api["headers"]).json()
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(5, park=scene.ours.park)

    assert client.get(path, headers=api["headers"]).json() == own
    assert [row["id"] for row in own["results"]] == [str(scene.ours.firm.enterprise.pk)]
    for query in ("?owner=no", "?section=C&page_size=1", f"?q={scene.ours.neighbour.enterprise.name_en}"):
        rows = client.get(path + query, headers=api["headers"]).json()["results"]
        assert {row["id"] for row in rows} <= {str(scene.ours.firm.enterprise.pk)}


def test_api_registers_nobody_with_a_taken_code_or_a_free_one(scene, client, api):
    codes = (scene.ours.neighbour.enterprise.credit_code, scene.ours.firm.enterprise.credit_code, NOBODYS_CODE)
    path = reverse("api:enterprises:enterprise_list")
    answers = {
        (answer.status_code, answer.content)
        for answer in (client.post(path, {"credit_code": code, "name_zh": "夺取"}, **api) for code in codes)
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 403


@pytest.mark.parametrize("is_taken", [True, False])
def test_request_for_a_code_is_taken_whoever_has_it(scene, client, api, is_taken, without_request):
    code = scene.ours.neighbour.enterprise.credit_code if is_taken else NOBODYS_CODE
    body = {"changes": {"credit_code": code}, "reason": "New licence", "is_code_confirmed": True}

    answer = client.post(reverse("api:enterprises:change_request_list"), body, **api)

    assert answer.status_code == 201
    told = answer.json()
    assert {name for name, value in told.items() if code in str(value)} == {"changes"}
    assert told["state"] == "submitted"
    with park_scope(scene.ours.park.pk):
        assert Enterprise.objects.filter(credit_code=code).count() == int(is_taken)


def test_receipts_count_nothing(scene, client, api, without_request):
    """Two requests, with filings of others between them, have numbers from which nothing can be reckoned."""
    body = {"changes": {"address": "Torch Road 9"}, "reason": "Moved"}
    number = client.post(reverse("api:enterprises:change_request_list"), body, **api).json()["number"]
    assert re.fullmatch(r"C-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number)


def test_people_without_a_place_see_no_enterprise(scene):
    stranger = placeless_client(scene.ours.firm.registrant)
    for theirs, nobodys in zip(pages_of(scene.ours.neighbour.enterprise.pk), pages_of(uuid7()), strict=True):
        assert stranger.get(theirs).status_code == stranger.get(nobodys).status_code
    assert stranger.get(reverse("incentives:search"), {"q": "OURS"}).status_code in {302, 403}


def test_own_pages_name_no_neighbour(scene, owner):
    neighbour = scene.ours.neighbour.enterprise
    for page in ("/home/", "/company/", "/applications/", "/company/people/", "/offers/", "/me/inbox/", "/search/?q=a"):
        response = owner.get(page)
        assert response.status_code == 200, page
        for mark in (neighbour.name_en, neighbour.name_zh, neighbour.credit_code, str(neighbour.pk)):
            assert mark.encode() not in response.content, page
