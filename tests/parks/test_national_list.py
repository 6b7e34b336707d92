from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from parks.choices import BoundaryType, Province
from parks.models import Park
from parks.national_list import listed_parks
from tenancy.models import AuditEvent
from tenancy.scopes import platform_scope


def test_list_has_its_52_parks_in_order():
    parks = listed_parks()
    assert [park.number for park in parks] == list(range(1, 53))
    assert len({park.slug for park in parks}) == 52
    assert {park.province for park in parks} == set(Province)


def test_list_adds_up_to_the_published_counts():
    parks = listed_parks()
    assert Counter(park.construction_end_year for park in parks) == {2027: 6, 2028: 15, 2029: 6, 2030: 25}
    assert Counter(park.boundary_type for park in parks) == {BoundaryType.PARK_IN_PARK: 46, BoundaryType.WHOLE: 6}
    assert {park.construction_start_year for park in parks} == {2025}


def test_english_and_chinese_names_are_each_in_their_script():
    for park in listed_parks():
        assert park.name_en.isascii(), park.name_en
        assert not any(character.isascii() for character in park.name_zh), park.name_zh


def load():
    answer = StringIO()
    call_command("load_national_list", stdout=answer)
    return answer.getvalue()


@pytest.mark.django_db
def test_command_creates_the_parks_once():
    assert load() == "52 parks created, 0 were there\n"
    assert load() == "0 parks created, 52 were there\n"
    liyang = Park.objects.get(national_list_number=19)
    assert (liyang.slug, liyang.city_en, str(liyang.latitude), liyang.province) == (
        "changzhou-liyang",
        "Changzhou",
        "31.42000",
        Province.JIANGSU,
    )
    with platform_scope():
        assert AuditEvent.objects.filter(table_name="parks_park", action="INSERT").count() == 52


@pytest.mark.django_db
def test_command_leaves_what_an_operator_changed():
    load()
    Park.objects.filter(national_list_number=1).update(name_en="Yizhuang")
    load()
    assert Park.objects.get(national_list_number=1).name_en == "Yizhuang"
