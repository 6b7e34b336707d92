import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from parks.choices import Role
from parks.forms.saved_views import kept_query
from parks.models import SavedView
from parks.services import saved_views
from parks.services.saved_views import MOST_VIEWS, TooManyViews, ViewNameTaken, keep_view, remove_view, rename_view
from tenancy.scopes import park_scope
from tests.clients import actor

pytestmark = pytest.mark.django_db
PAGE = "enterprises:enterprise_list"
LIST = reverse(PAGE)
NEW = reverse("parks:saved_view_create")


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def kept(scene):
    """A view of the reviewer, kept by the service."""
    return keep(scene, Role.REVIEWER)


def keep(scene, role, name="Key users", query="key_user=yes", page=PAGE):
    acting = actor(scene.ours.staff[role])
    with park_scope(acting.park_id, acting.author):
        return keep_view(acting, page=page, name=name, query=query, now=timezone.now())


def views_of(scene, role):
    acting = actor(scene.ours.staff[role])
    with park_scope(acting.park_id, acting.author):
        return sorted(SavedView.objects.filter(page=PAGE).values_list("name", "query"))


# What belongs to a view


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("status=active&kind=service", "kind=service&status=active"),
        ("kind=service&page=7&export=csv", "kind=service"),
        ("kind=&q=&sort=-name", "sort=-name"),
        ("q=电池 厂", "q=%E7%94%B5%E6%B1%A0+%E5%8E%82"),
        ("a=1&a=2", "a=1&a=2"),
    ],
)
def test_view_holds_what_narrows_and_orders_in_one_order(query, kept):
    assert kept_query(QueryDict(query)) == kept


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5))
def test_keeping_a_kept_query_changes_nothing(parameters):
    given_query = QueryDict(mutable=True)
    given_query.update(parameters)
    once = kept_query(given_query)
    assert kept_query(QueryDict(once)) == once


# The services


def test_view_is_kept_renamed_and_removed(scene, kept):
    acting = actor(scene.ours.staff[Role.REVIEWER])
    assert views_of(scene, Role.REVIEWER) == [("Key users", "key_user=yes")]

    with park_scope(acting.park_id, acting.author):
        rename_view(acting, kept, name="Large users")
        rename_view(acting, kept, name="Large users")
    assert views_of(scene, Role.REVIEWER) == [("Large users", "key_user=yes")]

    with park_scope(acting.park_id, acting.author):
        remove_view(acting, kept)
        remove_view(acting, kept)
    assert views_of(scene, Role.REVIEWER) == []


def test_name_is_taken_once_by_each_person_on_each_page(scene, kept):
    with pytest.raises(ViewNameTaken):
        keep(scene, Role.REVIEWER)
    keep(scene, Role.REVIEWER, page="incentives:review_queue")
    keep(scene, Role.APPROVER)
    second = keep(scene, Role.REVIEWER, name="Others")

    acting = actor(scene.ours.staff[Role.REVIEWER])
    with pytest.raises(ViewNameTaken), park_scope(acting.park_id, acting.author):
        rename_view(acting, second, name="Key users")


def test_a_person_keeps_so_many_views_of_a_list(scene, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    for number in range(2):
        keep(scene, Role.REVIEWER, name=f"View {number}")
    with pytest.raises(TooManyViews):
        keep(scene, Role.REVIEWER, name="One more")
    assert MOST_VIEWS == 20


def test_only_officials_as_themselves_keep_views(scene, kept):
    owner = actor(scene.ours.firm.people[Role.OWNER])
    for act in (
        lambda: keep_view(owner, page=PAGE, name="x", query="", now=timezone.now()),
        lambda: rename_view(owner, kept, name="x"),
        lambda: remove_view(owner, kept),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_views_of_a_colleague_are_not_seen(scene, kept):
    assert views_of(scene, Role.APPROVER) == []


# The pages


def test_narrowed_list_offers_to_keep_the_view(reviewer):
    assertNotContains(reviewer.get(LIST), NEW)
    assertNotContains(reviewer.get(LIST + "?page=1"), NEW)
    assertContains(reviewer.get(LIST + "?key_user=yes&page=1"), f"{NEW}?page=enterprises%3Aenterprise_list&amp;query=")


def test_view_is_kept_from_the_list_and_stands_above_it(scene, reviewer):
    offered = reviewer.get(NEW, {"page": PAGE, "query": "key_user=yes"})
    assertContains(offered, 'value="key_user=yes"')

    response = reviewer.post(NEW, {"page": PAGE, "query": "key_user=yes&page=3", "name": "Key users"})
    assertRedirects(response, f"{LIST}?key_user=yes")
    assert views_of(scene, Role.REVIEWER) == [("Key users", "key_user=yes")]

    shown = reviewer.get(f"{LIST}?key_user=yes&page=1")
    assert [tab["active"] for tab in shown.context["view_tabs"]] == [True]
    assertContains(shown, "Rename or remove")
    assertNotContains(shown, NEW)


def test_name_that_is_taken_is_said_at_the_field(scene, reviewer, kept):
    response = reviewer.post(NEW, {"page": PAGE, "query": "kind=service", "name": "Key users"})

    assertContains(response, "You already keep a view under this name.", status_code=422)
    assertContains(response, 'value="kind=service"', status_code=422)


@pytest.mark.parametrize(
    "page", ["", "nonsense", "parks:audit_trail", "landing", "enterprises:enterprise_detail", "//evil.example"]
)
def test_only_lists_that_one_may_open_have_views(reviewer, page):
    assert reviewer.get(NEW, {"page": page}).status_code == 404
    assert reviewer.post(NEW, {"page": page, "query": "", "name": "x"}).status_code == 404


def test_view_is_renamed_and_removed_on_its_pages(scene, reviewer, kept):
    edit, remove = reverse("parks:saved_view_edit", args=[kept.pk]), reverse("parks:saved_view_remove", args=[kept.pk])

    assertContains(reviewer.get(edit), remove)
    assertRedirects(reviewer.post(edit, {"name": "Large users"}), f"{LIST}?key_user=yes")
    assert views_of(scene, Role.REVIEWER) == [("Large users", "key_user=yes")]
    assertContains(reviewer.get(remove), "Large users")
    assertRedirects(reviewer.post(remove), f"{LIST}?key_user=yes")
    assert views_of(scene, Role.REVIEWER) == []


def test_view_of_a_colleague_is_no_page(scene, client_of, kept):
    colleague = client_of(scene.ours.staff[Role.APPROVER])
    for name in ("saved_view_edit", "saved_view_remove"):
        assert colleague.get(reverse(f"parks:{name}", args=[kept.pk])).status_code == 404
        assert colleague.post(reverse(f"parks:{name}", args=[kept.pk]), {"name": "x"}).status_code == 404
    assert views_of(scene, Role.REVIEWER) == [("Key users", "key_user=yes")]


def test_people_of_enterprises_keep_no_views(scene, client_of):
    assert client_of(scene.ours.firm.people[Role.OWNER]).get(NEW, {"page": PAGE}).status_code == 403
