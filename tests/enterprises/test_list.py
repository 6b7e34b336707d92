import csv
import io
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from enterprises.choices import LabelKind
from enterprises.filters.register import EnterpriseFilter
from enterprises.models import Enterprise, EnterpriseLabel
from enterprises.queries.facets import FACETS, Facets, current_labels
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory, person
from tests.factories.register import paper

pytestmark = pytest.mark.django_db
LIST = reverse("enterprises:enterprise_list")
TODAY = date(2026, 11, 22)
# The frame of a page, then: the groups of all facets, the rows, their labels, the person's views.
LIST_QUERIES = 10 + 4


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def park():
    return ParkFactory()


@pytest.fixture
def official(park):
    return person(Role.REVIEWER, park)


@pytest.fixture
def register(park, official):
    """Four enterprises that differ in everything the list can be narrowed by."""
    with park_scope(park.pk):
        works = EnterpriseFactory(
            park=park, name_en="Alpha Works", name_zh="甲厂", kind="manufacturer", industry_code="C3841"
        )
        service = EnterpriseFactory(
            park=park,
            name_en="Beta Service",
            name_zh="乙服务",
            kind="service",
            industry_code="6513",
            contact_name="林悦",
        )
        EnterpriseFactory(
            park=park, name_en="Gamma Power", name_zh="丙电力", industry_code="D44", is_key_energy_user=True
        )
        suspended = EnterpriseFactory(park=park, name_en="Delta", name_zh="丁", industry_code="")
        Enterprise.objects.filter(pk=suspended.pk).update(status="suspended")
        label(works, official.user, LabelKind.PILOT)
        label(works, official.user, LabelKind.GREEN_FACTORY, valid_until=TODAY - timedelta(days=1))
        label(service, official.user, LabelKind.HIGH_TECH, valid_from=TODAY + timedelta(days=400))
        expiring = paper(works, official.user, "licence.pdf")
        expiring.valid_until = TODAY + timedelta(days=30)
        expiring.save(update_fields=["valid_until"])
    person(Role.OWNER, park, enterprise_id=service.pk)
    return {"works": works, "service": service}


def label(enterprise, by, kind, valid_from=date(2026, 1, 1), valid_until=None):
    return EnterpriseLabel.objects.create(
        park_id=enterprise.park_id,
        enterprise=enterprise,
        kind=kind,
        valid_from=valid_from,
        valid_until=valid_until,
        given_by=by,
        given_by_name=by.name,
    )


def filtered(park, query, today=TODAY):
    narrowed = EnterpriseFilter(QueryDict(query), queryset=Enterprise.objects.filter(park=park), today=today)
    return narrowed, sorted(row.name_en for row in narrowed.qs)


# Narrowing


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alpha Works", "Beta Service", "Delta", "Gamma Power"]),
        ("status=suspended", ["Delta"]),
        ("kind=service", ["Beta Service"]),
        ("section=C", ["Alpha Works"]),
        ("section=I", ["Beta Service"]),
        ("section=D", ["Gamma Power"]),
        ("section=none", ["Delta"]),
        ("label=pilot", ["Alpha Works"]),
        ("label=green_factory", []),
        ("label=high_tech", []),
        ("key_user=yes", ["Gamma Power"]),
        ("key_user=no", ["Alpha Works", "Beta Service", "Delta"]),
        ("owner=yes", ["Beta Service"]),
        ("owner=no", ["Alpha Works", "Delta", "Gamma Power"]),
        ("papers=expiring", ["Alpha Works"]),
        ("kind=manufacturer&label=pilot&papers=expiring&owner=no", ["Alpha Works"]),
        ("q=林悦", ["Beta Service"]),
        ("q=电力&key_user=yes", ["Gamma Power"]),
        ("q=++&kind=nonsense&section=Z&label=x&owner=maybe", ["Alpha Works", "Beta Service", "Delta", "Gamma Power"]),
    ],
)
def test_list_is_narrowed_by_words_and_choices(park, register, query, names):
    with park_scope(park.pk):
        narrowed, found = filtered(park, query)
        counted = narrowed.count_choices()

    assert found == names
    assert counted.total == len(names)


