"""The pages of metering: the register of meters, the page of a channel, the month."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from energy.choices import Commodity, Flow, Unit
from energy.models import Channel, Meter
from energy.queries.use import Period
from energy.views.overview import changes
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.measured import ESTIMATED, MEASURED, MISSING, channel, day_of, meter
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
# The frame of a page and what waits; then the groups of the facets, the rows, their channels, their last days,
# the person's views.
LIST_QUERIES = 10 + 5
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
FORM = {
    "owner": "",
    "name": "Main intake A",
    "serial": "M-1101",
    "location": "",
    "starts_on": "2026-01-01",
    "point": "electricity:import:kWh",
    "code": "E1",
    "kind": "interval",
    "interval_minutes": "15",
    "multiplier": "80",
    "rated_power_kw": "",
    "dial_limit": "",
}


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side, client_of):
    return client_of(side.firm.people[Role.ENERGY_MANAGER])


# Who reads


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_read_them(side, client_of, role):
    client = client_of(side.staff[role])
    for address in (
        page("meter_list"),
        page("energy_overview"),
        page("meter_detail", side.firm.meter.pk),
        page("channel_detail", side.firm.channel.pk),
    ):
        assert client.get(address).status_code == (200 if role in READERS else 403), address


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_people_of_an_enterprise_read_their_own_meters(side, client_of, role):
    client = client_of(side.firm.people[role])
    listed = client.get(page("meter_list"))
    assertContains(listed, "OURS first firm meter")
    assertNotContains(listed, "OURS second firm meter")
    assert client.get(page("channel_detail", side.firm.channel.pk)).status_code == 200
    assert client.get(page("channel_detail", side.neighbour.channel.pk)).status_code == 404
    is_manager = role == Role.ENERGY_MANAGER
    assert (page("meter_create").encode() in listed.content) is is_manager
    assert client.get(page("meter_create")).status_code == (200 if is_manager else 403)


def test_auditor_is_offered_no_change(side, client_of):
    shown = client_of(side.staff[Role.AUDITOR]).get(page("meter_detail", side.firm.meter.pk))
    assertContains(shown, "OURS first firm meter")
    assertNotContains(shown, page("meter_edit", side.firm.meter.pk))
    assertNotContains(shown, page("channel_edit", side.firm.channel.pk))


# The list


def test_list_asks_as_much_for_thirty_meters_as_for_one(side, manager, django_assert_num_queries):
    with park_scope(side.park.pk):
        Meter.objects.exclude(pk=side.firm.meter.pk).update(ends_on=date(2025, 1, 1))
    manager.get(page("meter_list"))
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(page("meter_list") + "?status=in_service")
    with park_scope(side.park.pk):
        for number in range(30):
            counted = channel(meter(side.park, side.firm.enterprise, name=f"Sub-meter {number}"))
            day_of(counted, date(2026, 11, 3), [1.0] * 96)
    with django_assert_num_queries(LIST_QUERIES):
        response = manager.get(page("meter_list") + "?status=in_service")
    assertContains(response, "2026-11-03")


def test_list_is_searched_and_narrowed(side, manager):
    with park_scope(side.park.pk):
        meter(side.park, name="Well", serial="W-7", commodity=Commodity.WATER, location="North gate")
        meter(side.park, name="Old intake", serial="E-1", ends_on=date(2025, 6, 1))

    def names(query):
        listed = manager.get(f"{page('meter_list')}?{query}").content.decode()
        return re.findall(r'<a href="/meters/[0-9a-f-]{36}/">([^<]+)</a>', listed)

    assert names("q=north+w-7") == ["Well"]
    assert names("owner=park") == ["Old intake", "Well"]
    assert names("commodity=water") == ["Well"]
    assert names("status=retired") == ["Old intake"]
    assert names("q=second+firm") == ["OURS second firm meter"]
    assert names("q=nothing") == []
    assertContains(manager.get(f"{page('meter_list')}?owner=park"), "Electricity (1)")


def test_list_is_downloaded(side, manager):
    told = manager.get(page("meter_list") + "?export=csv").content.decode("utf-8-sig")
    assert '"OURS first firm meter","OURS first firm serial"' in told
    assert '"In service"' in told
    assert "<" not in told


def test_empty_list_invites_to_begin(client_of):
    park = ParkFactory()
    assertContains(client_of(person(Role.PARK_ENERGY_MANAGER, park)).get(page("meter_list")), page("meter_create"))
    assertNotContains(client_of(person(Role.AUDITOR, park)).get(page("meter_list")), page("meter_create"))
    assertContains(client_of(person(Role.AUDITOR, park)).get(page("energy_overview")), "Once a meter is entered")


# What energy managers enter


def test_official_enters_a_meter_of_an_enterprise(side, manager):
    response = manager.post(page("meter_create"), {**FORM, "owner": side.firm.enterprise.credit_code})
    with park_scope(side.park.pk):
        entered = Meter.objects.get(serial="M-1101")
        counted = entered.channels.get()
    assertRedirects(response, page("meter_detail", entered.pk))
    assert entered.enterprise_id == side.firm.enterprise.pk
    assert (counted.flow, counted.unit, counted.multiplier) == (Flow.IMPORT, Unit.KWH, 80)


def test_person_of_an_enterprise_enters_its_own_whatever_is_sent(side, own_manager):
    own_manager.post(page("meter_create"), {**FORM, "owner": side.neighbour.enterprise.credit_code})
    with park_scope(side.park.pk):
        assert Meter.objects.get(serial="M-1101").enterprise_id == side.firm.enterprise.pk


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"owner": "91350200MA2YJ1XR9G"}, "No enterprise of the park has this code."),
        (
            {"serial": "OURS first firm serial"},
            "“OURS first firm meter” of OURS first firm has this serial number at that time.",
        ),
        ({"multiplier": "0"}, "Enter at least"),
        ({"point": "water:import:kWh"}, "Select a valid choice"),
        ({"serial": ""}, "Fill this in."),
        ({"starts_on": "0001-01-01"}, "Enter a day of the years 1990 to 2099."),
        ({"starts_on": "2100-01-01"}, "Enter a day of the years 1990 to 2099."),
    ],
)
def test_what_is_wrong_comes_back(side, manager, wrong, message):
    response = manager.post(page("meter_create"), {**FORM, **wrong})
    assert response.status_code == 422
    assertContains(response, message, status_code=422)


def test_meter_and_channel_are_changed_and_retired(side, manager):
    head, counted = side.firm.meter, side.firm.channel
    told = {"serial": head.serial, "name": "New name", "location": "Hall 2", "starts_on": "2025-01-01"}
    before = {f"initial-{name}": value for name, value in {**told, "name": head.name, "location": ""}.items()}
    assertRedirects(manager.post(page("meter_edit", head.pk), {**told, **before}), page("meter_detail", head.pk))
    facts = {name: FORM[name] for name in ("point", "code", "kind", "interval_minutes", "multiplier")}
    assertRedirects(manager.post(page("channel_edit", counted.pk), facts), page("meter_detail", head.pk))
    further = {**facts, "code": "B1", "point": "electricity:export:kWh"}
    assertRedirects(manager.post(page("channel_create", head.pk), further), page("meter_detail", head.pk))
    retired = manager.post(page("meter_retire", head.pk), {"ends_on": "2026-11-01"})
    assertRedirects(retired, page("meter_detail", head.pk))
    with park_scope(side.park.pk):
        head.refresh_from_db()
        codes = set(head.channels.values_list("code", "flow", "multiplier"))
    assert (head.name, head.location, head.ends_on) == ("New name", "Hall 2", date(2026, 11, 1))
    assert codes == {("E1", "import", 80), ("B1", "export", 80)}
    assertContains(manager.get(page("meter_detail", head.pk)), "Out of service")


def test_page_that_is_out_of_date_reverts_nothing(side, manager):
    """Two people have the page of a channel open; each saves what they changed."""
    with park_scope(side.park.pk):
        counted = channel(meter(side.park, side.firm.enterprise))
    url = page("channel_edit", counted.pk)
    form = manager.get(url).context["form"]
    drawn = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    drawn |= {form[name].html_initial_name: value for name, value in list(drawn.items())}

    manager.post(url, {**drawn, "multiplier": "80"})
    manager.post(url, {**drawn, "rated_power_kw": "500", "point": "electricity:export:kWh"})

    with park_scope(side.park.pk):
        saved = Channel.objects.get(pk=counted.pk)
    assert (saved.multiplier, saved.rated_power_kw, saved.flow) == (80, 500, "export")


# The page of a channel


@pytest.fixture
def measured_day(side):
    """96 quarters of an hour of 1 kWh, but for one of 4 that was estimated and four that are not there."""
    values = [1.0] * 96
    flags = [MEASURED] * 96
    values[41], flags[41] = 4.0, ESTIMATED
    values[80:84], flags[80:84] = [None] * 4, [MISSING] * 4
    with park_scope(side.park.pk):
        day_of(side.firm.channel, date(2026, 11, 3), values, flags)
    return page("channel_detail", side.firm.channel.pk)


def test_channel_shows_the_last_day_with_readings(manager, measured_day):
    shown = manager.get(measured_day).content.decode()
    strip = re.sub(r"<[^>]+>|\s+", " ", shown[shown.index("figure-strip") : shown.index("</dl>")])
    assert (
        re.sub(r"\s+", " ", strip.replace("\u2009", " ").replace("&#8201;", " "))
        .strip()
        .endswith(
            "Use 95.00 kWh 1 interval estimated Highest load 16.00 kW 10:15"
            " Mean load 4.13 kW Completeness 94.8 % 91 of 96 intervals measured"
        )
    )
    assert 'class="chart-dashed" d="M' in shown
    assert shown.count('class="chart-missing"') == 1
    assert "no reading" in shown


def test_channel_shows_the_week_and_the_months(manager, measured_day):
    week = manager.get(f"{measured_day}?view=week&on=2026-11-05")
    assertContains(week, "2026-11-02 to 2026-11-08")
    assertContains(week, '<th scope="row">2026-11-03</th><td class="num">95.00</td><td class="num">16.00</td>')
    assertContains(week, '<th scope="row">2026-11</th><td class="num">95.00</td><td class="num">16.00</td>')
    assertContains(week, 'class="heat-7"')


@pytest.mark.parametrize("query", ["on=2026-02-31", "on=x", "on=0001-01-01", "on=9999-12-31", "view=year"])
def test_channel_takes_any_address(manager, measured_day, query):
    assertContains(manager.get(f"{measured_day}?{query}"), "91 of 96 intervals measured")


def test_readings_are_downloaded_with_what_they_are_worth(manager, measured_day):
    rows = manager.get(f"{measured_day}?export=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 97
    assert rows[1] == '"2026-11-03 00:00:00+08:00","1.0","measured"'
    assert rows[42] == '"2026-11-03 10:15:00+08:00","4.0","estimated"'
    assert rows[81] == '"2026-11-03 20:00:00+08:00","","no reading"'


def test_channel_without_readings_says_so(side, manager):
    shown = manager.get(page("channel_detail", side.firm.channel.pk))
    assertContains(shown, "Nothing is measured yet.")
    assertNotContains(shown, 'class="chart"')


def test_clock_change_has_as_many_intervals_as_the_day(side, client_of):
    park = ParkFactory(time_zone="Europe/London")
    with park_scope(park.pk):
        counted = channel(meter(park))
        day_of(counted, date(2026, 3, 29), [1.0] * 92)
    client = client_of(person(Role.AUDITOR, park))
    address = page("channel_detail", counted.pk)
    assertContains(client.get(address), "92 of 92 intervals measured")
    rows = client.get(f"{address}?export=csv").content.decode("utf-8-sig").splitlines()
    assert rows[5].startswith('"2026-03-29 02:00:00+01:00"')
    assertContains(client.get(f"{address}?on=2026-10-25"), "0 of 100 intervals measured")


# The month


def test_month_tells_enterprises_apart_and_adds_up(side, manager, own_manager):
    with park_scope(side.park.pk):
        day_of(side.firm.channel, date(2026, 10, 3), [1.0] * 96)
        day_of(side.neighbour.channel, date(2026, 10, 3), [3.0] * 96)
        day_of(channel(meter(side.park)), date(2026, 10, 4), [4.0] * 96)
    address = f"{page('energy_overview')}?month=2026-10"
    shown = manager.get(address)
    # 768 kWh in all: half of the park itself, three eighths of the second firm, an eighth of the first.
    for name, use, share in (
        ("The park", "384.0", "50.0"),
        ("OURS second firm", "288.0", "37.5"),
        ("OURS first firm", "96.00", "12.5"),
    ):
        row = rf'>{name}</a></th><td class="num">{re.escape(use)}</td><td class="num">{re.escape(share)}\u2009%</td>'
        assert re.search(row, shown.content.decode()), name
    assertContains(shown, '<th scope="row">Total</th><td class="num">768.0</td><td class="num">100.0\u2009%</td>')
    own = own_manager.get(address)
    assertContains(own, '>OURS first firm meter</a></th><td class="num">96.00</td>')
    assertNotContains(own, "288.0")
    assertNotContains(own, "384.0")


def test_completeness_counts_what_is_due(side, manager):
    """Of a month that runs, what should be there is what is over."""
    today = timezone.now().astimezone().date()
    with park_scope(side.park.pk):
        Meter.objects.filter(pk=side.neighbour.meter.pk).update(ends_on=date(2025, 1, 1))
        for day in (date(2026, 10, 1), date(2026, 10, 2)):
            day_of(side.firm.channel, day, [1.0] * 96)
    shown = manager.get(f"{page('energy_overview')}?month=2026-10")
    # 2 of 31 days.
    assertContains(shown, "6.5\u2009% complete")
    coming = manager.get(f"{page('energy_overview')}?month={today + timedelta(days=60):%Y-%m}")
    assert coming.status_code == 200


def test_month_is_held_against_others_that_are_whole():
    def year(last, before, year_ago, measured=(100, 100, 100)):
        first = [Period(date(2025, 9, 1), year_ago, None, 100, measured[2], 100)]
        between = [Period(date(2026, month, 1), 1.0, None, 100, 100, 100) for month in range(1, 11)]
        ends = [
            Period(date(2026, 8, 1), before, None, 100, measured[1], 100),
            Period(date(2026, 9, 1), last, None, 100, measured[0], 100),
        ]
        return first + between + ends

    today = date(2026, 11, 3)
    assert changes(year(110.0, 100.0, 125.0), today) == ["+10.0\u2009% against 2026-08", "−12.0\u2009% against 2025-09"]
    assert changes(year(110.0, 100.0, 125.0, measured=(100, 50, 100)), today) == ["−12.0\u2009% against 2025-09"]
    assert changes(year(110.0, 0.0, None), today) == []
    assert changes(year(110.0, 100.0, 125.0, measured=(50, 100, 100)), today) == []
    # The month that runs is not over.
    assert changes(year(110.0, 100.0, 125.0), date(2026, 9, 20)) == []


def test_overview_asks_as_much_for_many_meters_as_for_one(side, manager, django_assert_max_num_queries):
    address = f"{page('energy_overview')}?month=2026-10"
    manager.get(address)
    with park_scope(side.park.pk):
        for number in range(12):
            day_of(channel(meter(side.park, side.firm.enterprise, name=f"S {number}")), date(2026, 10, 3), [1.0] * 96)
    # The frame; the series; three of each of them; who used what in four.
    with django_assert_max_num_queries(10 + 1 + 3 + 4):
        manager.get(address)
