"""Meters, files and readings in the API: by the rules of the pages."""

from __future__ import annotations

from datetime import date

import pytest

from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.enterprises.test_api import call
from tests.factories.measured import ESTIMATED, MEASURED, MISSING, day_of

pytestmark = pytest.mark.django_db
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_who_work_with_meters_read_them(side, role):
    listed = call(side.staff[role])("GET", "/meters/")
    assert listed.status_code == (200 if role in READERS else 403)
    if role in READERS:
        names = {row["name"] for row in listed.json()["results"]}
        assert names == {"OURS first firm meter", "OURS second firm meter"}


def test_people_of_an_enterprise_read_their_own(side):
    send = call(side.firm.people[Role.APPLICANT])
    assert [row["name"] for row in send("GET", "/meters/").json()["results"]] == ["OURS first firm meter"]
    assert [row["name"] for row in send("GET", "/reading-imports/").json()["results"]] == [
        "OURS first firm readings.csv"
    ]
    own = send("GET", f"/meters/{side.firm.meter.pk}/").json()
    assert [channel["id"] for channel in own["channels"]] == [str(side.firm.channel.pk)]
    for path in (
        f"/meters/{side.neighbour.meter.pk}/",
        f"/reading-imports/{side.neighbour.reading_import.pk}/",
        f"/channels/{side.neighbour.channel.pk}/readings/?from=2026-11-03&until=2026-11-04",
    ):
        assert send("GET", path).status_code == 404, path


def test_readings_of_a_channel_tell_what_each_is_worth(side):
    values = [1.5] * 93 + [4.0, None, 0.0]
    flags = [MEASURED] * 93 + [ESTIMATED, MISSING, MEASURED]
    with park_scope(side.park.pk):
        day_of(side.firm.channel, date(2026, 11, 3), values, flags)
    send = call(side.staff[Role.AUDITOR])
    told = send("GET", f"/channels/{side.firm.channel.pk}/readings/?from=2026-11-01&until=2026-12-01").json()
    (day,) = told.pop("days")
    assert told == {
        "channel": str(side.firm.channel.pk),
        "unit": "kWh",
        "interval_minutes": 15,
        "time_zone": "Asia/Shanghai",
    }
    assert (day["day"], day["starts_at"]) == ("2026-11-03", "2026-11-03T00:00:00+08:00")
    assert (day["values"], day["flags"]) == (values, flags)
    assert (day["total"], day["peak"], day["measured_count"]) == (143.5, 4.0, 94)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "from"),
        ("from=2026-11-01", "until"),
        ("from=2026-02-30&until=2026-03-01", "from"),
        ("from=2026-11-01&until=2026-12-03", "until"),
        ("from=2026-11-02&until=2026-11-02", "until"),
    ],
)
def test_readings_are_asked_for_by_days(side, query, field):
    answer = call(side.staff[Role.AUDITOR])("GET", f"/channels/{side.firm.channel.pk}/readings/?{query}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"].split(".")[0]) == (400, field)


def test_cost_of_a_channel_is_the_sum_of_its_lines(side):
    """Monday to Tuesday; 10 kWh an hour from midnight to eight are 80 kWh of valley."""
    with park_scope(side.park.pk):
        day_of(side.firm.channel, date(2026, 6, 1), [2.5] * 32 + [None] * 64)
    send = call(side.firm.people[Role.APPLICANT])
    told = send("GET", f"/channels/{side.firm.channel.pk}/cost/?from=2026-06-01&until=2026-06-03").json()
    (month,) = told.pop("months")
    assert told == {"channel": str(side.firm.channel.pk), "total": "24.00"}
    amounts = {line["period"]: (line["quantity"], line["amount"]) for line in month["lines"]}
    assert amounts["valley"] == ("80.000", "24.00")
    assert {amount for period, amount in amounts.items() if period != "valley"} == {("0.000", "0.00")}
    assert (month["charged_days"], month["days"], month["total"]) == (2, 2, "24.00")
    assert month["completeness_percent"] == pytest.approx(32 / 192 * 100)
    assert (
        send("GET", f"/channels/{side.neighbour.channel.pk}/cost/?from=2026-06-01&until=2026-06-03").status_code == 404
    )
    (tariff,) = send("GET", "/tariffs/").json()["results"]
    assert (tariff["name"], [version["price_valley"] for version in tariff["versions"]]) == (
        "OURS tariff",
        ["0.300000"],
    )
    assert send("GET", f"/tariffs/{tariff['id']}/").json() == tariff
