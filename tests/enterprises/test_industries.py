import csv
from collections import Counter

import pytest
from django import forms
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from enterprises import industries
from enterprises.forms import IndustryField
from parks.choices import Role
from tests.clients import placeless_client

PAGE = "/industries/"
# Session, person, membership and what waits: the page enters no scope, and the table is a file.
PAGE_QUERIES = 5


def codes(text, **options):
    return [found.code for found in industries.find(text, **options)]


class IndustryForm(forms.Form):
    industry_code = IndustryField()


# The table


def test_table_has_every_section_division_and_group_of_the_standard():
    assert Counter(len(code) for code in industries.table() if len(code) < 5) == {1: 20, 3: 97, 4: 473}
    assert [section.code for section in industries.sections()] == list("ABCDEFGHIJKLMNOPQRST")
    assert sorted(industries.section_of_divisions()) == [f"{number:02}" for number in range(1, 98)]


def test_every_line_has_both_names_and_its_group_above_it():
    for code, industry in industries.table().items():
        assert industry.name_zh
        assert industry.name_en
        assert len(code) == 1 or code[:-1] in industries.table() or len(code) == 3


def test_file_has_no_line_twice():
    with industries.SOURCE.open(encoding="utf-8", newline="") as lines:
        counted = Counter(row["code"] for row in csv.DictReader(lines))
    assert set(counted.values()) == {1}


# Codes


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("C3562", "C3562"),
        ("3562", "C3562"),
        ("c3562", "C3562"),
        (" c 35 62 ", "C3562"),
        ("３５６２", "C3562"),
        ("A3562", "C3562"),
        ("06", "B06"),
        ("9999", "9999"),
        ("X9", "X9"),
        ("nonsense", "NONSENSE"),
        ("", ""),
    ],
)
def test_code_is_stored_in_one_form(written, stored):
    assert industries.normalised(written) == stored


@given(st.from_regex(r"[A-Ta-t]?[0-9]{2,4}", fullmatch=True))
def test_normalising_a_code_keeps_its_digits_and_can_be_repeated(written):
    code = industries.normalised(written)

    assert industries.is_known_shape(code)
    assert code[-2:] == written[-2:]
    assert industries.normalised(code) == code


@given(st.text(max_size=20))
def test_no_text_breaks_the_search_or_the_names(text):
    assert len(industries.find(text)) <= industries.SHOWN
    assert isinstance(industries.name_of(text), str)
    industries.nearest(industries.normalised(text))


def test_name_of_a_code_follows_the_language():
    with translation.override("en"):
        assert industries.name_of("C3841") == "Manufacture of lithium-ion batteries"
    with translation.override("zh-hans"):
        assert industries.name_of("3841") == "锂离子电池制造"


def test_undivided_group_is_its_own_class():
    assert industries.name_of("3110") == industries.name_of("311") == "Iron making"


def test_unknown_class_has_no_name_and_the_nearest_group():
    assert industries.name_of("C3545") == ""
    assert industries.nearest("C3545").code == "C354"
    assert industries.nearest("9999") is None


# The search


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("3562", "C3562"),
        ("C356", "C356"),
        ("C", "C"),
        ("锂离子", "C3841"),
        ("锂电池", "C3841"),
        ("光伏", "C3825"),
        ("半导体 设备", "C3562"),
        ("lithium", "C3841"),
        ("Battery", "C384"),
        ("wind power generation", "D4415"),
        ("photovoltaics", "C3825"),
        ("zzz", None),
    ],
)
def test_industry_is_found_by_code_and_by_words_of_both_languages(text, first):
    assert next(iter(codes(text)), None) == first


def test_codes_come_in_the_order_of_the_standard():
    assert codes("384") == ["C384", "C3841", "C3842", "C3843", "C3844", "C3849"]


def test_wrong_letter_before_digits_is_passed_over_as_when_it_is_stored():
    assert codes("D384") == codes("384") != []


def test_letter_alone_lists_its_section():
    assert {code[0] for code in codes("D")} == {"D"}


def test_search_without_words_finds_nothing():
    assert codes("") == codes("   ") == []


# The field


@pytest.mark.parametrize(("typed", "stored"), [("c3562", "C3562"), ("3562", "C3562"), ("9999", "9999"), ("", "")])
def test_field_takes_known_and_unknown_codes(typed, stored):
    form = IndustryForm({"industry_code": typed})

    assert form.is_valid()
    assert form.cleaned_data == {"industry_code": stored}


@pytest.mark.parametrize("typed", ["356-2", "C", "1", "12345", "电池", "C35622", "x" * 13])
def test_field_refuses_what_is_not_written_like_a_code(typed):
    assert list(IndustryForm({"industry_code": typed}).errors) == ["industry_code"]


def test_code_stored_without_its_letter_is_no_change():
    form = IndustryForm({"industry_code": "3562"}, initial={"industry_code": "3562"})
    assert form.changed_data == []
    assert IndustryForm({"industry_code": "3561"}, initial={"industry_code": "3562"}).changed_data == ["industry_code"]


def test_field_tells_the_name_of_its_code_and_that_one_is_unknown(db):
    known, unknown = (str(IndustryForm({"industry_code": code})["industry_code"]) for code in ("C3841", "C3545"))

    assert "Manufacture of lithium-ion batteries" in known
    assert "This code is not in the list here." not in known
    assert "This code is not in the list here." in unknown
    assert "It belongs to C354 Manufacture of machinery for printing" in unknown


# The page


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.mark.django_db
def test_officials_owners_and_people_without_a_place_look_up_industries(scene, client_of):
    for client in (
        client_of(scene.ours.staff[Role.REVIEWER]),
        client_of(scene.ours.firm.people[Role.OWNER]),
        placeless_client(scene.ours.firm.registrant),
    ):
        assertContains(client.get(PAGE), "Manufacturing")
        assertContains(client.get(PAGE, {"q": "lithium"}), "锂离子电池制造")


@pytest.mark.django_db
def test_visitors_are_asked_to_sign_in(client):
    response = client.get(PAGE)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.django_db
def test_field_gets_the_options_alone(reviewer):
    response = reviewer.get(PAGE, {"q": "电池"}, headers={"HX-Request": "true"})

    assertContains(response, 'role="option" id="industry-C384"')
    assertNotContains(response, "<html")


@pytest.mark.django_db
def test_field_is_offered_no_section_and_told_of_no_hit(reviewer):
    manufacturing = reviewer.get(PAGE, {"q": "Manufacturing"}, headers={"HX-Request": "true"})
    assertNotContains(manufacturing, 'id="industry-C"')

    nothing = reviewer.get(PAGE, {"q": "zzz"}, headers={"HX-Request": "true"})
    assertContains(nothing, "A code that is not listed may be typed.")


@pytest.mark.django_db
def test_page_of_industries_reads_no_more_than_its_frame(reviewer, django_assert_num_queries):
    reviewer.get(PAGE)
    with django_assert_num_queries(PAGE_QUERIES):
        reviewer.get(PAGE)
