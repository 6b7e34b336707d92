"""One reference of the treasury for two payments, recorded by two people at the same moment, each with a connection."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from incentives import services
from incentives.models import Award, Payment, ProgrammeVersion
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, file, unlike
from tests.incentives.test_awards import ANSWERS, approved, notify
from tests.incentives.test_concurrency import at_once, wait_until_somebody_waits
from tests.incentives.test_payments import PLAN, TODAY, confirm, instalments, record
from tests.scene import build_firm

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def side(scene):
    notify(scene.ours, days=0, payment_plan=PLAN)
    return scene.ours


@pytest.fixture
def due(side):
    """Two payments due under one version, of two applications: no row is held for both."""
    ours = instalments(approved(side, amount="1000.00"))
    with park_scope(side.park.pk):
        version = ProgrammeVersion.objects.filter(programme=side.programme).latest("number")
    firm = build_firm(side.park, version, "Other")
    case = approve(side, accept(side, file(firm, **{**ANSWERS, "project_title": unlike()})), "900.00")
    with park_scope(side.park.pk):
        theirs = instalments(Award.objects.get(application=case))
    found = [*ours, theirs[0]]
    for row in found:
        confirm(side, row)
    return found


def line(row, reference):
    return services.TreasuryLine(row.place, row.number, TODAY.isoformat(), str(row.amount_cny), reference)


def sent(member, lines):
    with acting_as(member) as actor:
        return [answer.outcome for answer in services.record_lines(actor, lines, NOW)]


def behind_the_file_of_a_colleague(side, paid, act):
    """What the line of a colleague's file is answered, and the act that begins before that file is through."""
    has_recorded = threading.Event()
    colleague = person(Role.FINANCE_OFFICER, side.park)

    def first():
        with acting_as(colleague) as actor:
            answers = services.record_lines(actor, [paid], NOW)
            has_recorded.set()
            wait_until_somebody_waits()
            return [answer.outcome for answer in answers]

    def second():
        assert has_recorded.wait(timeout=20)
        return act()

    return at_once(first, second)


def test_file_that_comes_second_loses_the_line_and_keeps_the_rest(side, due):
    mine, other, theirs = due

    def second():
        return sent(side.staff[Role.FINANCE_OFFICER], [line(mine, "T-9"), line(other, "T-10")])

    assert behind_the_file_of_a_colleague(side, line(theirs, "T-9"), second) == [["pays"], ["refused", "pays"]]
    with park_scope(side.park.pk):
        assert list(Payment.objects.order_by("amount_cny").values_list("amount_cny", "reference")) == [
            (Decimal("400.00"), "T-10"),
            (theirs.amount_cny, "T-9"),
        ]


def test_payment_written_by_hand_meets_the_file(side, due):
    mine, _other, theirs = due

    def second():
        return record(side, mine, reference="T-9")

    (paid,), refusal = behind_the_file_of_a_colleague(side, line(theirs, "T-9"), second)
    assert (paid, refusal.code, refusal.field) == ("pays", "invalid", "reference")
