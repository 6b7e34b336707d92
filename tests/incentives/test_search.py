import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from incentives.permissions import READERS
from incentives.search import MOST_SHOWN
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import person

pytestmark = pytest.mark.django_db
PAGE = reverse("incentives:search")
# The frame of a page, then one query for each kind of thing.
SEARCH_QUERIES = 10 + 3
OWN_SEARCH_QUERIES = 10 + 1


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def owner(scene, client_of):
    return client_of(scene.ours.firm.people[Role.OWNER])


def found(client, text):
    """The titles of what was found, by kind."""
    groups = client.get(PAGE, {"q": text}).context["groups"]
    return {group["title"]: [line["title"] for line in group["lines"]] for group in groups}


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_every_official_finds_enterprises_registrations_and_readers_applications(scene, client_of, role):
    client, firm = client_of(scene.ours.staff[role]), scene.ours.firm

    assert found(client, firm.enterprise.credit_code.lower())["Enterprises"] == [firm.enterprise.name_en]
    assert found(client, firm.enterprise.name_zh)["Enterprises"] == [firm.enterprise.name_en]
    assert found(client, firm.registration.number) == {"Registrations": [firm.registration.number]}
    # An expert who could look up a project's number would learn whose it is.
    applications = [firm.application.number] if role in READERS else []
    assert found(client, firm.application.number).get("Applications", []) == applications


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_people_of_an_enterprise_find_their_own_applications_and_nothing_else(scene, client_of, role):
    client, firm, neighbour = client_of(scene.ours.firm.people[role]), scene.ours.firm, scene.ours.neighbour

    assert found(client, firm.application.number) == {"Applications": [firm.application.number]}
    for text in (
        firm.enterprise.credit_code,
        neighbour.enterprise.credit_code,
        neighbour.enterprise.name_en,
        neighbour.application.number,
        neighbour.registration.number,
    ):
        assert found(client, text) == {}


def test_nothing_of_another_park_is_found(scene, client_of, reviewer):
    theirs, colleague = scene.others.firm, client_of(scene.others.staff[Role.REVIEWER])
    for text in ("OTHERS", theirs.registration.number, theirs.enterprise.credit_code):
        assert found(colleague, text) != {}
        assert found(reviewer, text) == {}


def test_page_links_to_what_was_found_and_to_the_whole_list(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(MOST_SHOWN + 1, park=scene.ours.park, contact_name="林悦")

    page = reviewer.get(PAGE, {"q": "林悦"})

    (group,) = page.context["groups"]
    assert len(group["lines"]) == MOST_SHOWN
    assertContains(page, f"{reverse('enterprises:enterprise_list')}?q=%E6%9E%97%E6%82%A6")
    assertContains(page, 'value="林悦"')


@pytest.mark.parametrize(
    "text", ["", "   ", "\0", "zzzz", "%", "_", "'; drop table x --", "<script>", "x" * 300, "a\0b"]
)
def test_whatever_is_typed_is_text(reviewer, text):
    page = reviewer.get(PAGE, {"q": text})

    assert page.status_code == 200
    assert page.context["groups"] == []
    assertNotContains(page, "<script>alert")
    if text.strip("\0 "):
        assertContains(page, "Nothing is called this.")


@pytest.mark.parametrize("rows", [1, 30])
def test_search_takes_the_same_queries_for_any_number_of_hits(scene, reviewer, rows, django_assert_num_queries):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(rows, park=scene.ours.park, contact_name="Lin Yue")
    reviewer.get(PAGE, {"q": "lin"})
    with django_assert_num_queries(SEARCH_QUERIES):
        reviewer.get(PAGE, {"q": "lin"})


def test_own_search_takes_one_query(owner, django_assert_num_queries):
    owner.get(PAGE, {"q": "a"})
    with django_assert_num_queries(OWN_SEARCH_QUERIES):
        owner.get(PAGE, {"q": "a"})


def test_box_stands_in_the_top_bar_of_who_may_search(scene, client_of, reviewer, owner):
    assertContains(reviewer.get("/desk/"), "Search enterprises and applications")
    assertContains(owner.get("/home/"), "Search your applications")

    operator = client_of(person(Role.OPERATOR))
    assertNotContains(operator.get("/operator/parks/"), PAGE)
    assert operator.get(PAGE).status_code == 403
