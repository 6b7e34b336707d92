"""The pages and the API of energy assets."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from energy.choices import AssetKind, AssetRole, Flow
from energy.models import Asset, AssetChannel, AssetMember
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.energy.test_assets import fill
from tests.enterprises.test_api import call
from tests.factories.assets import asset, link, membership
from tests.factories.measured import channel, meter

pytestmark = pytest.mark.django_db
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
# The frame of a page and what waits; then the groups of the facets, the rows, what measures them, the members of
# microgrids and what measures those, the days of all channels, the person's views.
LIST_QUERIES = 10 + 7
FORM = {
    "owner": "",
    "name": "Roof of hall 9",
    "location": "Hall 9",
    "starts_on": "2026-01-01",
    "peak_power_kwp": "1,250",
    "power_kw": "1200",
    "tilt_degrees": "0",
    "azimuth_degrees": "180",
    "export_limit_kw": "",
    "design_yield_kwh_per_kwp": "",
}


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side, client_of):
    return client_of(side.firm.people[Role.ENERGY_MANAGER])


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_read_assets(side, client_of, role):
    client = client_of(side.staff[role])
    for address in (page("asset_list"), page("asset_detail", side.firm.asset_member.microgrid_id)):
        assert client.get(address).status_code == (200 if role in READERS else 403), address


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_people_of_an_enterprise_read_their_own(side, client_of, role):
    client = client_of(side.firm.people[role])
    listed = client.get(page("asset_list"))
    assertContains(listed, "OURS first firm array")
    assertNotContains(listed, "OURS second firm array")
    assert client.get(page("asset_detail", side.neighbour.asset_member.member_id)).status_code == 404
    is_manager = role == Role.ENERGY_MANAGER
    assert (page("asset_create").encode() in listed.content) is is_manager
    assert client.get(page("asset_create")).status_code == (200 if is_manager else 403)


def test_auditor_is_offered_no_change(side, client_of):
    microgrid = side.firm.asset_member.microgrid_id
    shown = client_of(side.staff[Role.AUDITOR]).get(page("asset_detail", microgrid))
    assertContains(shown, "OURS first firm array")
    assertNotContains(shown, page("asset_edit", microgrid))
    assertNotContains(shown, page("asset_channel_end", side.firm.asset_channel.pk))


def test_list_asks_as_much_for_thirty_assets_as_for_one(side, manager, django_assert_num_queries):
    with park_scope(side.park.pk):
        Asset.objects.update(ends_on=date(2025, 6, 1))
        grid = asset(side.park, kind=AssetKind.MICROGRID, name="A grid")
        membership(grid, asset(side.park, name="B roof"))
        link(grid, channel(meter(side.park)), AssetRole.IMPORT)
    manager.get(page("asset_list"))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(page("asset_list") + "?status=in_service")
    with park_scope(side.park.pk):
        for number in range(30):
            roof = asset(side.park, side.firm.enterprise, name=f"Roof {number:02}")
            measured = channel(meter(side.park, side.firm.enterprise), flow=Flow.GENERATION)
            link(roof, measured, AssetRole.GENERATION)
            membership(grid, asset(side.park, name=f"Shed {number}"))
    with django_assert_num_queries(LIST_QUERIES):
        response = manager.get(page("asset_list") + "?status=in_service")
    assertContains(response, "Roof 07")


def test_list_is_searched_and_narrowed(side, manager):
    with park_scope(side.park.pk):
        asset(side.park, name="Depot chargers", kind=AssetKind.CHARGING, location="North gate")
        asset(side.park, name="Old roof", ends_on=date(2025, 6, 1))

    def names(query):
        listed = manager.get(f"{page('asset_list')}?{query}").content.decode()
        return re.findall(r'<a href="/assets/[0-9a-f-]{36}/">([^<]+)</a>', listed)

    assert names("q=north+depot") == ["Depot chargers"]
    assert names("owner=park") == ["Depot chargers", "Old roof"]
    assert names("kind=charging") == ["Depot chargers"]
    assert names("status=retired") == ["Old roof"]


def measured_roof(side, **facts):
    """A roof of the park whose channel gave 24 kWh on each day of the last two years."""
    today = timezone.localdate()
    measured = channel(meter(side.park, serial="PV-1"), flow=Flow.GENERATION, interval_minutes=60)
    roof = asset(side.park, **{"name": "Roof", "starts_on": date(2020, 1, 1), "peak_power_kwp": 25, **facts})
    link(roof, measured, AssetRole.GENERATION)
    fill(measured, max(measured.meter.starts_on, today - timedelta(days=380)), today, 1.0)
    return roof


def test_array_that_yields_a_third_is_flagged_on_its_page_and_in_the_list(side, manager):
    with park_scope(side.park.pk):
        roof = measured_roof(side)
    assertContains(manager.get(page("asset_list") + "?q=Roof"), "To check")
    shown = manager.get(page("asset_detail", roof.pk))
    # 365 x 24 kWh / 25 kWp = 350.4 kWh/kWp.
    assertContains(shown, "Specific yield is too low to be right.")
    assertContains(shown, "350\u2009kWh/kWp in a year; 600\u2009kWh/kWp to 2,000\u2009kWh/kWp are to be expected.")
    with park_scope(side.park.pk):
        Asset.objects.filter(pk=roof.pk).update(peak_power_kwp=8)
    assertNotContains(manager.get(page("asset_detail", roof.pk)), "too low to be right")


def test_page_says_what_is_not_measured(side, manager):
    with park_scope(side.park.pk):
        roof = measured_roof(side, export_limit_kw=20)
    shown = manager.get(page("asset_detail", roof.pk))
    assertContains(shown, "not measured: no channel for curtailed energy")
    assertContains(shown, "not measured: no channel for irradiance")
    assertContains(shown, "How long it was reached is not known")
    with park_scope(side.park.pk):
        bare = asset(side.park, name="Bare")
    assertContains(manager.get(page("asset_detail", bare.pk)), "Nothing is worked out yet")


@pytest.mark.parametrize("year", ["", "1989", "2025", "9999", "x", "²²²²"])
def test_any_year_of_the_address_has_a_page(side, manager, year):
    microgrid = side.firm.asset_member.microgrid_id
    assert manager.get(f"{page('asset_detail', microgrid)}?year={year}").status_code == 200


def test_list_is_downloaded_with_its_figures(side, manager):
    with park_scope(side.park.pk):
        measured_roof(side, peak_power_kwp=24)
    body = manager.get(page("asset_list") + "?q=Roof&export=csv").content.decode("utf-8-sig")
    head, row = body.strip().replace('"', "").splitlines()
    today = timezone.localdate()
    expected = (today - date(today.year, 1, 1)).days
    assert head.startswith("Asset,Kind,Belongs to,Capacity,Indicator,This year")
    assert f",24\u2009kWp,Specific yield (kWh/kWp),{expected}" in row
    assert ",To check" not in row


def test_asset_is_entered_by_its_kind(side, manager):
    assertContains(manager.get(page("asset_create")), "?kind=storage")
    address = page("asset_create") + "?kind=pv"
    refused = manager.post(address, {**FORM, "peak_power_kwp": ""})
    assert refused.status_code == 422
    assertContains(refused, "peak_power_kwp", status_code=422)
    answer = manager.post(address, FORM)
    with park_scope(side.park.pk):
        entered = Asset.objects.get(name="Roof of hall 9")
    assertRedirects(answer, page("asset_detail", entered.pk))
    assert (entered.kind, entered.peak_power_kwp, entered.tilt_degrees, entered.enterprise_id) == ("pv", 1250, 0, None)


def test_energy_manager_of_an_enterprise_is_not_asked_for_the_owner(side, own_manager):
    address = page("asset_create") + "?kind=building"
    assertNotContains(own_manager.get(address), 'name="owner"')
    own_manager.post(address, {"name": "House", "starts_on": "2026-01-01", "floor_area_m2": "5000"})
    with park_scope(side.park.pk):
        assert Asset.objects.get(name="House").enterprise_id == side.firm.enterprise.pk


def test_asset_is_changed_retired_and_measured(side, manager):
    with park_scope(side.park.pk):
        roof = asset(side.park, name="Roof")
        channel(meter(side.park, serial="PV-1"), flow=Flow.GENERATION)
        channel(meter(side.park, serial="E-1"))
    shown = manager.get(page("asset_edit", roof.pk))
    sent = {name: value for name, value in shown.context["form"].initial.items() if value is not None}
    hidden = {f"initial-{name}": value for name, value in sent.items()}
    answer = manager.post(page("asset_edit", roof.pk), {**sent, **hidden, "name": "North roof"})
    assertRedirects(answer, page("asset_detail", roof.pk))
    linking = {"role": "generation", "channel": "PV-1", "starts_on": "2026-01-01"}
    refused = manager.post(page("asset_channel_create", roof.pk), {**linking, "channel": "E-1"})
    assertContains(refused, "its flow or its unit does not fit", status_code=422)
    refused = manager.post(page("asset_channel_create", roof.pk), {**linking, "channel": "nothing"})
    assertContains(refused, "No channel has this name", status_code=422)
    assertRedirects(manager.post(page("asset_channel_create", roof.pk), linking), page("asset_detail", roof.pk))
    with park_scope(side.park.pk):
        row = AssetChannel.objects.get(asset=roof)
    assertContains(manager.get(page("channel_detail", row.channel_id)), page("asset_detail", roof.pk))
    manager.post(page("asset_channel_end", row.pk), {"ends_on": "2026-01-01"})
    assertNotContains(manager.get(page("asset_detail", roof.pk)), "PV-1")
    manager.post(page("asset_retire", roof.pk), {"ends_on": "2026-02-01"})
    with park_scope(side.park.pk):
        held = Asset.objects.get(pk=roof.pk)
    assert (held.name, held.ends_on) == ("North roof", date(2026, 2, 1))


def test_members_come_and_go(side, manager):
    with park_scope(side.park.pk):
        grid, roof = asset(side.park, kind=AssetKind.MICROGRID, name="Grid"), asset(side.park, name="Roof")
    assert manager.get(page("asset_member_create", roof.pk)).status_code == 404
    assertContains(manager.get(page("asset_member_create", grid.pk)), "Roof")
    sent = {"member": roof.pk, "starts_on": "2026-01-01"}
    assertRedirects(manager.post(page("asset_member_create", grid.pk), sent), page("asset_detail", grid.pk))
    assertContains(manager.get(page("asset_detail", roof.pk)), "Grid")
    with park_scope(side.park.pk):
        row = AssetMember.objects.get(member=roof)
    manager.post(page("asset_member_end", row.pk), {"ends_on": "2026-03-01"})
    with park_scope(side.park.pk):
        assert AssetMember.objects.get(pk=row.pk).ends_on == date(2026, 3, 1)


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_api_lists_assets_to_those_who_read_energy(side, role):
    listed = call(side.staff[role])("GET", "/assets/")
    assert listed.status_code == (200 if role in READERS else 403)


def test_api_tells_the_indicators_of_a_year(side):
    with park_scope(side.park.pk):
        roof = measured_roof(side)
    send = call(side.staff[Role.AUDITOR])
    told = send("GET", f"/assets/{roof.pk}/").json()
    assert (told["kind"], told["peak_power_kwp"], [each["role"] for each in told["channels"]]) == (
        "pv",
        "25.000",
        ["generation"],
    )
    year = send("GET", f"/assets/{roof.pk}/kpis/").json()
    (first, *others) = year["kpis"]
    assert (first["kind"], first["unit"], first["completeness_percent"]) == ("specific_yield", "kWh/kWp", 100.0)
    assert {other["kind"]: other["lacking"] for other in others}["curtailment"] == ["curtailed"]
    assert [doubt["kind"] for doubt in year["doubts"]] == ["too_low"]
    assert send("GET", f"/assets/{roof.pk}/kpis/?year=x").status_code == 400
    this_year = timezone.localdate().year
    assert send("GET", f"/assets/{roof.pk}/kpis/?year={this_year - 1}").status_code == 200
    refused = send("GET", f"/assets/{roof.pk}/kpis/?year={this_year + 1}")
    assert (refused.status_code, f"Write a year from 1990 to {this_year}." in refused.content.decode()) == (400, True)
    own = call(side.firm.people[Role.APPLICANT])
    assert own("GET", f"/assets/{roof.pk}/kpis/").status_code == 404
    grid = own("GET", f"/assets/{side.firm.asset_member.microgrid_id}/").json()
    assert grid["members"] == [str(side.firm.asset_member.member_id)]
