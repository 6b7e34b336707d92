import pytest
from django.db import DatabaseError, connection

from enterprises.models import Enterprise
from enterprises.queries import search
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, park_scope, platform_scope, public_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    park, other = ParkFactory(), ParkFactory()
    for owner in (park, other):
        with park_scope(owner.pk):
            EnterpriseFactory(
                park=owner,
                credit_code="91350200MA2YJ1XR9G",
                name_en="Xiamen Chengguang Optoelectronics",
                name_zh="厦门晨光光电（集团）有限公司",
                contact_name="林悦",
                contact_phone="0592-555 0100",
            )
            EnterpriseFactory(
                park=owner, credit_code="91350213678251743X", name_en="Haicang_Bio 100%", name_zh="海沧生物有限公司"
            )
    return park


def found(park, text):
    with park_scope(park.pk):
        return sorted(Enterprise.objects.search(text).values_list("park_id", "credit_code"))


@pytest.mark.parametrize(
    "text",
    [
        "91350200ma2y",
        "晨光",
        "光",
        "光电(集团)",
        "光电（集团）",
        "CHENGGUANG",
        "opto 厦门",
        "林悦",
        "0592-555",
        "ｘｉａｍｅｎ",
        "  xiamen   1XR9G ",
    ],
)
def test_search_finds_by_code_names_and_contact(park, text):
    assert found(park, text) == [(park.pk, "91350200MA2YJ1XR9G")]


@pytest.mark.parametrize("text", ["100%", "cang_b", "海沧"])
def test_search_takes_wildcards_as_characters(park, text):
    assert found(park, text) == [(park.pk, "91350213678251743X")]


@pytest.mark.parametrize("text", ["晨电", "xiamen 海沧", "%%", "_%", "\\", "'; drop table x --", "x" * 100])
def test_search_finds_nothing_else(park, text):
    assert found(park, text) == []


def test_search_answers_ids_of_the_park_alone(park):
    with park_scope(park.pk), connection.cursor() as cursor:
        cursor.execute("SELECT enterprises_search('有限公司')")
        ids = {row[0] for row in cursor.fetchall()}
        assert ids == set(Enterprise.objects.values_list("pk", flat=True))
        assert len(ids) == 2


def scopes(park):
    with park_scope(park.pk):
        enterprise = Enterprise.objects.first()
    return [enterprise_scope(park.pk, enterprise.pk), public_scope(park.pk), platform_scope()]


@pytest.mark.parametrize("number", range(3))
def test_search_is_for_officials_alone(park, number):
    with (
        pytest.raises(DatabaseError, match="permission denied for function"),
        scopes(park)[number],
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT enterprises_search('有限公司')")


def test_search_outside_a_scope_is_refused(park):
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT enterprises_search('有限公司')")


def test_names_that_are_alike_are_found_by_the_index_of_pairs(park):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'enterprise_search'")
        assert "USING gin (park_id, enterprises_pairs(enterprises_searched_text(" in cursor.fetchone()[0]


def test_search_takes_no_text_apart(park):
    """It reads the kept texts alone, whatever the planner believes of the pairs in them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'enterprises_search'")
        source = cursor.fetchone()[0]
    assert "searched_text LIKE ALL" in source
    assert "enterprises_pairs" not in source


def test_text_that_is_searched_is_not_in_the_trail(park):
    with park_scope(park.pk):
        enterprise = Enterprise.objects.first()
        enterprise.contact_name = "Somebody else"
        enterprise.save(update_fields=["contact_name"])
        assert Enterprise.objects.search("somebody else").get() == enterprise
        change = AuditEvent.objects.of_row("enterprises_enterprise", enterprise.pk).get(action="UPDATE")
    assert change.after == {"contact_name": "Somebody else"}


@pytest.mark.parametrize(
    ("words", "are_left", "names"),
    [
        ("glass", False, {"Glass works"}),
        ("works", True, {"Glass works", "Steel works", "Paper works"}),
        ("nothing", False, set()),
    ],
)
def test_search_once_tells_the_smaller_side(park, monkeypatch, words, are_left, names):
    monkeypatch.setattr(search, "MANY", 2)
    with park_scope(park.pk):
        for name in ("Glass works", "Steel works", "Paper works"):
            EnterpriseFactory(park=park, name_en=name)
        found = search.search_once(words)
        listed = set(Enterprise.objects.filter(found.condition).values_list("name_en", flat=True))
    assert (found.are_left, listed) == (are_left, names)
