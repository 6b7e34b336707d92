"""The pages of tariffs: entered as a notice prints them, read, put in force, and what a channel costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from energy.forms.tariffs import NewTariffForm, VersionForm, initial_of
from energy.models import TariffAssignment, TariffVersion
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.measured import channel, day_of, meter
from tests.factories.tariffs import tariff_version

pytestmark = pytest.mark.django_db
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
# The frame of a page, which counts what waits; then the count, the rows with how many channels, and their versions.
LIST_QUERIES = 10 + 3
FORM = {
    "name": "Large industry, 10 kV",
    "time_zone": "Asia/Shanghai",
    "starts_on": "2026-01-01",
    "source": "",
    "price_sharp": "1.2",
    "price_peak": "1.0123",
    "price_flat": "0.61",
    "price_valley": "0.3",
    "months_1": "1-6, 9-12",
    "hours_1_working_peak": "8:00-12:00，17:00至21:00",
    "hours_1_working_valley": "22:00–06:00",
    "months_2": "7、8月",
    "hours_2_working_sharp": "10:30-12:00",
    "hours_2_holiday_flat": "00:00-24:00",
}


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


def form(**changes):
    return NewTariffForm({**FORM, **changes})


def test_seasons_are_read_as_a_notice_prints_them():
    given = form()

    assert given.is_valid(), given.errors
    assert given.facts["seasons"] == [
        {
            "months": [1, 2, 3, 4, 5, 6, 9, 10, 11, 12],
            **dict.fromkeys(
                ("working", "weekend", "holiday"), "V" * 12 + "F" * 4 + "P" * 8 + "F" * 10 + "P" * 8 + "F" * 2 + "V" * 4
            ),
        },
        {
            "months": [7, 8],
            "working": "F" * 21 + "SSS" + "F" * 24,
            "weekend": "F" * 21 + "SSS" + "F" * 24,
            "holiday": "F" * 48,
        },
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours_1_working_peak": "8-12"}, "hours_1_working_peak"),
        ({"hours_1_working_peak": "8:15-12:00"}, "hours_1_working_peak"),
        ({"hours_1_working_peak": "8:00-25:00"}, "hours_1_working_peak"),
        ({"hours_1_working_valley": "22:00-08:30"}, "hours_1_working_valley"),
        ({"months_1": "1-6"}, "months_1"),
        ({"months_2": "6-8"}, "months_1"),
        ({"months_2": "13"}, "months_2"),
        ({"months_2": "", "months_1": "1-12"}, "months_2"),
        ({"price_sharp": ""}, "price_sharp"),
        ({"price_flat": "-1"}, "price_flat"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(changes, field):
    given = form(**changes)

    assert list(given.errors) == [field]


def test_copy_of_a_version_says_what_the_version_says(park):
    given = form()
    assert given.is_valid()
    version = tariff_version(park, **given.facts)

    copied = VersionForm({name: "" if said is None else str(said) for name, said in initial_of(version).items()})

    assert copied.is_valid(), copied.errors
    assert copied.facts == given.facts


def test_tariff_goes_from_draft_to_force_on_its_pages(side, manager):
    refused = manager.post(page("tariff_create"), {**FORM, "price_sharp": ""})
    assertContains(refused, "The seasons have hours of this period: give its price.", count=2, status_code=422)
    created = manager.post(page("tariff_create"), FORM)
    with park_scope(side.park.pk):
        draft = TariffVersion.objects.get(tariff__name=FORM["name"])
    detail = page("tariff_detail", draft.tariff_id)
    assertRedirects(created, detail)
    assertContains(manager.get(detail), "10:30–12:00")
    manager.post(page("tariff_version_edit", draft.pk), {**FORM, "price_flat": "0.62"})
    seen = {"terms": draft.terms_digest}
    unread = manager.post(page("tariff_version_publish", draft.pk), seen, follow=True)
    assertContains(unread, "Somebody has changed this draft since you read it.")
    with park_scope(side.park.pk):
        draft.refresh_from_db()
    assert draft.is_draft
    shown = manager.get(detail)
    assertContains(shown, f'name="terms" value="{draft.terms_digest}"')
    assertRedirects(manager.post(page("tariff_version_publish", draft.pk), {"terms": draft.terms_digest}), detail)
    assertContains(manager.get(page("tariff_version_create", draft.tariff_id)), 'value="1.0123"')
    second = manager.post(page("tariff_version_create", draft.tariff_id), {**FORM, "starts_on": "2026-07-01"})
    assertRedirects(second, detail)

    with park_scope(side.park.pk):
        said = TariffVersion.objects.filter(tariff=draft.tariff_id).order_by("number")
        rows = [(row.number, row.state, str(row.price_flat)) for row in said]
    assert rows == [(1, "in_force", "0.620000"), (2, "draft", "0.610000")]


def test_channel_is_charged_by_a_tariff_on_its_page(side, manager):
    with park_scope(side.park.pk):
        tariff = tariff_version(side.park, "Two-part").tariff
    address = page("channel_tariff", side.firm.channel.pk)
    sent = {
        "tariff": str(tariff.pk),
        "starts_on": "2026-01-01",
        "charge_basis": "capacity",
        "power_factor_standard": "",
    }

    assertContains(manager.post(address, sent), "Give the capacity that is charged for.", count=2, status_code=422)
    done = manager.post(address, {**sent, "capacity_kva": "1,250"})

    assertRedirects(done, page("channel_cost", side.firm.channel.pk))
    with park_scope(side.park.pk):
        held = TariffAssignment.objects.get(channel=side.firm.channel, tariff=tariff)
        assert (str(held.capacity_kva), held.enterprise_id) == ("1250.000", side.firm.enterprise.pk)


def test_cost_page_tells_the_month_with_its_completeness(side, client_of):
    day = timezone.now().date().replace(day=1) - timedelta(days=40)
    with park_scope(side.park.pk):
        day_of(side.firm.channel, day, [2.5] * 95 + [None])
    client = client_of(side.firm.people[Role.OWNER])

    told = client.get(page("channel_cost", side.firm.channel.pk))
    assertContains(told, "237.5<")
    assertContains(told, "the bill will be higher")
    days = {"from": day.isoformat(), "until": (day + timedelta(days=1)).isoformat()}
    of_days = client.get(page("channel_cost", side.firm.channel.pk), days)
    assertContains(of_days, "1 interval is missing and costs nothing here")
    refused = client.get(page("channel_cost", side.firm.channel.pk), {**days, "until": day.isoformat()})
    assertContains(refused, "Choose two days")
    table = client.get(page("channel_cost", side.firm.channel.pk), {**days, "export": "csv"}).content.decode(
        "utf-8-sig"
    )
    assert len(table.strip().splitlines()) == 1 + 5


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_read_tariffs(side, client_of, role):
    client = client_of(side.staff[role])
    expected = 200 if role in READERS else 403
    addresses = [page("tariff_list"), page("tariff_detail", side.tariff_version.tariff_id)]
    addresses.append(page("channel_cost", side.firm.channel.pk))
    assert [client.get(address).status_code for address in addresses] == [expected] * 3
    assert client.get(page("tariff_create")).status_code == (200 if role == Role.PARK_ENERGY_MANAGER else 403)


def test_people_of_an_enterprise_read_prices_and_their_own_cost(side, client_of):
    client = client_of(side.firm.people[min(ENTERPRISE_ROLES)])
    detail = client.get(page("tariff_detail", side.tariff_version.tariff_id))
    assertContains(detail, side.firm.meter.name)
    assertNotContains(detail, side.neighbour.meter.name)
    assert client.get(page("channel_cost", side.neighbour.channel.pk)).status_code == 404
    assert client.get(page("tariff_version_edit", side.tariff_version.pk)).status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_list_asks_the_same_of_one_tariff_and_of_thirty(side, manager, count, django_assert_num_queries):
    with park_scope(side.park.pk):
        for place in range(count - 1):
            tariff_version(side.park, f"Tariff {place:02}", starts_on=date(2026, 1, 1))
    manager.get(page("tariff_list"))
    with django_assert_num_queries(LIST_QUERIES):
        assertContains(manager.get(page("tariff_list")), "OURS tariff")
    assertContains(manager.get(page("tariff_list"), {"q": "ours"}), "OURS tariff")
    assertNotContains(manager.get(page("tariff_list"), {"q": "no such"}), "OURS tariff")


def test_page_of_a_meter_leads_to_the_cost_of_what_tariffs_charge_for(side, client_of):
    with park_scope(side.park.pk):
        gas = channel(meter(side.park, side.firm.enterprise, commodity="gas"), unit="m3")
    client = client_of(side.firm.people[Role.OWNER])
    assertContains(client.get(page("meter_detail", side.firm.meter.pk)), page("channel_cost", side.firm.channel.pk))
    assertNotContains(client.get(page("meter_detail", gas.meter_id)), page("channel_cost", gas.pk))


def test_months_and_hours_are_not_broken_between_two_lines(side, client_of):
    day = timezone.now().date().replace(day=1) - timedelta(days=40)
    with park_scope(side.park.pk):
        day_of(side.firm.channel, day, [2.5] * 96)
    client = client_of(side.firm.people[Role.OWNER])
    assertContains(client.get(page("channel_cost", side.firm.channel.pk)), '<th scope="row" class="cell-nowrap"><a')
    assertContains(client.get(page("tariff_detail", side.tariff_version.tariff_id)), '<span class="hours">00:00–')


def test_words_that_no_column_holds_are_looked_for(side, client_of):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    assert client.get(reverse("energy:tariff_list"), {"q": "peak\x00"}).status_code == 200
