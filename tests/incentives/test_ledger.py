"""The budget ledger: what each act does to the sums of its year, and what the database refuses whoever writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from incentives import services
from incentives.choices import EntryKind
from incentives.models import BudgetYear, LedgerEntry, Programme
from incentives.services import ledger
from lib.refusals import Refusal
from parks.choices import Role
from tenancy.scopes import Author, park_scope
from tests.incentives.cases import NOW, accept, acting_as, approve, file, unlike

pytestmark = pytest.mark.django_db
COLUMNS = ("year", "appropriated_cny", "reserved_cny", "committed_cny", "paid_cny", "clawed_back_cny")


def years(side) -> list[tuple[int, ...]]:
    """Every budget year of the programme, amounts as whole yuan."""
    with park_scope(side.park.pk):
        rows = BudgetYear.objects.filter(programme=side.programme).order_by("year").values_list(*COLUMNS)
        return [tuple(int(value) for value in row) for row in rows]


def entries(side) -> list[tuple[int, str, int]]:
    with park_scope(side.park.pk):
        rows = LedgerEntry.objects.filter(budget_year__programme=side.programme).order_by("pk")
        return [(row.budget_year.year, row.kind, int(row.amount_cny)) for row in rows.select_related("budget_year")]


def settled():
    """Ask the deferred guards now, as the end of the transaction would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def appropriate(side, amount, year=2026, reason="Council decision 12", role=Role.PARK_ADMINISTRATOR, seen=None):
    with acting_as(side.staff[role]) as actor:
        return services.appropriate(
            actor,
            side.programme,
            expected_changes=services.budget_changes(side.programme) if seen is None else seen,
            year=year,
            amount_cny=Decimal(amount),
            reason=reason,
            now=NOW,
        )


def move(side, amount, from_year=2026, to_year=2027, reason="Work slips to spring", seen=None):
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.move(
            actor,
            side.programme,
            expected_changes=services.budget_changes(side.programme) if seen is None else seen,
            from_year=from_year,
            to_year=to_year,
            amount_cny=Decimal(amount),
            reason=reason,
            now=NOW,
        )


def as_official(side, role=Role.APPROVER):
    user = side.staff[role].user
    return park_scope(side.park.pk, Author(user.pk, user.name))


def test_budget_of_a_new_programme_belongs_to_its_first_year(scene):
    assert years(scene.ours) == [(2026, 20_000_000, 0, 0, 0, 0)]
    assert entries(scene.ours) == [(2026, "appropriated", 20_000_000)]


def test_each_act_moves_the_sums_of_the_year_of_the_decision(scene):
    side = scene.ours
    application = approve(side, accept(side, file(side.firm)), "1000.00")
    assert years(side) == [(2026, 20_000_000, 0, 1000, 0, 0)]
    with as_official(side):
        ledger.pay(application, Decimal("600.00"), NOW)
        assert ledger.holding_of(application) == ledger.Holding(
            Decimal(0), Decimal("1000.00"), Decimal("600.00"), Decimal(0)
        )
        ledger.claw_back(application, Decimal("200.00"), NOW)
        assert ledger.release(application, NOW, "Revoked") == Decimal("400.00")
        assert ledger.release(application, NOW, "Revoked") == Decimal(0)
    settled()
    assert years(side) == [(2026, 20_000_000, 0, 600, 600, 200)]
    assert entries(side)[1:] == [
        (2026, "reserved", 1000),
        (2026, "committed", 1000),
        (2026, "paid", 600),
        (2026, "clawed_back", 200),
        (2026, "cancelled", 400),
    ]
    with park_scope(side.park.pk):
        assert Programme.objects.get(pk=side.programme.pk).committed_cny == Decimal("600.00")


def test_entries_tell_who_acted(scene):
    side = scene.ours
    approve(side, accept(side, file(side.firm)), "1000.00")
    approver = side.staff[Role.APPROVER].user
    with park_scope(side.park.pk):
        entry = LedgerEntry.objects.get(kind=EntryKind.RESERVED)
        assert (entry.by_id, entry.by_name, entry.at) == (approver.pk, approver.name, NOW)


@pytest.mark.parametrize("amount", ["0", "-1", "1000.01", "0.001", "NaN", "Infinity"])
@pytest.mark.parametrize("act", [ledger.pay, ledger.claw_back])
def test_no_more_moves_than_there_is(scene, act, amount):
    side = scene.ours
    application = approve(side, accept(side, file(side.firm)), "2000.00")
    with as_official(side):
        ledger.pay(application, Decimal("1000.00"), NOW)
        with pytest.raises(services.Invalid) as refused:
            act(application, Decimal(amount), NOW)
    assert refused.value.field == "amount_cny"
    assert years(side) == [(2026, 20_000_000, 0, 2000, 1000, 0)]


