"""The ledger of a programme as its officials read it, and the budget as an administrator changes it."""

from __future__ import annotations

import pytest

from parks.choices import Role
from tests.incentives.cases import accept, approve, file
from tests.incentives.pages import address, problems_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger_url(scene):
    return address("programme_ledger", programme_id=scene.ours.programme.pk)


@pytest.fixture
def administrator(scene, client_of):
    return client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def shown(response):
    return [
        (row.budget_year.year, row.kind, row.effect_cny)
        for row in (bound.record for bound in response.context["table"].page.object_list)
    ]


def test_ledger_shows_sums_and_every_entry(scene, client_of, ledger_url):
    approve(scene.ours, accept(scene.ours, file(scene.ours.firm)), "1000.00")
    response = client_of(scene.ours.staff[Role.AUDITOR]).get(ledger_url)

    money = response.context["money"]
    assert (money.appropriated_cny, money.committed_cny, money.free_cny) == (20_000_000, 1000, 19_999_000)
    assert shown(response) == [
        (2026, "committed", 1000),
        (2026, "reserved", 1000),
        (2026, "appropriated", 20_000_000),
    ]


@pytest.mark.parametrize(("role", "links"), [(Role.AUDITOR, 2), (Role.PARK_ENERGY_MANAGER, 0)])
def test_numbers_lead_to_applications_for_those_who_may_open_them(scene, client_of, ledger_url, role, links):
    application = file(scene.ours.firm)
    approve(scene.ours, accept(scene.ours, application), "1000.00")
    page = client_of(scene.ours.staff[role]).get(ledger_url).content.decode()
    assert page.count(application.number) >= 2
    assert page.count(address("review_detail", application_id=application.pk)) == links


@pytest.mark.parametrize(
    ("figure", "entries"),
    [
        ("reserved_cny", [("committed", -1000), ("reserved", 1000)]),
        ("committed_cny", [("committed", 1000)]),
        ("appropriated_cny", [("appropriated", 20_000_000)]),
        ("paid_cny", []),
    ],
)
def test_each_figure_opens_the_entries_it_is_the_sum_of(scene, administrator, ledger_url, figure, entries):
    approve(scene.ours, accept(scene.ours, file(scene.ours.firm)), "1000.00")
    response = administrator.get(ledger_url, {"figure": figure, "year": "2026"})
    assert [(kind, effect) for _year, kind, effect in shown(response)] == entries
    assert getattr(response.context["money"], figure) == sum(effect for _kind, effect in entries)


def test_ledger_is_downloaded(administrator, ledger_url):
    response = administrator.get(ledger_url, {"export": "csv"})
    assert "20000000.00" in response.content.decode("utf-8-sig")


def test_administrator_appropriates_and_moves(scene, administrator, ledger_url):
    programme_id = scene.ours.programme.pk
    page = address("budget_appropriate", programme_id=programme_id)
    seen = administrator.get(page).context["form"]["expected_changes"].value()
    given = {
        "year": "2026",
        "amount_cny": "500,000.00",
        "reason": "Council decision 12",
        "expected_changes": str(seen),
    }
    assert administrator.post(page, given).url == ledger_url
    assert administrator.post(page, given).status_code == 422
    moved = {
        "from_year": "2026",
        "to_year": "2027",
        "amount_cny": "100000",
        "reason": "Spring",
        "expected_changes": "2",
    }
    assert administrator.post(address("budget_move", programme_id=programme_id), moved).url == ledger_url

    years = administrator.get(ledger_url).context["years"]
    assert [(row["year"], row["free_cny"]) for row in years] == [(2027, 100_000), (2026, 20_400_000)]


def test_refusals_stand_at_their_fields(scene, administrator):
    url = address("budget_appropriate", programme_id=scene.ours.programme.pk)
    response = administrator.post(
        url, {"year": "2026", "amount_cny": "-20000001", "reason": "Cut", "expected_changes": "1"}
    )
    assert response.status_code == 422
    assert problems_of(response.context["form"]) == {
        "amount_cny": ["Only ¥20,000,000.00 of the budget of 2026 is free."]
    }


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.FINANCE_OFFICER, Role.AUDITOR])
@pytest.mark.parametrize("name", ["budget_appropriate", "budget_move"])
def test_others_do_not_change_the_budget(scene, client_of, role, name):
    url = address(name, programme_id=scene.ours.programme.pk)
    assert client_of(scene.ours.staff[role]).get(url).status_code == 403


def test_ledger_takes_as_many_queries_with_many_entries(scene, administrator, ledger_url, django_assert_num_queries):
    administrator.get(ledger_url)
    seen = 1
    for count in (1, 30):
        for number in range(count):
            given = {"year": str(2026 + number % 3), "amount_cny": "1", "reason": "More", "expected_changes": seen}
            administrator.post(address("budget_appropriate", programme_id=scene.ours.programme.pk), given)
            seen += 1
        with django_assert_num_queries(17):
            administrator.get(ledger_url)
