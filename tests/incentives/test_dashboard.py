"""The officials' dashboard: every figure of a small year worked out by hand, and the lists behind them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from incentives import services
from incentives.choices import Stage
from incentives.models import Instalment, Programme
from incentives.queries.dashboard import Asked, Month, Reached, Sector, Spent, StageTime, burn, outcomes, stage_times
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import ApplicationFactory, EnterpriseFactory, ProgrammeFactory, published, submitted
from tests.incentives.cases import NOW, accept, acting_as, approve
from tests.incentives.pages import address
from tests.incentives.test_payments import confirm
from tests.scene import SUBMITTED_AT

pytestmark = pytest.mark.django_db
SHANGHAI = "Asia/Shanghai"
QUERIES = 21


def firm_that_filed(side, version, number, industry_code):
    """A new enterprise with an application that was filed on 3 November."""
    user = side.firm.people[Role.APPLICANT].user
    with park_scope(side.park.pk):
        enterprise = EnterpriseFactory(park=side.park, industry_code=industry_code)
    with enterprise_scope(side.park.pk, enterprise.pk):
        draft = ApplicationFactory(
            park=side.park, enterprise=enterprise, programme_version=version, started_by=user, started_at=NOW
        )
        return submitted(draft, f"DASH-2026-{number:04}", SUBMITTED_AT)


@pytest.fixture
def programme(scene):
    """Of three that filed on Tuesday 3 November one is paid, one is declined and one waits; a draft was not filed.

    Accepted on Wednesday and approved on Friday of next week; declined on Thursday; checks are due within five days.
    """
    side = scene.ours
    with park_scope(side.park.pk):
        made = ProgrammeFactory(park=side.park, code="DASH")
        version = published(made)
    firm = side.firm
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        user = firm.people[Role.APPLICANT].user
        ApplicationFactory(
            park=side.park, enterprise=firm.enterprise, programme_version=version, started_by=user, started_at=NOW
        )
    codes = enumerate(("C3562", "4420", ""), 1)
    paid, declined, _waiting = (firm_that_filed(side, version, number, code) for number, code in codes)
    approve(side, accept(side, paid), now=NOW + timedelta(days=9))
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        services.decline_application(
            actor,
            declined,
            expected_round=1,
            reason="No",
            note="",
            now=NOW + timedelta(days=1),
            stage=Stage.COMPLETENESS,
        )
    with park_scope(side.park.pk):
        (instalment,) = Instalment.objects.filter(award__application=paid)
    confirm(side, instalment)
    with acting_as(side.staff[Role.FINANCE_OFFICER]) as actor:
        due = Instalment.objects.select_related("award__application", "park").get(pk=instalment.pk)
        given = {"amount_cny": due.amount_cny, "paid_on": date(2026, 11, 16), "reference": "T-1"}
        services.record_payment(actor, due, **given, now=NOW + timedelta(days=12))
    return made


def told(side, act, *args, year=2026, of=None):
    with acting_as(side.staff[Role.AUDITOR]) as actor:
        return act(actor, Asked(year, SHANGHAI, of.pk if of else None), *args)


def test_year_is_that_of_the_park():
    starts, ends = Asked(2026, SHANGHAI).span
    assert (starts, ends) == (datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))


def test_funnel_counts_what_came_so_far(scene, programme):
    steps, _sectors = told(scene.ours, outcomes, of=programme)
    assert [(step.reached, step.count, step.amount_cny) for step in steps] == [
        (None, 4, None),
        (Reached.FILED, 3, Decimal("4500000.00")),
        (Reached.ACCEPTED, 1, Decimal("1500000.00")),
        (Reached.DECIDED, 2, Decimal("3000000.00")),
        (Reached.APPROVED, 1, Decimal("1000.00")),
        (Reached.STANDING, 1, Decimal("1000.00")),
        (Reached.PAID, 1, Decimal("1000.00")),
    ]
    nothing, no_sectors = told(scene.ours, outcomes, year=2025, of=programme)
    assert ([step.count for step in nothing], no_sectors) == ([0] * 7, [])


def test_all_programmes_are_more_than_one_and_never_another_parks(scene, programme):
    steps, _sectors = told(scene.ours, outcomes)
    # The scene's own two firms have filed one each, and have a draft each, which the clock of the machine dates.
    assert [step.count for step in steps[1:]] == [5, 1, 2, 1, 1, 1]
    others, _sectors = told(scene.others, outcomes)
    assert [step.count for step in others[1:]] == [2, 0, 0, 0, 0, 0]


def test_outcome_by_section_of_industry(scene, programme):
    _steps, sectors = told(scene.ours, outcomes, of=programme)
    assert sectors == [
        Sector("C", 1, 1, 0, Decimal("1000.00")),
        Sector("D", 1, 0, 1, Decimal(0)),
        Sector("", 1, 0, 0, Decimal(0)),
    ]
    assert [row.rate_percent for row in sectors] == [Decimal(100), Decimal(0), None]


def test_days_in_a_stage_are_working_days(scene, programme):
    rows = told(scene.ours, stage_times, NOW + timedelta(days=10), of=programme)
    assert rows == [
        StageTime(Stage.COMPLETENESS, (5, 5), 2, 1, 2, waiting=1, overdue=1),
        StageTime(Stage.DECISION, (10, 10), 1, 7, 7, waiting=0, overdue=0),
    ]
    assert [row.is_slow for row in rows] == [False, False]
    before = told(scene.ours, stage_times, NOW - timedelta(days=10), of=programme)
    assert [row.overdue for row in before] == [0, 0]


def test_budget_is_used_by_month_and_programme(scene, programme):
    months, spent = told(scene.ours, burn, of=programme)
    assert spent == [Spent(programme.pk, Decimal("20000000.00"), Decimal("1000.00"), Decimal("1000.00"))]
    zero, thousand = Decimal(0), Decimal("1000.00")
    assert [month.first for month in months] == [date(2026, number, 1) for number in range(1, 13)]
    assert months[9] == Month(date(2026, 10, 1), zero, zero, zero, zero)
    assert months[10] == Month(date(2026, 11, 1), thousand, thousand, thousand, thousand)
    assert told(scene.ours, burn, year=2025, of=programme)[1] == []


def test_each_figure_of_the_funnel_opens_its_list(scene, programme, client_of):
    client = client_of(scene.ours.staff[Role.AUDITOR])
    page = client.get(address("dashboard"), {"year": "2026", "programme": programme.pk})
    assert page.status_code == 200
    lists = [client.get(line["url"]).content.decode() for line in page.context["funnel"][1:]]
    assert [len(set(re.findall("DASH-2026-[0-9]+", text))) for text in lists] == [3, 1, 2, 1, 1, 1]
    assert page.context["funnel"][0]["url"] == ""


def test_dashboard_is_for_readers_of_cases(scene, client_of):
    side = scene.ours
    statuses = {role: client_of(side.staff[role]).get(address("dashboard")).status_code for role in side.staff}
    readers = {Role.REVIEWER, Role.APPROVER, Role.PARK_ADMINISTRATOR, Role.FINANCE_OFFICER, Role.AUDITOR}
    assert {role for role, status in statuses.items() if status == 200} == readers
    assert client_of(side.firm.people[Role.OWNER]).get(address("dashboard")).status_code == 403


def test_page_asks_the_same_of_more(scene, programme, client_of, django_assert_num_queries):
    client = client_of(scene.ours.staff[Role.AUDITOR])
    client.get(address("dashboard"))
    with django_assert_num_queries(QUERIES):
        client.get(address("dashboard"), {"year": "2026"})
    with park_scope(scene.ours.park.pk):
        version = Programme.objects.get(pk=programme.pk).versions.get()
    for number in range(4, 8):
        firm_that_filed(scene.ours, version, number, "B0610")
    with django_assert_num_queries(QUERIES):
        page = client.get(address("dashboard"), {"year": "2026"})
    assert page.context["funnel"][1]["step"].count == 9


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("funnel", '"Approved","1","1000.00"'),
        ("stages", '"Decision","10","1","7","7","0","0"'),
        ("months", '"2026-11","1000.00","1000.00","1000.00","1000.00"'),
        ("programmes", '"Energy management contract incentive","20000000.00","1000.00","1000.00","19999000.00"'),
        ("sectors", '"C Manufacturing","1","1","0","100.0","1000.00"'),
    ],
)
def test_every_table_can_be_downloaded(scene, programme, client_of, table, line):
    asked = {"year": "2026", "programme": str(programme.pk), "export": "csv", "table": table}
    answer = client_of(scene.ours.staff[Role.AUDITOR]).get(address("dashboard"), asked)
    assert line in answer.content.decode("utf-8-sig").splitlines()


def test_a_year_without_anything_says_so(scene, client_of):
    client = client_of(scene.others.staff[Role.AUDITOR])
    empty = client.get(address("dashboard"), {"year": "2020", "programme": "no programme"})
    assert (empty.status_code, empty.context["year"]) == (200, 2020)
    assert client.get(address("dashboard"), {"export": "csv", "table": "people"}).status_code == 404
    assert client.get(address("dashboard"), {"year": "long ago"}).status_code == 200