def test_decision_counts_in_the_year_of_the_parks_clock(scene):
    """Half past four in the afternoon of New Year's Eve in London is the new year in China."""
    side = scene.ours
    application = accept(side, file(side.firm))
    approve(side, application, "1000.00", datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    assert years(side) == [(2026, 19_999_000, 0, 0, 0, 0), (2027, 1000, 0, 1000, 0, 0)]
    assert entries(side)[1:3] == [(2026, "moved", -1000), (2027, "moved", 1000)]


def test_money_of_the_year_itself_goes_before_what_is_carried_over(scene):
    side = scene.ours
    application = accept(side, file(side.firm))
    appropriate(side, "400.00", year=2027)
    approve(side, application, "1000.00", NOW + timedelta(days=90))
    assert years(side) == [(2026, 19_999_400, 0, 0, 0, 0), (2027, 1000, 0, 1000, 0, 0)]


def test_money_of_later_years_waits_for_them(scene):
    side = scene.ours
    application = accept(side, file(side.firm))
    move(side, "19999500.00")
    with pytest.raises(services.BudgetExceeded, match=r"Only ¥500\.00 of the budget of 2026 is left"):
        approve(side, application, "1000.00")
    assert years(side) == [(2026, 500, 0, 0, 0, 0), (2027, 19_999_500, 0, 0, 0, 0)]


def test_appropriation_changes_the_budget_with_its_reason(scene):
    side = scene.ours
    appropriate(side, "5000000.00")
    appropriate(side, "-1000000.00")
    settled()
    assert years(side) == [(2026, 24_000_000, 0, 0, 0, 0)]
    with park_scope(side.park.pk):
        assert Programme.objects.get(pk=side.programme.pk).budget_cny == Decimal("24000000.00")
        assert set(LedgerEntry.objects.exclude(reason="").values_list("reason", flat=True)) == {"Council decision 12"}


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"amount": "0"}, "invalid", "amount_cny"),
        ({"amount": "1.001"}, "invalid", "amount_cny"),
        ({"amount": "1", "reason": "  "}, "invalid", "reason"),
        ({"amount": "1", "year": 1999}, "invalid", "year"),
        ({"amount": "-20000000.01"}, "budget_exceeded", "amount_cny"),
        ({"amount": "1", "role": Role.APPROVER}, "not_allowed", None),
        ({"amount": "1", "role": Role.FINANCE_OFFICER}, "not_allowed", None),
    ],
)
def test_appropriation_is_refused(scene, given, code, field):
    with pytest.raises(Refusal) as refused:
        appropriate(scene.ours, **given)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert years(scene.ours) == [(2026, 20_000_000, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "-1"}, "amount_cny"),
        ({"amount": "20000000.01"}, "amount_cny"),
        ({"amount": "1", "to_year": 2026}, "to_year"),
        ({"amount": "1", "reason": ""}, "reason"),
    ],
)
def test_move_is_refused(scene, given, field):
    with pytest.raises(Refusal) as refused:
        move(scene.ours, **given)
    assert refused.value.field == field
    assert entries(scene.ours) == [(2026, "appropriated", 20_000_000)]


def test_budget_is_changed_by_who_has_seen_it(scene):
    """The same form sent twice acts once, and so do two administrators at once."""
    appropriate(scene.ours, "5.00", seen=1)
    with pytest.raises(services.StateChanged):
        appropriate(scene.ours, "5.00", seen=1)
    move(scene.ours, "7.00", seen=2)
    with pytest.raises(services.StateChanged):
        move(scene.ours, "7.00", seen=2)
    assert years(scene.ours) == [(2026, 19_999_998, 0, 0, 0, 0), (2027, 7, 0, 0, 0, 0)]


def test_edited_budget_is_an_entry(scene):
    side = scene.ours
    move(side, "3000000.00")
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.update_programme(actor, side.programme, terms={"budget_cny": Decimal("16000000.00")}, now=NOW)
    settled()
    assert years(side) == [(2026, 16_000_000, 0, 0, 0, 0), (2027, 0, 0, 0, 0, 0)]
    assert entries(side)[3:] == [(2027, "appropriated", -3_000_000), (2026, "appropriated", -1_000_000)]


def test_nobody_writes_sums_without_an_entry(scene):
    side = scene.ours
    settled()
    for column, amount in (("appropriated_cny", "19999999.99"), ("reserved_cny", "0.01"), ("committed_cny", "0.01")):
        with pytest.raises(IntegrityError, match="sum of its entries"), transaction.atomic():
            with as_official(side):
                BudgetYear.objects.filter(programme=side.programme).update(**{column: amount})
            settled()


def test_nobody_reserves_what_was_not_granted(scene):
    side = scene.ours
    application = accept(side, file(side.firm))
    with pytest.raises(IntegrityError, match="was granted"), transaction.atomic():
        with as_official(side):
            ledger.reserve(application, Decimal("7.00"), NOW)
        settled()


def test_nobody_writes_an_entry_in_another_name(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        budget_year = BudgetYear.objects.get(programme=side.programme)
    entry = {"park_id": side.park.pk, "budget_year": budget_year, "kind": "appropriated", "amount_cny": 1, "at": NOW}
    other = side.staff[Role.PARK_ADMINISTRATOR].user
    with as_official(side), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        LedgerEntry.objects.create(**entry, by=other, by_name=other.name)


@pytest.mark.parametrize(
    "statement", ["UPDATE incentives_ledgerentry SET amount_cny = 1", "DELETE FROM incentives_ledgerentry"]
)
def test_entries_stay_as_they_are(scene, statement):
    with as_official(scene.ours), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_database_refuses_to_pay_more_than_is_held(scene):
    """Whatever the service says: the sums of the year would allow it, the application's own would not."""
    side = scene.ours
    approve(side, accept(side, file(side.neighbour, project_title=unlike())), "5000.00")
    application = approve(side, accept(side, file(side.firm)), "1000.00")
    with as_official(side), pytest.raises(IntegrityError, match="more than it holds"), transaction.atomic():
        budget_year = BudgetYear.objects.get(programme=side.programme)
        ledger._enter(budget_year, EntryKind.PAID, Decimal("1000.01"), NOW, application=application)
