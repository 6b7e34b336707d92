"""The cockpit: for officials alone, of the park as a whole, and nothing by which one enterprise's figures are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.curves import Curve
from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.models import Channel, SubMeter
from energy.queries import cockpit
from energy.queries.cockpit import Shared
from energy.queries.use import Period, Series
from energy.views import cockpit as views
from lib import formatting
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.measured import channel, day_of, meter

pytestmark = pytest.mark.django_db
PAGE = reverse("energy:energy_cockpit")
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
NOW = datetime(2026, 11, 3, 4, 10, tzinfo=UTC)
TODAY, YESTERDAY, MONTH = date(2026, 11, 3), date(2026, 11, 2), date(2026, 11, 1)
GAS = Series(Commodity.GAS, Flow.IMPORT, Unit.CUBIC_METRE)


@pytest.fixture
def noon(side, monkeypatch):
    """Ten past twelve in Shanghai; no reading but those of the test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return side


@pytest.fixture
def wall(noon, client_of):
    return client_of(noon.staff[Role.PARK_ENERGY_MANAGER])


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_open_it(side, client_of, role):
    assert client_of(side.staff[role]).get(PAGE).status_code == (200 if role in READERS else 403)


def test_people_of_an_enterprise_do_not(side, client_of):
    assert client_of(side.firm.people[Role.ENERGY_MANAGER]).get(PAGE).status_code == 403


def gas_of(park, firm=None, **facts):
    return channel(meter(park, firm, commodity=Commodity.GAS), unit=Unit.CUBIC_METRE, **facts)


def shown_gas(official, month=MONTH):
    """Whether the wall may show what was drawn of gas in a month."""
    found = cockpit.parties_of_months(official, [month])
    return (GAS, month) in found and found[GAS, month].can_be_shown


def test_a_sum_of_one_enterprise_is_not_shown(park, official):
    seen = []
    for firm in [EnterpriseFactory(park=park) for _place in range(3)]:
        day_of(gas_of(park, firm), TODAY, [1.0] * 96)
        seen.append(shown_gas(official))
    assert seen == [False, False, True]


def test_what_is_worked_out_of_one_enterprise_is_no_part_of_the_park(park, official):
    day_of(gas_of(park, EnterpriseFactory(park=park)), TODAY, [1.0] * 96)
    day_of(gas_of(park, kind=ChannelKind.VIRTUAL), TODAY, [1.0] * 96)
    assert not shown_gas(official)


def test_a_channel_of_the_park_out_of_service_hides_nobody(park, official):
    day_of(gas_of(park, ends_on=date(2026, 10, 20)), date(2026, 10, 19), [1.0] * 96)
    firm = gas_of(park, EnterpriseFactory(park=park))
    for day in (date(2026, 10, 19), TODAY):
        day_of(firm, day, [1.0] * 96)
    assert (shown_gas(official, date(2026, 10, 1)), shown_gas(official)) == (True, False)


def test_enterprises_that_gave_nothing_in_a_month_hide_nobody(park, official):
    firms = [gas_of(park, EnterpriseFactory(park=park)) for _place in range(3)]
    for one in firms:
        day_of(one, date(2026, 10, 19), [1.0] * 96)
    day_of(firms[0], TODAY, [1.0] * 96)
    day_of(firms[1], TODAY, [None] * 96)
    assert (shown_gas(official, date(2026, 10, 1)), shown_gas(official)) == (True, False)


@pytest.mark.parametrize("until", [None, date(2026, 11, 20)])
def test_what_a_head_meter_counts_again_hides_nobody(park, official, until):
    head, below = gas_of(park, EnterpriseFactory(park=park)), gas_of(park)
    for one in (head, below):
        day_of(one, TODAY, [1.0] * 96)
    assert shown_gas(official)
    SubMeter.objects.create(park=park, meter=below.meter, head=head.meter, starts_on=date(2026, 10, 1), ends_on=until)
    assert not shown_gas(official)


