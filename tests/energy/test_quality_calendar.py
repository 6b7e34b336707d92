"""The calendar of data quality: each day as complete as its readings, and the way to its work."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from energy.choices import Commodity, IssueState, QualityRule, Severity
from energy.models import Channel, ReadingIssue
from energy.queries import quality_days
from energy.queries.use import Period
from energy.views.quality import state_of
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.measured import ESTIMATED, MEASURED, channel, day_of, meter

pytestmark = pytest.mark.django_db
PAGE = reverse("energy:quality_calendar")
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
ALL = {"words": "", "commodity": "", "owner": "", "channel": ""}
TODAY = date(2026, 11, 22)


def issue(of, day, state=IssueState.OPEN, rule=QualityRule.SPIKE):
    told = {"rule": rule, "severity": Severity.WARNING, "state": state, "places": [1], "fingerprint": "f"}
    return ReadingIssue.objects.create(park_id=of.park_id, enterprise_id=of.enterprise_id, channel=of, day=day, **told)


def test_a_year_is_asked_by_three_statements(park, official, django_assert_num_queries):
    one, two = channel(meter(park, starts_on=date(2026, 3, 2))), channel(meter(park), interval_minutes=60)
    day_of(one, date(2026, 3, 2), [1.0] * 96, [ESTIMATED] * 6 + [MEASURED] * 90)
    day_of(two, date(2026, 3, 2), [1.0] * 20 + [None] * 4)
    issue(one, date(2026, 3, 2))
    issue(two, date(2026, 3, 2), IssueState.ASKED)
    issue(two, date(2026, 3, 2), IssueState.ACCEPTED, QualityRule.FROZEN)
    with django_assert_num_queries(3):
        asked = quality_days.channels_asked(official, **ALL)
        days = quality_days.days_of_year(asked, 2026, zone_name=park.time_zone, today=TODAY)
    assert len(days) == 365
    found = {each.day: each for each in days}
    day = found[date(2026, 3, 2)]
    assert (day.period.present, day.period.measured, day.period.expected, day.waiting) == (116, 110, 120, 2)
    assert found[date(2026, 3, 1)].period.expected == 24
    assert found[TODAY].period.expected == 0


@pytest.mark.parametrize(
    ("present", "measured", "state"),
    [(1000, 1000, "complete"), (985, 985, "nearly"), (1000, 900, "filled"), (900, 900, "missing")],
)
def test_days_are_told_apart(present, measured, state):
    day = quality_days.QualityDay(Period(TODAY, present=present, measured=measured, expected=1000))
    assert state_of(day) == state
    assert state_of(quality_days.QualityDay(Period(TODAY))) == "none"


def test_what_the_park_has_not_confirmed_is_not_due_to_it(park, official):
    firm = EnterpriseFactory(park=park)
    for facts in ({}, {"confirmed_at": None}):
        channel(meter(park, firm, **facts))
    assert quality_days.channels_asked(official, **ALL).count() == 1


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_read_it(side, client_of, role):
    assert client_of(side.staff[role]).get(PAGE).status_code == (200 if role in READERS else 403)


def test_enterprise_sees_the_days_of_its_own_channels(side, client_of):
    with park_scope(side.park.pk):
        Channel.objects.exclude(enterprise=side.firm.enterprise).update(interval_minutes=5)
        own = Channel.objects.filter(enterprise=side.firm.enterprise).count()
    response = client_of(side.firm.people[Role.ENERGY_MANAGER]).get(PAGE, {"year": "2025", "owner": "park"})
    assert response.status_code == 200
    assertNotContains(response, 'name="owner"')
    whole = client_of(side.firm.people[Role.ENERGY_MANAGER]).get(PAGE, {"year": "2025"})
    assert f"{own * 365 * 96:,} intervals" in whole.context["figures"][0]["note"]


def test_a_day_leads_to_its_issues_of_every_state(side, client_of):
    client, day = client_of(side.staff[Role.PARK_ENERGY_MANAGER]), date(2025, 6, 5)
    with park_scope(side.park.pk):
        counted = channel(meter(side.park, name="Well 7"))
        issue(counted, day, IssueState.ACCEPTED)
        issue(counted, date(2025, 6, 6), rule=QualityRule.FROZEN)
    address = f"{reverse('energy:issue_list')}?state=all&day=2025-06-05"
    assertContains(client.get(PAGE, {"year": "2025"}), address.replace("&", "&amp;"))
    listed = client.get(address)
    assert listed.context["total"] == 1
    assertContains(listed, "Single high values")


def test_calendar_is_narrowed_and_is_a_file(side, client_of):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    with park_scope(side.park.pk):
        counted = channel(meter(side.park, name="Well 7", commodity=Commodity.WATER), interval_minutes=60)
        day_of(counted, date(2025, 6, 5), [1.0] * 24)
    for choice in ({"q": "well"}, {"commodity": "water"}, {"channel": str(counted.pk)}):
        lines = client.get(PAGE, {"year": "2025", "export": "csv", **choice}).content.decode("utf-8-sig").splitlines()
        assert '"2025-06-05","24","24","0","0"' in lines, choice
        assert len(lines) == 366
    assertContains(client.get(PAGE, {"year": "2025", "q": "nothing is called this"}), "Show all channels")


def test_a_day_leads_to_the_work_that_it_counts(side, client_of):
    """Of one meter, of a commodity, of the park or of one channel: the list says as many as the square."""
    client, day = client_of(side.staff[Role.PARK_ENERGY_MANAGER]), date(2025, 6, 5)
    with park_scope(side.park.pk):
        well = channel(meter(side.park, name="Well 7", commodity=Commodity.WATER))
        for one in (well, channel(well.meter, unit="m3", code="2"), channel(meter(side.park)), side.firm.channel):
            issue(one, day)
    seen = []
    choices = ({"q": "well 7"}, {"commodity": "water"}, {"owner": "park"}, {"owner": "enterprises"})
    for choice in ({}, *choices, {"channel": str(well.pk)}):
        days = client.get(PAGE, {"year": "2025", **choice}).context["months"][5]["days"]
        listed = client.get(days[4]["url"])
        seen.append((days[4]["waiting"], listed.context["total"]))
    assert seen == [(4, 4), (2, 2), (2, 2), (3, 3), (1, 1), (1, 1)]
    assertContains(listed, f'type="hidden" name="channel" value="{well.pk}"')


def test_people_of_an_enterprise_choose_no_owner_of_issues(side, client_of):
    with park_scope(side.park.pk):
        issue(side.firm.channel, date(2025, 6, 5))
    asked = {"owner": "park", "day": "2025-06-05"}
    listed = client_of(side.firm.people[Role.ENERGY_MANAGER]).get(reverse("energy:issue_list"), asked)
    assertNotContains(listed, 'name="owner"')
    assert listed.context["total"] == 1
