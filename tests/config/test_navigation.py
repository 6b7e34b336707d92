"""What the side navigation offers can be opened, and what can be opened by nobody else is not offered."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from config.navigation import navigation
from enterprises.models import DeclaredInterest
from parks.choices import ParkStatus, Role
from parks.models import Park
from tenancy.scopes import park_scope
from tests.clients import actor, signed_in_client

pytestmark = pytest.mark.django_db


def offered_to(membership):
    request = RequestFactory().get("/")
    request.resolver_match = None
    return [item["url"] for group in navigation(request, actor(membership)) for item in group["items"]]


def test_everything_offered_opens(scene):
    side = scene.ours
    people = [scene.operator, scene.observer, *side.staff.values(), *side.firm.people.values()]
    for membership in people:
        client, urls = signed_in_client(membership), offered_to(membership)
        assert urls, membership.roles
        assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200), membership.roles


def test_navigation_follows_the_roles(scene):
    staff = scene.ours.staff
    assert "/park/audit/" in offered_to(staff[Role.PARK_ADMINISTRATOR])
    assert "/park/audit/" in offered_to(staff[Role.AUDITOR])
    assert "/park/audit/" not in offered_to(staff[Role.REVIEWER])
    assert "/operator/people/" not in offered_to(scene.observer)


def test_everybody_lands_on_their_own_page(scene, client):
    landing = {
        "/home/": scene.ours.firm.people[Role.APPLICANT],
        "/desk/": scene.ours.staff[Role.REVIEWER],
        "/operator/": scene.observer,
    }
    for url, membership in landing.items():
        assert signed_in_client(membership).get("/").url == url
    assert client.get("/").url == "/parks/"


def counts_of(membership, url):
    groups = signed_in_client(membership).get(url).context["navigation"]
    return {item["url"]: str(item["count"]) for group in groups for item in group["items"] if str(item["count"])}


def test_navigation_counts_what_waits_for_this_person(scene):
    side = scene.ours
    waiting = {"/registrations/": "2", "/change-requests/": "2"}
    assert counts_of(side.staff[Role.REVIEWER], "/desk/") == {"/queue/": "2", **waiting}
    assert counts_of(side.staff[Role.PARK_ADMINISTRATOR], "/desk/") == waiting
    assert counts_of(side.staff[Role.APPROVER], "/desk/") == {}
    assert counts_of(side.firm.people[Role.APPLICANT], "/home/") == {"/applications/": "1"}
    assert counts_of(side.firm.people[Role.ENERGY_MANAGER], "/home/") == {}
    assert counts_of(scene.operator, "/operator/") == {}


def test_navigation_counts_nothing_outside_a_place(scene):
    assert counts_of(scene.ours.staff[Role.REVIEWER], "/me/") == {}


def test_navigation_counts_nothing_that_cannot_be_done(scene):
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED)
    assert counts_of(scene.ours.staff[Role.REVIEWER], "/desk/") == {}
    assert counts_of(scene.ours.firm.people[Role.APPLICANT], "/home/") == {}


def test_navigation_counts_no_case_of_an_enterprise_with_a_declared_interest(scene):
    side, reviewer = scene.ours, scene.ours.staff[Role.REVIEWER]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=reviewer.user, reason="A brother works there."
        )
    assert counts_of(reviewer, "/desk/") == {"/queue/": "1", "/registrations/": "2", "/change-requests/": "1"}


def test_navigation_counts_no_further_than_it_shows(scene, monkeypatch):
    monkeypatch.setattr("config.navigation.MOST_SHOWN", 1)
    reviewer = scene.ours.staff[Role.REVIEWER]
    assert counts_of(reviewer, "/desk/") == dict.fromkeys(("/queue/", "/registrations/", "/change-requests/"), "1+")


def test_page_of_documents_belongs_to_the_applications(scene):
    firm = scene.ours.firm
    client = signed_in_client(firm.people[Role.APPLICANT])
    page = client.post(f"/applications/{firm.draft.pk}/documents/upload/", {"kind": "contract"})
    active = [item["url"] for group in page.context["navigation"] for item in group["items"] if item["active"]]
    assert (page.status_code, active) == (422, ["/applications/"])
