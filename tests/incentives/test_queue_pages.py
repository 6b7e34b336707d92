"""The officials' queue: saved views, filters, what is not for this person, and how much it reads."""

import csv

import pytest
from django.utils.html import strip_tags

from enterprises.models import DeclaredInterest
from enterprises.permissions import COOLING_OFF
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import ApplicationFactory, submitted
from tests.incentives.cases import NOW, accept, approve, file, give_back
from tests.incentives.pages import address, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(scene):
    """Two filed applications of two enterprises."""
    return scene.ours.firm.application, scene.ours.neighbour.application


def queue(client, **parameters):
    return client.get(address("review_queue"), parameters)


def test_reviewer_begins_with_own_work(scene, both, client_of):
    page = queue(client_of(scene.ours.staff[Role.REVIEWER]))

    assert page.context["view"] == "mine"
    assert shown(page, *both) == list(both)
    assert [(tab["label"], tab["count"]) for tab in page.context["tabs"]] == [
        ("Mine to do", 2),
        ("All waiting", 2),
        ("With the enterprise", 0),
        ("Decided", 0),
    ]


def test_who_decides_nothing_has_no_own_view(scene, both, client_of):
    page = queue(client_of(scene.ours.staff[Role.AUDITOR]))

    assert page.context["view"] == "waiting"
    assert [tab["label"] for tab in page.context["tabs"]] == ["All waiting", "With the enterprise", "Decided"]
    assert shown(page, *both) == list(both)


def test_saved_views_hold_what_they_say(scene, both, client_of):
    first, second = both
    approve(scene.ours, accept(scene.ours, first))
    returned = give_back(scene.ours, file(scene.ours.neighbour))
    client = client_of(scene.ours.staff[Role.AUDITOR])

    assert shown(queue(client, view="waiting"), first, second, returned) == [second]
    assert shown(queue(client, view="returned"), first, second, returned) == [returned]
    assert shown(queue(client, view="decided"), first, second, returned) == [first]


def test_declared_interest_locks_the_row_and_says_why(scene, both, client_of):
    first, _second = both
    reviewer = scene.ours.staff[Role.REVIEWER]
    with park_scope(scene.ours.park.pk):
        DeclaredInterest.objects.create(
            park=scene.ours.park,
            enterprise=scene.ours.firm.enterprise,
            user=reviewer.user,
            reason="brother works there",
        )
    client = client_of(reviewer)

    assert shown(queue(client), first) == []
    page = queue(client, view="waiting")
    assert shown(page, first) == [first]
    assert "Interest declared: not for you" in page.content.decode()


def test_ended_interest_locks_nothing(scene, both, client_of):
    first, _second = both
    reviewer = scene.ours.staff[Role.REVIEWER]
    with park_scope(scene.ours.park.pk):
        DeclaredInterest.objects.create(
            park=scene.ours.park,
            enterprise=scene.ours.firm.enterprise,
            user=reviewer.user,
            reason="brother worked there",
            ended_at=NOW - COOLING_OFF,
        )

    assert shown(queue(client_of(reviewer)), first) == [first]


def test_what_one_checked_is_not_ones_own_to_approve(scene, both, client_of):
    first, _second = both
    reviewer = scene.ours.staff[Role.REVIEWER]
    reviewer.roles = [Role.REVIEWER, Role.APPROVER]
    reviewer.save(update_fields=["roles"])
    accept(scene.ours, first)

    client = client_of(reviewer)

    assert shown(queue(client), first) == []
    assert "You acted in another stage: four eyes" in queue(client, view="waiting").content.decode()


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"q": "first firm"}, ["first"]),
        ({"q": "second firm公司"}, ["second"]),
        ({"amount": "500000"}, ["first", "second"]),
        ({"submitted": "7"}, []),
        ({"programme": "no such programme"}, ["first", "second"]),
    ],
)
def test_filters_narrow_the_view(scene, both, client_of, parameters, expected):
    named = dict(zip(("first", "second"), both, strict=True))

    page = queue(client_of(scene.ours.staff[Role.AUDITOR]), view="waiting", **parameters)

    assert shown(page, *both) == [named[name] for name in expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("6-0001", {1}), ("filed-2026", {0, 1}), ("ＦＩＬＥＤ－2026", {0, 1}), ("FILED 2026", set())],
)
def test_search_finds_a_part_of_a_number(scene, both, client_of, words, expected):
    filed_by(scene.ours, 2)

    page = queue(client_of(scene.ours.staff[Role.AUDITOR]), view="waiting", q=words)

    found = {row.number for row in page.context["table"].page.object_list.data}
    assert found == {f"FILED-2026-{n:04}" for n in expected}