def test_parties_of_a_day_are_those_that_gave_something_on_it(park, official):
    of = (Commodity.ELECTRICITY, Unit.KWH)
    firms = [channel(meter(park, EnterpriseFactory(park=park))) for _place in range(3)]
    for one in firms:
        day_of(one, YESTERDAY, [1.0] * 96)
    head = channel(meter(park, EnterpriseFactory(park=park)))
    SubMeter.objects.create(park=park, meter=firms[1].meter, head=head.meter, starts_on=TODAY)
    for one in firms[:2]:
        day_of(one, TODAY, [1.0] * 96)
    day_of(firms[2], TODAY, [None] * 96)
    assert cockpit.parties_of_day(official, *of, YESTERDAY) == {Flow.IMPORT: Shared(3, 0, 3)}
    assert cockpit.parties_of_day(official, *of, TODAY) == {Flow.IMPORT: Shared(1, 0, 1)}


def test_parties_are_asked_by_one_statement_each(park, official, django_assert_num_queries):
    for _place in range(4):
        day_of(channel(meter(park, EnterpriseFactory(park=park))), TODAY, [1.0] * 96)
        day_of(gas_of(park), TODAY, [1.0] * 96)
    with django_assert_num_queries(2):
        assert len(cockpit.parties_of_months(official, [date(2026, 10, 1), MONTH])) == 2
        cockpit.parties_of_day(official, Commodity.ELECTRICITY, Unit.KWH, TODAY)


def test_month_that_tells_of_one_enterprise_is_as_if_not_known():
    october, november = Period(date(2026, 10, 1), total=5.0, expected=9), Period(MONTH, total=7.0, expected=9)
    parties = {(GAS, october.starts_on): Shared(3, 0, 3), (GAS, MONTH): Shared(1, 0, 1)}
    assert cockpit.only_shared({GAS: [october, november]}, parties) == {GAS: [october, Period(MONTH)]}
    assert cockpit.only_shared({GAS: [november]}, parties) == {}


@pytest.mark.parametrize(
    ("parties", "shown"),
    [(Shared(0, 1, 1), True), (Shared(1, 1, 2), True), (Shared(1, 0, 3), False), (Shared(2, 0, 2), False)],
)
def test_a_part_of_the_park_hides_what_one_used(parties, shown):
    assert parties.can_be_shown is shown


def test_load_is_of_the_last_step_that_nearly_all_have_given(noon, wall):
    with park_scope(noon.park.pk):
        for count in (48, 48, 47):
            day_of(channel(meter(noon.park)), TODAY, [25.0] * count + [None] * (96 - count))
    day = wall.get(PAGE).context["day"]
    assert (day["load"]["value"], day["load"]["unit"], day["until"], day["is_live"]) == ("300.0", "kW", "11:45", True)


def test_gas_of_one_enterprise_does_not_reach_the_wall(noon, wall):
    with park_scope(noon.park.pk):
        gas_of(noon.park, ends_on=date(2025, 6, 1))
        day_of(gas_of(noon.park, noon.firm.enterprise), TODAY, [100.0] * 96)
    assert wall.get(PAGE).context["others"] == []
    with park_scope(noon.park.pk):
        day_of(gas_of(noon.park), TODAY, [25.0] * 96)
    assert [row["value"] for row in wall.get(PAGE).context["others"]] == ["12,000"]


def test_day_of_one_gateway_does_not_reach_the_wall(noon, wall):
    """Of three enterprises one has delivered: neither its curve nor its sum stands there."""
    with park_scope(noon.park.pk):
        firms = [channel(meter(noon.park, EnterpriseFactory(park=noon.park))) for _place in range(3)]
        day_of(firms[0], TODAY, [7.0] * 48 + [None] * 48)
    assert wall.get(PAGE).context["day"] is None
    with park_scope(noon.park.pk):
        for one in firms[1:]:
            day_of(one, TODAY, [7.0] * 48 + [None] * 48)
    assert wall.get(PAGE).context["day"]["load"]["value"] == "84.00"