@pytest.mark.parametrize("name", sorted(FACETS))
def test_every_choice_leaves_as_many_as_it_says(park, register, name):
    with park_scope(park.pk):
        for other in ("", "&kind=manufacturer", "&status=active&owner=no"):
            narrowed, _rows = filtered(park, other)
            counts = narrowed.count_choices().counts(name)
            shown = {choice: len(filtered(park, f"{name}={choice}&{other}")[1]) for choice in counts}

            # Of two choices in the same filter the last counts.
            if f"&{name}=" not in other:
                assert {choice: number for choice, number in counts.items() if number} == shown


def test_a_filter_does_not_narrow_its_own_choices(park, register):
    with park_scope(park.pk):
        narrowed, _rows = filtered(park, "kind=service")
        narrowed.count_choices()

    assert ("manufacturer", "Manufacturer (3)") in list(narrowed.form.fields["kind"].choices)
    assert list(narrowed.form.fields["section"].choices) == [
        ("", "Any"),
        ("I", "I Information transmission, software and information technology services (1)"),
    ]


def test_choice_that_leaves_nothing_is_offered_only_while_it_is_chosen(park, register):
    with park_scope(park.pk):
        narrowed, _rows = filtered(park, "label=global_500")
        narrowed.count_choices()

    assert ("global_500", "Project of a Global 500 firm (0)") in list(narrowed.form.fields["label"].choices)
    assert [value for value, _label in narrowed.form.fields["label"].choices] == ["", "global_500", "pilot"]


def test_sections_are_named_in_the_language_of_the_page(park, register):
    with park_scope(park.pk), translation.override("zh-hans"):
        narrowed, _rows = filtered(park, "")
        narrowed.count_choices()
        assert ("C", "C 制造业 (1)") in list(narrowed.form.fields["section"].choices)


GROUPS = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["active", "suspended"]),
            "kind": st.sampled_from(["manufacturer", "service", "other"]),
            "start": st.sampled_from(["C35", "356", "D44", "I65", "99", ""]),
            "is_key_energy_user": st.booleans(),
            "has_owner": st.booleans(),
            "has_expiring_paper": st.booleans(),
            **{f"is_{kind}": st.booleans() for kind in LabelKind.values},
            "count": st.integers(1, 50),
        }
    ),
    max_size=12,
)
CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["active", "suspended"]),
        "kind": st.sampled_from(["manufacturer", "service"]),
        "section": st.sampled_from(["C", "D", "none"]),
        "label": st.sampled_from(LabelKind.values),
        "owner": st.sampled_from(["yes", "no"]),
    },
)


@given(GROUPS, CHOSEN)
def test_counts_add_up(groups, chosen):
    found = Facets(groups, chosen)

    assert found.total <= found.searched == sum(group["count"] for group in groups)
    for name in ("status", "kind", "section", "key_user", "owner"):
        without = Facets(groups, {key: choice for key, choice in chosen.items() if key != name})
        assert sum(found.counts(name).values()) == without.total
        for choice, number in found.counts(name).items():
            assert Facets(groups, {**chosen, name: choice}).total == number


def test_labels_of_all_or_of_some_are_read_at_once(park, register, django_assert_num_queries):
    with park_scope(park.pk):
        with django_assert_num_queries(1):
            everything = current_labels(None, TODAY)
        assert everything == {register["works"].pk: ["pilot"]}
        assert current_labels([register["service"].pk], TODAY) == {}


# The page


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("query", ["", "?q=firm", "?label=pilot&owner=no", "?page=2"])
def test_list_takes_the_same_queries_for_any_number_of_rows(scene, reviewer, rows, query, django_assert_num_queries):
    with park_scope(scene.ours.park.pk):
        made = EnterpriseFactory.create_batch(rows, park=scene.ours.park)
        for enterprise in made:
            label(enterprise, scene.ours.staff[Role.REVIEWER].user, LabelKind.PILOT)
    reviewer.get(LIST)

    with django_assert_num_queries(LIST_QUERIES + query.startswith("?q=")):
        reviewer.get(LIST + query)