def test_what_is_counted_has_an_end(scene, both, client_of, monkeypatch):
    monkeypatch.setattr("lib.long_lists.MOST_COUNTED", 1)

    page = queue(client_of(scene.ours.staff[Role.REVIEWER]))
    filed = client_of(scene.ours.staff[Role.AUDITOR]).get(address("filed_list"))

    assert [tab["count"] for tab in page.context["tabs"]] == ["1+", "1+", 0, 0]
    assert "1 to 1 of more than 1" in strip_tags(page.content.decode())
    assert "1 to 1 of more than 1" in strip_tags(filed.content.decode())


def test_order_is_by_time_left(scene, client_of):
    later = file(scene.ours.firm)

    page = queue(client_of(scene.ours.staff[Role.AUDITOR]), view="waiting").content.decode()

    assert page.index(str(scene.ours.neighbour.application.pk)) < page.index(str(later.pk))


def test_queue_downloads_as_spreadsheet(scene, both, client_of):
    response = queue(client_of(scene.ours.staff[Role.REVIEWER]), view="waiting", export="csv")

    head, *rows = csv.reader(response.content.decode("utf-8-sig").splitlines())
    assert head == ["Number", "Enterprise", "Programme", "To note", "State", "Requested ¥", "Time left"]
    assert {row[0] for row in rows} == {application.number for application in both}


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REVIEWER, 200),
        (Role.APPROVER, 200),
        (Role.PARK_ADMINISTRATOR, 200),
        (Role.FINANCE_OFFICER, 200),
        (Role.AUDITOR, 200),
        (Role.EXPERT, 403),
        (Role.PARK_ENERGY_MANAGER, 403),
    ],
)
@pytest.mark.parametrize("page", ["review_queue", "filed_list"])
def test_lists_open_for_those_who_read_cases(scene, client_of, page, role, status):
    assert client_of(scene.ours.staff[role]).get(address(page)).status_code == status


def test_enterprises_have_no_queue(scene, client_of):
    assert queue(client_of(scene.ours.firm.people[Role.OWNER])).status_code == 403


def test_other_parks_are_not_in_the_lists(scene, both, client_of):
    client = client_of(scene.others.staff[Role.AUDITOR])

    assert shown(queue(client, view="waiting"), *both) == []
    assert shown(client.get(address("filed_list")), *both) == []


def filed_by(side, count):
    firm = side.firm
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        submitted(firm.draft, "FILED-2026-0000", NOW)
        for n in range(1, count):
            application = ApplicationFactory(
                park=side.park,
                enterprise=firm.enterprise,
                programme_version=side.version,
                started_by=firm.people[Role.APPLICANT].user,
            )
            submitted(application, f"FILED-2026-{n:04}", NOW)


@pytest.mark.parametrize("count", [1, 30])
def test_queue_takes_as_many_queries_for_one_as_for_thirty(scene, client_of, django_assert_num_queries, count):
    filed_by(scene.ours, count)
    client = client_of(scene.ours.staff[Role.REVIEWER])
    queue(client)

    with django_assert_num_queries(15):
        page = queue(client)

    assert page.context["table"].page.paginator.count == count + 2


@pytest.mark.parametrize("count", [1, 30])
def test_filed_list_takes_as_many_queries_for_one_as_for_thirty(scene, client_of, django_assert_num_queries, count):
    filed_by(scene.ours, count)
    client = client_of(scene.ours.staff[Role.AUDITOR])
    client.get(address("filed_list"))

    with django_assert_num_queries(12):
        page = client.get(address("filed_list"))

    assert page.context["table"].page.paginator.count == count + 2
