"""The flows of a month: balanced to the kilowatt-hour, drawn, told as tables, and nobody's but one's own."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.flows import NOT_MEASURED, SINKS, SOURCES, balance_of, largest
from energy.choices import Flow
from lib import sankey
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.measured import channel, day_of, meter

pytestmark = pytest.mark.django_db
PAGE = reverse("energy:energy_flows")
COUNTED = st.dictionaries(st.sampled_from([*SOURCES, *SINKS]), st.floats(0, 1e9))


@given(st.dictionaries(st.integers(0, 20), COUNTED))
def test_what_came_is_what_went(flows):
    balance = balance_of(flows)
    assert balance.total == balance.went
    assert all(kwh > 0 for part in (balance.sources, balance.users, balance.sinks) for kwh in part.values())


def test_what_left_without_having_come_is_a_source_of_its_own():
    """The owner's other meters do not make up for it: only their own count."""
    balance = balance_of({"A": {"ev_charging": 30.0, "import": 10.0}, "B": {"import": 100.0}})
    assert balance.sources == {"import": 110, NOT_MEASURED: 20}
    assert (balance.users, balance.sinks) == ({"B": 100}, {"ev_charging": 30})


def test_one_user_is_never_put_together():
    assert largest({"A": 3, "B": 2, "C": 1}, 2) == ([("A", 3), ("B", 2), ("C", 1)], [])


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=9), st.lists(st.floats(1, 1e6), min_size=1, max_size=9))
def test_boxes_of_a_column_neither_overlap_nor_leave_the_drawing(left, right):
    columns = [[(f"l{n}", value) for n, value in enumerate(left)], [(f"r{n}", value) for n, value in enumerate(right)]]
    boxes, _bands = sankey.drawn(columns, [], least=60.0)
    for column in (0, 1):
        edge = 0.0
        for box in (box for box in boxes if box.column == column):
            top, height = (float(each.rstrip("%")) for each in (box.y, box.height))
            assert top >= edge - 0.02
            edge = top + height
        assert edge <= 100.02


@pytest.fixture
def flowing(side):
    """In October 2025 both firms drew, the first one generated, the park charged vehicles that nothing feeds."""
    with park_scope(side.park.pk):
        for place, firm in enumerate((side.firm, side.neighbour)):
            day_of(channel(meter(side.park, firm.enterprise)), date(2025, 10, 1), [10.0 * (place + 1)] * 96)
        own = channel(meter(side.park, side.firm.enterprise), flow=Flow.GENERATION)
        day_of(own, date(2025, 10, 1), [5.0] * 96)
        day_of(channel(meter(side.park), flow=Flow.EV_CHARGING), date(2025, 10, 1), [1.0] * 96)
    return side


def rows(response):
    shown = response.context
    tables = shown["came_table"], shown["went_table"]
    return [{row["line"].label: row["line"].kwh for row in table["rows"]} for table in tables]


def test_official_sees_the_park_balanced(flowing, client_of):
    response = client_of(flowing.staff[Role.PARK_ENERGY_MANAGER]).get(PAGE, {"month": "2025-10"})
    came, went = rows(response)
    assert came == {"Drawn from the grid": 2880, "Own generation": 480, "Not measured at its source": 96}
    assert sorted(went.values()) == [96, 1440, 1920]
    assertContains(response, "Came 3,456 kWh = went 3,456 kWh")


def test_enterprise_sees_its_own_flows_alone(flowing, client_of):
    response = client_of(flowing.firm.people[Role.ENERGY_MANAGER]).get(PAGE, {"month": "2025-10", "by": "section"})
    assert rows(response) == [{"Drawn from the grid": 960, "Own generation": 480}, {"Used on site": 1440}]
    assertNotContains(response, "Not measured at its source")


def test_sections_put_enterprises_together(flowing, client_of):
    client = client_of(flowing.staff[Role.PARK_ENERGY_MANAGER])
    _came, went = rows(client.get(PAGE, {"month": "2025-10", "by": "section"}))
    assert sum(went.values()) == 3456
    assert "Vehicle charging" in went


def test_a_month_without_readings_says_what_belongs_here(flowing, client_of):
    response = client_of(flowing.staff[Role.PARK_ENERGY_MANAGER]).get(PAGE, {"month": "2024-01"})
    assertContains(response, "No electricity was counted in this month.")


def test_flows_are_a_file(flowing, client_of):
    response = client_of(flowing.staff[Role.PARK_ENERGY_MANAGER]).get(PAGE, {"month": "2025-10", "export": "csv"})
    assert '"Own generation","480"' in response.content.decode("utf-8-sig")


def test_flows_ask_as_much_for_ten_owners_as_for_two(flowing, client_of):
    client = client_of(flowing.staff[Role.PARK_ENERGY_MANAGER])
    client.get(PAGE, {"month": "2025-10"})
    with CaptureQueriesContext(connection) as for_two:
        client.get(PAGE, {"month": "2025-10"})
    with park_scope(flowing.park.pk):
        for _place in range(8):
            firm = EnterpriseFactory(park=flowing.park)
            day_of(channel(meter(flowing.park, firm)), date(2025, 10, 1), [1.0] * 96)
    with CaptureQueriesContext(connection) as for_ten:
        assertContains(client.get(PAGE, {"month": "2025-10"}), "All others (5)")
    assert len(for_ten) == len(for_two)
