"""Pages of a list hold what the whole list holds, in its order, however they are found."""

import pytest
from django.db.models import Value

from lib.long_lists import ListPaginator, LongList, counting, counts
from lib.tables import PortalTable
from parks.models import Park
from tenancy.scopes import platform_scope
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parks():
    """Seven parks, three of one level and four of the other, read as the installation does."""
    made = [ParkFactory(slug=f"long-{n}", level="national" if n % 2 else "provincial") for n in range(7)]
    with platform_scope():
        yield Park.objects.filter(pk__in=[park.pk for park in made])


class Parks(PortalTable):
    class Meta(PortalTable.Meta):
        model = Park
        fields = ("slug", "level")


def pages(table, per_page=2):
    for number in range(1, 5):
        table.paginate(page=number, per_page=per_page)
        yield [park.slug for park in table.page.object_list.data]


def test_pages_follow_one_another_in_the_order_of_a_column(parks):
    assert list(pages(Parks(parks, order_by="-slug"))) == [
        ["long-6", "long-5"],
        ["long-4", "long-3"],
        ["long-2", "long-1"],
        ["long-0"],
    ]


def test_rows_of_equal_rank_stand_on_one_page_each(parks):
    shown = [slug for page in pages(Parks(parks, order_by="level")) for slug in page]

    assert shown == [f"long-{n}" for n in (1, 3, 5, 0, 2, 4, 6)]


def test_what_is_shown_is_read_for_the_page_only(parks, django_assert_num_queries):
    table = Parks(LongList(parks, Park.objects.annotate(told=Value("yes"))), order_by="slug")
    table.paginate(page=2, per_page=3)

    with django_assert_num_queries(1):
        rows = list(table.page.object_list.data)

    assert [(park.slug, park.told) for park in rows] == [("long-3", "yes"), ("long-4", "yes"), ("long-5", "yes")]


def test_a_file_has_every_row(parks):
    head, *rows = Parks(LongList(parks, Park.objects.all(), most=3), order_by="slug").as_values()

    assert head == ["Address", "Level"]
    assert [slug for slug, _level in rows] == [f"long-{n}" for n in range(7)]


@pytest.mark.parametrize(("most", "expected"), [(3, (3, True, 2)), (7, (7, False, 4)), (None, (7, False, 4))])
def test_counting_ends_where_it_is_told_to(parks, most, expected):
    table = Parks(LongList(parks, most=most))
    table.paginate(per_page=2)

    assert isinstance(table.paginator, ListPaginator)
    assert (table.paginator.count, table.paginator.is_cut, table.paginator.num_pages) == expected


def test_known_count_is_not_asked_for_again(parks, django_assert_num_queries):
    table = Parks(LongList(parks, count=5))

    with django_assert_num_queries(0):
        table.paginate(per_page=2)

    assert table.paginator.count == 5


def test_lists_are_counted_in_one_statement(parks, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("lib.long_lists.MOST_COUNTED", 5)
    lists = {"all": parks, "national": parks.filter(level="national"), "none": parks.none()}

    with django_assert_num_queries(1):
        assert counts(counting(lists)) == {"all": 6, "national": 3, "none": 0}
    assert counts(counting(lists, 2)) == {"all": 2, "national": 2, "none": 0}
