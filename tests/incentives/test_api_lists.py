"""The lists of the API: their pages, their price, and whose rows they hold."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Application
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW
from tests.incentives.test_api import BASE, call
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
QUERIES_OF_A_LIST = 9


@pytest.fixture(autouse=True)
def _today():
    """A day within the programme's window; ticking, so that rate limits and expiry are real."""
    with time_machine.travel(NOW, tick=True):
        yield


def test_list_costs_the_same_with_many_rows(scene):
    side = scene.ours
    send = call(side.staff[Role.REVIEWER])
    send("GET", "/queue/")

    def measured():
        with CaptureQueriesContext(connection) as captured:
            rows = send("GET", "/queue/").json()["results"]
        return len(rows), len(captured)

    assert measured() == (2, QUERIES_OF_A_LIST)
    for number in range(28):
        build_firm(side.park, side.version, f"More {number}")
    assert measured() == (30, QUERIES_OF_A_LIST)


def test_pages_of_a_list_hold_every_row_once(scene):
    for number in range(3):
        build_firm(scene.ours.park, scene.ours.version, f"More {number}")
    send = call(scene.ours.staff[Role.AUDITOR])
    seen, path = [], "/queue/?page_size=2"
    while path:
        page = send("GET", path).json()
        seen += [entry["id"] for entry in page["results"]]
        path = page["next"] and page["next"].partition(BASE)[2]
    with park_scope(scene.ours.park.pk):
        filed = Application.objects.filed().filter(park=scene.ours.park).order_by("-id")
        assert seen == [str(application.pk) for application in filed]
    assert len(seen) == 5


def test_awards_payments_and_notices_are_read_by_the_same_rules(scene, django_assert_num_queries):
    """The enterprise reads its own, officials who read applications all of them, the others none."""
    side = scene.ours
    for firm in (side.firm, side.neighbour):
        side.after_decision(firm)
    award, instalment = side.decided[side.firm.enterprise.pk].award, side.decided[side.firm.enterprise.pk].instalment
    owner, auditor, expert = (
        call(member) for member in (side.firm.people[Role.OWNER], *map(side.staff.get, (Role.AUDITOR, Role.EXPERT)))
    )
    own = owner("GET", "/awards/").json()["results"]
    assert {row["enterprise"] for row in own} == {str(side.firm.enterprise.pk)}
    assert next(row for row in own if row["id"] == str(award.pk))["notice"].endswith("-N-2026-001")
    assert owner("GET", f"/awards/{award.pk}/").json()["payments"][0]["number"] == instalment.number
    other = side.decided[side.neighbour.enterprise.pk].award
    assert owner("GET", f"/awards/{other.pk}/").status_code == 404
    assert {row["award"] for row in owner("GET", "/payments/").json()["results"]} == {row["id"] for row in own}
    assert len(auditor("GET", "/awards/").json()["results"]) == 2 * len(own)
    assert owner("GET", "/payments/?state=lost").status_code == 400
    assert len(auditor("GET", "/notices/").json()["results"]) == 2
    for path in ("/awards/", "/payments/"):
        assert expert("GET", path).status_code == 403
        with django_assert_num_queries(QUERIES_OF_A_LIST + (path == "/awards/")):
            auditor("GET", path)
