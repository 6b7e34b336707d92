import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from parks.choices import ParkStatus, Province, Role
from parks.models import CalendarYear, Invitation, Park
from parks.queries.operator import PLACES, Overview, profile_of
from tenancy.scopes import platform_scope
from tests.browser_forms import sent
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
NAMES = (
    "park_list",
    "overview",
    "park_create",
    "park_detail",
    "park_edit",
    "park_suspend",
    "park_archive",
    "support_session_list",
    "support_session_start",
    "installation_people",
)
FOR_OBSERVERS = {"park_list", "overview"}


def address(name, park):
    takes_park = name not in {
        "park_list",
        "overview",
        "park_create",
        "support_session_list",
        "support_session_end",
        "installation_people",
    }
    return reverse(f"parks:{name}", kwargs={"park_id": park.pk} if takes_park else None)


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_for_the_operator(scene, client_of, name):
    response = client_of(scene.operator).get(address(name, scene.ours.park))
    assert response.status_code == 200
    assert f"parks/{name}.html" in [template.name for template in response.templates]


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_for_the_observer_only_where_facts_are_public(scene, client_of, name):
    response = client_of(scene.observer).get(address(name, scene.ours.park))
    assert response.status_code == (200 if name in FOR_OBSERVERS else 403)


@pytest.mark.parametrize("name", [*NAMES, "support_session_end"])
@pytest.mark.parametrize("role", [Role.PARK_ADMINISTRATOR, Role.AUDITOR])
def test_page_is_closed_to_the_staff_of_a_park(scene, client_of, name, role):
    client = client_of(scene.ours.staff[role])
    assert client.get(address(name, scene.ours.park)).status_code == 403
    assert client.post(address(name, scene.ours.park)).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_page_sends_a_stranger_to_sign_in(scene, client, name):
    response = client.get(address(name, scene.ours.park))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", ["park_detail", "park_edit", "park_suspend", "support_session_start"])
def test_park_that_does_not_exist_is_not_found(scene, client_of, name):
    response = client_of(scene.operator).get(reverse(f"parks:{name}", kwargs={"park_id": 999_999}))
    assert response.status_code == 404


# the list


def names_on(response):
    return [row.record.name_en for row in response.context["table"].page]


def test_list_narrows_sorts_and_pages(scene, client_of):
    for number in range(1, 31):
        ParkFactory(
            slug=f"works-{number:02d}",
            name_en=f"Works {number:02d}",
            province=Province.JILIN,
            construction_end_year=2031 - number % 3,
        )
    client, url = client_of(scene.operator), reverse("parks:park_list")
    assert len(names_on(client.get(url))) == 25
    assert len(names_on(client.get(url, {"page": 2}))) == 7
    assert names_on(client.get(url, {"province": Province.FUJIAN})) == ["Secret Harbour", "Torch Zone"]
    assert names_on(client.get(url, {"q": "works-07"})) == ["Works 07"]
    assert names_on(client.get(url, {"q": "火炬"})) == ["Torch Zone"]
    found = names_on(client.get(url, {"q": "works", "sort": "-construction_end_year"}))
    assert (found[0], found[-1]) == ("Works 30", "Works 17")
    assert names_on(client.get(url, {"administrator": "missing", "q": "torch"})) == []


def test_list_that_finds_nothing_says_so(scene, client_of):
    response = client_of(scene.operator).get(reverse("parks:park_list"), {"q": "nowhere"})
    assert "Nothing fits these filters." in response.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_list_reads_as_much_for_one_park_as_for_thirty(client_of, django_assert_num_queries, count):
    for _number in range(count):
        ParkFactory()
    client = client_of(person(Role.OPERATOR))
    client.get(reverse("parks:park_list"))
    with django_assert_num_queries(11):
        client.get(reverse("parks:park_list"))


@pytest.mark.parametrize("count", [1, 30])
def test_overview_reads_as_much_for_one_park_as_for_thirty(client_of, django_assert_num_queries, count):
    for _number in range(count):
        ParkFactory()
    client = client_of(person(Role.OPERATOR))
    client.get(reverse("parks:overview"))
    with django_assert_num_queries(13):
        client.get(reverse("parks:overview"))


def test_tiles_carry_the_short_names_of_regions_and_explain_them():
    with translation.override("zh-hans"):
        tiles = Overview([]).tiles(str, str)
        named = {str(tile["title"]): tile["label"] for tile in tiles}
    assert (named["内蒙古自治区"], named["新疆生产建设兵团"], max(map(len, named.values()))) == ("内蒙古", "兵团", 3)


def test_profile_shows_what_is_given_with_long_texts_last_and_names_the_rest(scene):
    park = ParkFactory(description_en="A long text.", area_km2=None)
    profile = profile_of(park)
    assert [row.label for row in profile.rows if row.is_long] == [profile.rows[-1].label] == ["Description in English"]
    assert "Area (km²)" in profile.not_given
    assert not {row.label for row in profile.rows} & set(profile.not_given)


def test_new_park_asks_for_a_province(scene, client_of):
    page = client_of(scene.operator).get(reverse("parks:park_create")).content.decode()
    assert '<option value="" selected>Choose a province</option>' in page
    assert "-----" not in page


