"""The cockpit: for officials alone, of the park as a whole, and nothing by which one enterprise's figures are known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.curves import Curve
from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.models import Channel
from energy.queries import cockpit
from energy.queries.cockpit import Shared
from energy.queries.use import Series
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.measured import channel, day_of, meter

pytestmark = pytest.mark.django_db
PAGE = reverse("energy:energy_cockpit")
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
NOW = datetime(2026, 11, 3, 4, 10, tzinfo=UTC)
TODAY = date(2026, 11, 3)


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


def test_a_sum_of_one_enterprise_is_not_shown(park, official):
    gas = Series(Commodity.GAS, Flow.IMPORT, Unit.CUBIC_METRE)
    firms = [EnterpriseFactory(park=park) for _place in range(3)]
    seen = []
    for firm in firms:
        channel(meter(park, firm, commodity=Commodity.GAS), unit=Unit.CUBIC_METRE)
        seen.append(cockpit.shared_series(official)[gas].can_be_shown)
    assert seen == [False, False, True]


def test_what_is_worked_out_of_one_enterprise_is_no_part_of_the_park(park, official):
    gas = Series(Commodity.GAS, Flow.IMPORT, Unit.CUBIC_METRE)
    channel(meter(park, EnterpriseFactory(park=park), commodity=Commodity.GAS), unit=Unit.CUBIC_METRE)
    channel(meter(park, commodity=Commodity.GAS), unit=Unit.CUBIC_METRE, kind=ChannelKind.VIRTUAL)

    assert not cockpit.shared_series(official)[gas].can_be_shown


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
