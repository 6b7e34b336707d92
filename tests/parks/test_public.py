import re
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from parks import colours, page_sections
from parks.choices import BoundaryType, ParkStatus, Province
from parks.models import Park
from parks.queries.construction import construction_of
from tenancy.scopes import current_scope
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000400000004008060000" + "00aa6971de")


def page(client, park, name="public_park"):
    return client.get(reverse(f"parks:{name}", kwargs={"park_slug": park.slug}))


def test_list_shows_what_is_open_to_the_public(client):
    for name, status in (("Open", "active"), ("Held", "suspended"), ("Gone", "archived")):
        ParkFactory(name_en=name, status=status)
    response = client.get(reverse("parks:public_list"))
    assert [park.name_en for park, _other in response.context["entries"]] == ["Held", "Open"]


def test_list_narrows_by_words_and_region(client):
    ParkFactory(name_en="Torch Zone", name_zh="火炬园区", city_en="Xiamen")
    ParkFactory(name_en="Liyang Zone", name_zh="溧阳", province=Province.JIANGSU)
    url = reverse("parks:public_list")

    def found(**query):
        return [park.name_en for park, _other in client.get(url, query).context["entries"]]

    assert found(q="xiamen zone") == ["Torch Zone"]
    assert found(q="溧阳") == ["Liyang Zone"]
    assert found(province="32") == ["Liyang Zone"]
    assert found(province="99") == ["Liyang Zone", "Torch Zone"]
    assert found(q="nowhere") == []
    assert "No park fits this search." in client.get(url, {"q": "nowhere"}).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_list_reads_as_much_for_one_park_as_for_thirty(client, django_assert_num_queries, count):
    for _number in range(count):
        ParkFactory()
    with django_assert_num_queries(2):
        client.get(reverse("parks:public_list"))


def test_page_says_who_and_where(client):
    park = ParkFactory(
        name_en="Tongxiang High-tech City",
        name_zh="同翔高新城",
        description_en="Chips and screens.\n\n<b>Bold</b>",
        city_en="Xiamen",
        area_km2="28.5",
        boundary_type=BoundaryType.PARK_IN_PARK,
        construction_start_year=2025,
        construction_end_year=2029,
        national_list_number=23,
        industries_en="Displays, semiconductors",
        contact_name="Lin Yue",
        contact_phone="0592-000 0000",
    )
    content = page(client, park).content.decode()
    for words in (
        "Tongxiang High-tech City",
        "同翔高新城",
        "Chips and screens.",
        "&lt;b&gt;Bold&lt;/b&gt;",
        "Xiamen, Fujian",
        "28.5\u2009",
        "2025–2029",
        "of 52",
        "Displays, semiconductors",
        "Lin Yue",
        "0592-000 0000",
    ):
        assert words in content, words


def test_page_of_a_park_that_says_little(client):
    response = page(client, ParkFactory(name_en="Bare Zone"))
    assert response.status_code == 200
    assert "The park has not published a contact yet." in response.content.decode()


def test_page_without_a_scope_for_tenant_rows(client):
    """Everything the page reads, it reads as the public of that park."""
    seen = []
    park = ParkFactory()
    page_sections.public_park.register(1, builder := lambda _request, _park: seen.append(current_scope()))
    try:
        page(client, park)
    finally:
        page_sections.public_park.forget(builder)
    assert [(scope.kind, scope.park_id) for scope in seen] == [("app_public", park.pk)]


def test_sections_stand_in_order(client):
    builders = [
        lambda _request, _park, mark=mark: page_sections.Section("components/empty_state.html", {"sentence": mark})
        for mark in ("Second section", "First section")
    ]
    try:
        page_sections.public_park.register(20, builders[0])
        page_sections.public_park.register(10, builders[1])
        content = page(client, ParkFactory()).content.decode()
        assert 0 < content.index("First section") < content.index("Second section")
    finally:
        for builder in builders:
            page_sections.public_park.forget(builder)


def test_suspended_park_says_so(client):
    content = page(client, ParkFactory(status=ParkStatus.SUSPENDED, status_reason="Fees unpaid")).content.decode()
    assert "This park is suspended." in content
    assert "Fees unpaid" not in content


def without_tokens(response):
    """The page without what is random, and without the address it was asked for."""
    return re.sub(r'(content|value)="\w{64}"|/parks/\w+/', "", response.content.decode())


@pytest.mark.parametrize("name", ["public_park", "accent", "logo"])
def test_archived_park_is_as_absent_as_one_that_never_was(client, name):
    gone = page(client, ParkFactory(slug="gone", status=ParkStatus.ARCHIVED), name)
    never = page(client, Park(slug="nono"), name)
    assert gone.status_code == never.status_code == 404
    assert without_tokens(gone) == without_tokens(never)


@pytest.mark.parametrize("name", ["public_park", "accent", "logo"])
def test_public_pages_take_no_writes(client, name):
    park = ParkFactory()
    assert client.post(reverse(f"parks:{name}", kwargs={"park_slug": park.slug})).status_code == 405


def test_accent_is_a_stylesheet_that_is_asked_for_again_cheaply(client):
    park = ParkFactory(accent="#6b2fb3")
    response = page(client, park, "accent")
    assert response.content.decode() == colours.stylesheet("#6b2fb3")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    again = client.get(response.wsgi_request.path, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Park.objects.update(accent="#0b5e59")
    assert client.get(response.wsgi_request.path, headers={"If-None-Match": response["ETag"]}).status_code == 200


def test_logo_is_served_as_a_picture_and_nothing_else(client):
    park = ParkFactory()
    assert page(client, park, "logo").status_code == 404
    park.logo.save("mark.png", ContentFile(PNG))
    response = page(client, park, "logo")
    assert (response.content, response["Content-Type"]) == (PNG, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    park.logo.save("mark.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    assert page(client, park, "logo").status_code == 404


def test_logo_whose_file_is_lost_is_not_found(client):
    park = ParkFactory()
    park.logo.save("mark.png", ContentFile(PNG))
    park.logo.storage.delete(park.logo.name)
    assert page(client, park, "logo").status_code == 404


@pytest.mark.parametrize(
    ("today", "share", "left"),
    [
        (date(2024, 6, 1), 0.0, 5),
        (date(2025, 1, 1), 0.0, 4),
        (date(2027, 7, 2), 0.4995, 2),
        (date(2029, 12, 31), 0.9995, 0),
        (date(2030, 1, 1), 1.0, 0),
    ],
)
def test_construction_runs_from_new_year_to_new_year(today, share, left):
    found = construction_of(Park(construction_start_year=2025, construction_end_year=2029), today)
    assert (round(found.elapsed_share, 4), found.years_left) == (share, left)


def test_construction_of_unknown_length_is_not_drawn():
    assert construction_of(Park(construction_end_year=2029), date(2026, 1, 1)) is None
