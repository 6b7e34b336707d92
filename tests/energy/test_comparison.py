"""The load curve over a month, and beside another time or another channel."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.measured import channel, day_of, meter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(side):
    with park_scope(side.park.pk):
        found = channel(meter(side.park, side.firm.enterprise, name="Press shop"))
        for day, value in ((date(2025, 10, 6), 5.0), (date(2025, 10, 7), 10.0), (date(2025, 10, 31), 1.0)):
            day_of(found, day, [value] * 96)
    return found


@pytest.fixture
def manager(side, client_of):
    return client_of(side.staff[Role.PARK_ENERGY_MANAGER])


def page(of):
    return reverse("energy:channel_detail", args=[of.pk])


def test_a_month_is_drawn_with_its_days_as_a_table(manager, counted):
    response = manager.get(page(counted), {"view": "month", "on": "2025-10-15"})
    assert len(response.context["table"]["rows"]) == 31
    assert response.context["figures"][0]["value"] == "1,536"
    assert response.context["previous"] == date(2025, 9, 1)
    assert response.context["next"] == date(2025, 11, 1)


def test_another_day_lies_beside_the_curve_and_stretches_its_scale(manager, counted):
    alone = manager.get(page(counted), {"on": "2025-10-06"}).context["chart"]
    assert (alone["reference"], alone["marks"][0]) == ("", "20")
    response = manager.get(page(counted), {"on": "2025-10-06", "with": "2025-10-07"})
    chart = response.context["chart"]
    assert (chart["marks"][0], chart["highest"], chart["reference_words"]) == ("40", "20.00\u2009kW", "2025-10-07")
    assert chart["reference"].startswith("M5.2 0L")
    assertContains(response, "2025-10-07: 960.0\u2009kWh, 100.0\u2009% complete")


def test_another_channel_lies_beside_the_curve(side, manager, counted):
    with park_scope(side.park.pk):
        other = channel(meter(side.park, side.firm.enterprise, name="Paint shop"), interval_minutes=60)
        day_of(other, date(2025, 10, 6), [7.0] * 24)
    response = manager.get(page(counted), {"on": "2025-10-06", "beside": str(other.pk)})
    assert response.context["chart"]["reference_words"] == "Paint shop · Electricity drawn, 2025-10-06"
    assertContains(response, f"&amp;beside={other.pk}")


def test_nobody_compares_with_a_channel_of_another_enterprise(side, client_of, counted):
    client = client_of(side.firm.people[Role.ENERGY_MANAGER])
    foreign = side.neighbour.channel
    response = client.get(page(counted), {"on": "2025-10-06", "beside": str(foreign.pk)})
    assert response.context["chart"]["reference"] == ""
    assertNotContains(response, f'value="{foreign.pk}"')


@pytest.mark.parametrize("asked", [{"with": "2025-13-40"}, {"with": "yesterday"}, {"beside": "no"}, {"view": "year"}])
def test_what_makes_no_sense_compares_with_nothing(manager, counted, asked):
    response = manager.get(page(counted), {"on": "2025-10-06", **asked})
    assert response.status_code == 200
    assert response.context["chart"]["reference"] == ""
