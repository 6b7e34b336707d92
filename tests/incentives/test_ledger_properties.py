"""Whatever is done in whatever order, the ledger balances; and whoever comes at once, it holds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives import services
from incentives.choices import EFFECTS, EntryKind
from incentives.models import BudgetYear, LedgerEntry, Programme
from incentives.services import ledger
from lib.refusals import Refusal
from parks.choices import Role
from tenancy.scopes import Author, park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, file, give_budget, unlike
from tests.incentives.test_concurrency import approving, at_once, committed, refused
from tests.incentives.test_ledger import settled
from tests.scene import build_firm

YUAN = st.integers(-300, 900).map(Decimal)
ACTS = st.one_of(
    st.tuples(st.sampled_from(["pay", "claw_back"]), st.integers(0, 1), YUAN),
    st.tuples(st.just("release"), st.integers(0, 1)),
    st.tuples(st.just("approve"), st.integers(0, 1), st.integers(1, 900).map(Decimal), st.integers(0, 400)),
    st.tuples(st.just("appropriate"), st.integers(2025, 2028), YUAN),
    st.tuples(st.just("move"), st.integers(2025, 2028), st.integers(2025, 2028), YUAN),
    st.tuples(st.just("budget"), st.integers(0, 2000).map(Decimal)),
)


def expected(rows, columns):
    sums = dict.fromkeys(columns, Decimal(0))
    for row in rows:
        for column, sign in EFFECTS[EntryKind(row.kind)].items():
            sums[column] += sign * row.amount_cny
    return sums


def assert_balanced(side):
    with park_scope(side.park.pk):
        programme = Programme.objects.get(pk=side.programme.pk)
        years = list(BudgetYear.objects.filter(programme=programme))
        for year in years:
            columns = ("appropriated_cny", "reserved_cny", "committed_cny", "paid_cny", "clawed_back_cny")
            sums = {column: getattr(year, column) for column in columns}
            assert sums == expected(LedgerEntry.objects.filter(budget_year=year), columns)
            assert 0 <= year.clawed_back_cny <= year.paid_cny <= year.committed_cny
            assert 0 <= year.reserved_cny <= year.appropriated_cny - year.committed_cny
        assert sum(year.appropriated_cny for year in years) == programme.budget_cny
        assert sum(year.reserved_cny + year.committed_cny for year in years) == programme.committed_cny
    settled()


def carry_out(side, cases, act):
    name, *values = act
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    if name == "approve":
        approve(side, cases[values[0]], str(values[1]), NOW + timedelta(days=values[2]))
    elif name in {"appropriate", "move", "budget"}:
        with acting_as(administrator) as actor:
            told = {"expected_changes": services.budget_changes(side.programme), "reason": "x", "now": NOW}
            if name == "appropriate":
                year, amount = values
                services.appropriate(actor, side.programme, year=year, amount_cny=amount, **told)
            elif name == "move":
                source, target, amount = values
                services.move(actor, side.programme, from_year=source, to_year=target, amount_cny=amount, **told)
            else:
                services.update_programme(actor, side.programme, terms={"budget_cny": values[0]}, now=NOW)
    else:
        case, *amount = values
        user = side.staff[Role.FINANCE_OFFICER].user
        with park_scope(side.park.pk, Author(user.pk, user.name)):
            if LedgerEntry.objects.filter(application=cases[case]).exists():
                getattr(ledger, name)(cases[case], *(amount or [NOW]), *([NOW] if amount else ["x"]))


@pytest.fixture
def cases(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        give_budget(side.programme, "1000.00")
    return [accept(side, file(firm)) for firm in (side.firm, side.neighbour)]


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_ledger_balances_whatever_is_done(scene, cases, acts):
    side = scene.ours
    with transaction.atomic():
        for act in acts:
            try:
                with transaction.atomic():
                    carry_out(side, cases, act)
            except Refusal:
                pass
            assert_balanced(side)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_twenty_approvals_race_for_the_last_million(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        give_budget(side.programme, "1000000.00")
    firms = [build_firm(side.park, side.version, f"Firm {number}") for number in range(20)]
    cases = [accept(side, file(firm, project_title=unlike())) for firm in firms]
    approvers = [person(Role.APPROVER, side.park) for _ in cases]

    answers = at_once(*(approving(who, case, "300000.00") for who, case in zip(approvers, cases, strict=True)))

    assert refused(answers) == ["budget_exceeded"] * 17
    assert committed(side) == Decimal("900000.00")
    with park_scope(side.park.pk):
        assert LedgerEntry.objects.filter(kind=EntryKind.RESERVED).count() == 3
        year = BudgetYear.objects.get(programme=side.programme)
        assert year.reserved_cny + year.committed_cny == Decimal("900000.00")