def test_export_has_every_park_with_both_names(scene, client_of):
    for _number in range(30):
        ParkFactory()
    response = client_of(scene.operator).get(reverse("parks:park_list"), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 32
    torch = next(row for row in rows if row["Park"] == "Torch Zone")
    assert (torch["Name in Chinese"], torch["Region"], torch["Status"]) == ("火炬园区", "Fujian", "Active")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_says_where_it_was_cut_short(scene, client_of, monkeypatch, kind):
    monkeypatch.setattr("lib.tables.LARGEST_EXPORT", 1)
    content = client_of(scene.operator).get(reverse("parks:park_list"), {"export": kind}).content
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert rows[-1][0] == "Only the first 1 rows are in this file. Narrow the list to get the others."
    assert len(rows[-1]) == len(rows[0])


def test_observer_sees_no_archived_park(scene, client_of):
    ParkFactory(name_en="Given up", status=ParkStatus.ARCHIVED)
    url = reverse("parks:park_list")
    assert names_on(client_of(scene.operator).get(url, {"q": "given"})) == ["Given up"]
    assert names_on(client_of(scene.observer).get(url, {"q": "given"})) == []


def test_observer_is_led_to_the_public_pages(scene, client_of):
    for name in ("park_list", "overview"):
        content = client_of(scene.observer).get(reverse(f"parks:{name}")).content.decode()
        assert f"/parks/{scene.ours.park.slug}/" in content
        assert "/operator/parks/" + str(scene.ours.park.pk) not in content


# the overview


def test_every_region_has_its_place_in_the_diagram():
    assert set(PLACES) == set(Province)
    assert len({(place.row, place.column) for place in PLACES.values()}) == 32


def park(number, year, province=Province.JILIN):
    return Park(pk=number, name_en=f"Park {number}", province=province, construction_end_year=year)


def test_overview_counts_by_year_and_region():
    found = Overview([park(1, 2030), park(2, 2027), park(3, 2030, Province.XPCC), park(4, None)])
    assert dict(found.end_years) == {2027: 1, 2030: 2}
    assert found.region_rows() == [(Province.JILIN, [1, 1], 1, 3), (Province.XPCC, [0, 1], 0, 1)]
    assert (found.province_count, found.has_corps, found.unknown_end_count) == (1, True, 1)


def test_overview_shades_the_earliest_year_darkest():
    parks = [park(year, year) for year in range(2027, 2033)] + [park(1, None)]
    found = Overview(parks)
    assert [found.step_of(one) for one in parks] == [4, 3, 2, 1, 1, 1, 0]
    assert found.steps() == [(4, 2027, False), (3, 2028, False), (2, 2029, False), (1, 2030, True)]


def test_overview_shows_what_needs_attention_to_the_operator_alone(scene, client_of):
    with platform_scope():
        for year in (timezone.localdate().year, timezone.localdate().year + 1):
            CalendarYear.objects.get_or_create(year=year, defaults={"source": "Notice", "confirmed_at": timezone.now()})
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED, status_reason="Fees unpaid")
    ParkFactory(name_en="Nobody there")
    url = reverse("parks:overview")
    titles = [task["title"] for task in client_of(scene.operator).get(url).context["attention"]]
    assert titles == ["Torch Zone", "1 park without an administrator"]
    observed = client_of(scene.observer).get(url)
    assert observed.context["attention"] == []
    assert "Fees unpaid" not in observed.content.decode()


# acts

PROFILE = {
    "slug": "Liyang",
    "name_en": "Liyang Zone",
    "name_zh": "溧阳高新区",
    "level": "national",
    "province": "32",
    "boundary_type": "park_in_park",
    "construction_start_year": "2025",
    "construction_end_year": "2029",
    "time_zone": "Asia/Shanghai",
    "currency": "CNY",
}


def test_operator_creates_a_park(client_of):
    client = client_of(person(Role.OPERATOR))
    response = client.post(reverse("parks:park_create"), PROFILE)
    created = Park.objects.get()
    assert response.url == reverse("parks:park_detail", kwargs={"park_id": created.pk})
    assert (created.slug, created.name_zh, created.construction_end_year) == ("liyang", "溧阳高新区", 2029)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "torch"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "a_b"}, "slug"),
        ({"construction_end_year": "2024"}, "construction_end_year"),
        ({"construction_end_year": "29"}, "construction_end_year"),
        ({"latitude": "91"}, "latitude"),
        ({"area_km2": "-1"}, "area_km2"),
        ({"name_zh": ""}, "name_zh"),
    ],
)
def test_bad_profile_comes_back_with_its_error(client_of, change, field):
    ParkFactory(slug="torch")
    response = client_of(person(Role.OPERATOR)).post(reverse("parks:park_create"), PROFILE | change)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert Park.objects.count() == 1