def test_list_is_searched_filtered_sorted_and_paged(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory(park=scene.ours.park, name_en="Alpha", name_zh="甲", kind="service")
        EnterpriseFactory(park=scene.ours.park, name_en="Beta", name_zh="乙", kind="service", is_key_energy_user=True)

    def names(query):
        table = reviewer.get(LIST + query).context["table"]
        return [row.record.name_en for row in table.paginated_rows]

    assert names("?q=alph") == ["Alpha"]
    assert names("?kind=service") == ["Alpha", "Beta"]
    assert names("?kind=service&sort=-name") == ["Beta", "Alpha"]
    assert names("?kind=service&key_user=yes") == ["Beta"]
    assert names("?status=suspended") == []
    assert names("?kind=service&per_page=1&page=2") == ["Beta"]
    assert names("?kind=nonsense&key_user=perhaps&sort=nonsense&page=99&q=beta") == ["Beta"]


def test_row_names_the_industry_and_the_labels(scene, reviewer, official):
    with park_scope(scene.ours.park.pk):
        works = EnterpriseFactory(park=scene.ours.park, name_en="Alpha", industry_code="C3841", is_key_energy_user=True)
        label(works, scene.ours.staff[Role.REVIEWER].user, LabelKind.NEAR_ZERO_CARBON_FACTORY)

    response, nobody = reviewer.get(LIST + "?q=alpha"), reviewer.get(LIST + "?q=zzzz")

    for word in ("Manufacture of lithium-ion batteries", "Near-zero carbon", "Key user<"):
        assertContains(response, word)
        assertNotContains(nobody, word)


def test_page_says_how_many_of_each_choice_there_are(scene, reviewer):
    assertContains(reviewer.get(LIST), "Manufacturer (2)")
    assertNotContains(reviewer.get(LIST), "Research and development (")


def test_enterprises_of_other_parks_count_nowhere(scene, reviewer, park, register):
    counted = reviewer.get(LIST).context["filter"].count_choices
    with park_scope(scene.ours.park.pk):
        assert counted().searched == 2


def test_owner_who_left_does_not_count(park, register):
    Membership.objects.filter(enterprise_id=register["service"].pk).update(is_active=False)
    with park_scope(park.pk):
        assert filtered(park, "owner=yes")[1] == []


# The file


def test_list_is_downloaded_whole_and_harmless(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(30, park=scene.ours.park)
        dangerous = EnterpriseFactory(
            park=scene.ours.park, name_en="=cmd|' /C calc'!A0", contact_phone="+86 592", industry_code="C3841"
        )
        label(dangerous, scene.ours.staff[Role.REVIEWER].user, LabelKind.PILOT)

    response = reviewer.get(LIST + "?export=csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    line = next(dict(zip(head, row, strict=True)) for row in rows if "cmd" in row[1])

    assert head[:3] == ["Name in Chinese", "Name in English", "Credit code"]
    assert len(rows) == 33
    assert line["Name in English"] == "'=cmd|' /C calc'!A0"
    assert line["Contact telephone"] == "'+86 592"
    assert line["Industry"] == "Manufacture of lithium-ion batteries"
    assert "Pilot enterprise" in line["Labels"]
    assert reviewer.get(LIST + "?export=xlsx").content.startswith(b"PK")


def test_file_holds_what_the_filters_leave(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory(park=scene.ours.park, name_en="Alpha", kind="logistics")

    response = reviewer.get(LIST + "?kind=logistics&export=csv")
    _head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    assert [row[1] for row in rows] == ["Alpha"]


def test_file_says_where_it_was_cut_short(scene, reviewer, monkeypatch):
    monkeypatch.setattr("enterprises.views.listing.LARGEST_EXPORT", 1)
    response = reviewer.get(LIST + "?export=csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    assert len(rows) == 2
    assert rows[1] == [
        "Only the first 1 rows are in this file. Narrow the list to get the others.",
        *[""] * (len(head) - 1),
    ]


def test_file_takes_the_same_queries_for_any_number_of_rows(scene, reviewer, django_assert_num_queries):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(30, park=scene.ours.park)
    reviewer.get(LIST)
    with django_assert_num_queries(9 + 2):
        reviewer.get(LIST + "?export=csv")


def test_search_puts_the_nearest_first_unless_an_order_is_chosen(park, official, client_of):
    with park_scope(park.pk):
        for number in ("1056", "117", "77", "770"):
            EnterpriseFactory(
                park=park, name_en=f"Import Test {number} Ltd.", name_zh=f"测{number}", contact_phone="77"
            )
    client = client_of(official)

    def shown(query):
        page = client.get(LIST, {"q": "import test 77", **query})
        return [row.record.name_en.split()[2] for row in page.context["table"].page]

    assert shown({}) == ["77", "770", "1056", "117"]
    assert shown({"sort": "name"}) == ["1056", "117", "77", "770"]
    assert shown({"sort": "-name"}) == ["770", "77", "117", "1056"]