def test_a_figure_of_one_enterprise_does_not_reach_the_wall(noon, wall):
    with park_scope(noon.park.pk):
        Channel.objects.filter(enterprise=None).delete()
        day_of(noon.firm.channel, TODAY, [7.0] * 96)
    response = wall.get(PAGE)
    assert response.context["day"] is None
    assertContains(response, "Nothing can be shown yet.")
    assertNotContains(response, noon.firm.enterprise.name_zh)


def test_latest_step_is_not_that_of_a_gateway_ahead():
    present = np.array([10, 10, 9, 2, 0])
    assert cockpit.latest_step(Curve(15, present * 1.0, present, present)) == 2
    nothing = np.zeros(3, dtype=np.int64)
    assert cockpit.latest_step(Curve(15, nothing * np.nan, nothing, nothing)) is None


def test_wall_refreshes_itself_by_its_middle(wall):
    assertContains(wall.get(PAGE), 'hx-trigger="refresh" hx-select="#main"')


def test_latest_day_is_one_that_nearly_all_have_given_of_what_is_drawn(park, official):
    def found():
        return cockpit.latest_day(official, Commodity.ELECTRICITY, Unit.KWH, [Flow.IMPORT], TODAY)

    power = [channel(meter(park)) for _place in range(3)]
    for one in power:
        day_of(one, YESTERDAY, [1.0] * 96)
    day_of(gas_of(park), TODAY, [1.0] * 96)
    day_of(channel(meter(park), flow=Flow.CHARGE), TODAY, [1.0] * 96)
    day_of(channel(meter(park), flow=Flow.IMPORT, unit=Unit.KVARH), TODAY, [1.0] * 96)
    assert found() == YESTERDAY
    day_of(power[0], TODAY, [1.0] * 96)
    assert found() == YESTERDAY
    for one in power[1:]:
        day_of(one, TODAY, [1.0] + [None] * 95)
    assert found() == TODAY


@pytest.mark.parametrize(
    ("own", "drawn", "month", "year"),
    [
        ([10.0, 10.0], [30.0, 90.0], "10.0", 14.286),
        ([10.0, 10.0], [None, 90.0], "10.0", 10.0),
        ([None, 10.0], [30.0, 90.0], "10.0", 10.0),
        ([10.0, 10.0], [30.0, None], None, None),
    ],
)
def test_share_is_of_months_of_which_both_are_known(own, drawn, month, year):
    def months(totals):
        return [Period(date(2026, 10 + place, 1), total=total) for place, total in enumerate(totals)]

    share = views._share(
        {views.ELECTRICITY[Flow.GENERATION]: months(own), views.ELECTRICITY[Flow.IMPORT]: months(drawn)}
    )
    if month is None:
        assert share is None
    else:
        assert share["month"].startswith(month)
        assert share["year"] == pytest.approx(year, abs=0.001)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(96, 96, "+50.0"), (48, 96, formatting.NOTHING), (96, 80, formatting.NOTHING), (0, 96, formatting.NOTHING)],
)
def test_only_complete_days_are_compared(noon, wall, before, after, words):
    with park_scope(noon.park.pk):
        counted = sole_import(noon.park)
        day_of(counted, YESTERDAY - timedelta(days=7), [2.0] * before + [None] * (96 - before))
        day_of(counted, YESTERDAY, [3.0] * after + [None] * (96 - after))
    figure = wall.get(PAGE).context["day"]["figures"][2]
    assert (figure["value"], figure["unit"]) == (words, "" if words == formatting.NOTHING else "%")


def test_a_day_that_is_not_over_is_compared_with_nothing(noon, wall):
    with park_scope(noon.park.pk):
        counted = sole_import(noon.park)
        for day in (TODAY - timedelta(days=7), TODAY):
            day_of(counted, day, [2.0] * 96)
    assert wall.get(PAGE).context["day"]["figures"][2]["value"] == formatting.NOTHING


def sole_import(park):
    """The one channel of which readings of electricity are due."""
    Channel.objects.filter(meter__commodity=Commodity.ELECTRICITY).update(ends_on=date(2026, 1, 1))
    return channel(meter(park))