def test_operator_and_administrator_overwrite_nothing_of_each_other(scene, client_of):
    operator, administrator = client_of(scene.operator), client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    url = reverse("parks:park_edit", kwargs={"park_id": scene.ours.park.pk})
    own_url = reverse("parks:park_profile_edit")
    opened, own = operator.get(url).context["form"], administrator.get(own_url).context["form"]

    administrator.post(own_url, sent(own, contact_name="Lin Yue"))
    operator.post(url, sent(opened, construction_end_year="2031"))
    administrator.post(own_url, sent(own, city_en="Xiamen"))

    park = Park.objects.get(pk=scene.ours.park.pk)
    assert (park.contact_name, park.construction_end_year, park.city_en) == ("Lin Yue", 2031, "Xiamen")


def test_two_operators_do_not_turn_the_period_around(scene, client_of):
    operator = client_of(scene.operator)
    url = reverse("parks:park_edit", kwargs={"park_id": scene.ours.park.pk})
    opened = operator.get(url).context["form"]

    operator.post(url, sent(opened, construction_end_year="2030"))
    response = operator.post(url, sent(opened, construction_start_year="2031"))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["construction_end_year"]


def test_operator_edits_the_profile(scene, client_of):
    url = reverse("parks:park_edit", kwargs={"park_id": scene.ours.park.pk})
    response = client_of(scene.operator).post(url, PROFILE | {"slug": scene.ours.park.slug})
    assert response.status_code == 302
    assert Park.objects.get(pk=scene.ours.park.pk).name_en == "Liyang Zone"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("park_suspend", ParkStatus.ACTIVE, ParkStatus.SUSPENDED),
        ("park_resume", ParkStatus.SUSPENDED, ParkStatus.ACTIVE),
        ("park_archive", ParkStatus.SUSPENDED, ParkStatus.ARCHIVED),
    ],
)
def test_status_changes_with_a_reason_only(client_of, name, before, after):
    changed = ParkFactory(status=before)
    client, url = client_of(person(Role.OPERATOR)), reverse(f"parks:{name}", kwargs={"park_id": changed.pk})
    assert client.get(url).status_code == 200
    assert [client.post(url, {"reason": blank}).status_code for blank in (" ", "\u200b")] == [422, 422]
    assert Park.objects.get().status == before
    assert client.post(url, {"reason": "Agreed with the zone"}).status_code == 302
    changed.refresh_from_db()
    assert (changed.status, changed.status_reason) == (after, "Agreed with the zone")


@pytest.mark.parametrize(
    ("name", "status"),
    [("park_suspend", ParkStatus.SUSPENDED), ("park_resume", ParkStatus.ACTIVE), ("park_edit", ParkStatus.ARCHIVED)],
)
def test_act_out_of_place_is_forbidden(client_of, name, status):
    one = ParkFactory(status=status)
    url = reverse(f"parks:{name}", kwargs={"park_id": one.pk})
    assert client_of(person(Role.OPERATOR)).post(url, {"reason": "Because"}).status_code == 403


def test_operator_invites_the_first_administrator(client_of):
    one = ParkFactory()
    url = reverse("parks:park_detail", kwargs={"park_id": one.pk})
    assert client_of(person(Role.OPERATOR)).post(url, {"email": "Lin@Torch.example"}).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.park_id, invitation.email, invitation.roles) == (
        one.pk,
        "lin@torch.example",
        [Role.PARK_ADMINISTRATOR],
    )


def test_nobody_is_invited_twice_over(scene, client_of):
    url = reverse("parks:park_detail", kwargs={"park_id": scene.ours.park.pk})
    there = scene.ours.staff[Role.PARK_ADMINISTRATOR].user.email
    response = client_of(scene.operator).post(url, {"email": there})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["email"])


def test_operator_lets_themselves_in_nowhere(scene, client_of):
    """A support session is asked for, ends, and stands in the park's history; a place of their own would not."""
    url = reverse("parks:park_detail", kwargs={"park_id": scene.ours.park.pk})
    response = client_of(scene.operator).post(url, {"email": scene.operator.user.email.upper()})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["email"])
    assert not Invitation.objects.filter(email=scene.operator.user.email).exists()


def test_detail_shows_staff_and_history(scene, client_of):
    client, url = client_of(scene.operator), reverse("parks:park_detail", kwargs={"park_id": scene.ours.park.pk})
    client.post(reverse("parks:park_suspend", kwargs={"park_id": scene.ours.park.pk}), {"reason": "Fees unpaid"})
    response = client.get(url)
    assert {membership.pk for membership in response.context["staff"]} == {
        membership.pk for membership in scene.ours.staff.values()
    }
    latest = response.context["history"][0]
    assert (latest.by, latest.fields) == (
        scene.operator.user.name,
        [("Status", "Active", "Suspended"), ("Reason", "–", "Fees unpaid")],
    )
    assert "OTHERS" not in response.content.decode()


def test_operator_invites_an_observer(client_of):
    client = client_of(person(Role.OPERATOR))
    url = reverse("parks:installation_people")
    assert client.post(url, {"email": "a@example.com", "roles": ["reviewer"]}).status_code == 422
    assert client.post(url, {"email": "a@example.com", "roles": ["observer"]}).status_code == 302
    assert Invitation.objects.get().park_id is None
