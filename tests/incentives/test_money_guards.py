"""What the database refuses of awards, payments and clawbacks, whatever code path writes: each rule broken by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from incentives.models import Award, Clawback, Instalment, Payment
from incentives.services import ledger
from parks.choices import Role
from tests.incentives.cases import NOW, acting_as
from tests.incentives.test_awards import LAST_MOMENT, OVER, approved, notify, publish, settle, settled
from tests.incentives.test_clawbacks import REVOKED_AT, give_back, revoke
from tests.incentives.test_payments import PLAN, TODAY, confirm, instalments, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def side(scene):
    notify(scene.ours, days=0, payment_plan=PLAN)
    return scene.ours


@pytest.fixture
def award(side):
    return approved(side)


@pytest.fixture
def paid(side, award):
    first = instalments(award)[0]
    confirm(side, first)
    record(side, first)
    return award


def pay_by_hand(side, instalment, **changes):
    """A payment with its entry in the ledger, as the service writes it, but for `changes`."""
    officer = side.staff[Role.FINANCE_OFFICER]
    given = {"amount_cny": instalment.amount_cny, "reference": "T-9", **changes}
    with acting_as(officer):
        application = Award.objects.get(pk=instalment.award_id).application
        ledger.pay(application, given["amount_cny"], NOW)
        Payment.objects.create(
            park_id=side.park.pk,
            enterprise_id=instalment.enterprise_id,
            instalment=instalment,
            paid_on=TODAY,
            recorded_at=NOW,
            recorded_by=officer.user,
            recorded_by_name="x",
            **given,
        )


def return_by_hand(side, clawback, role=Role.FINANCE_OFFICER, **changes):
    member = side.staff[role]
    given = {
        "returned_cny": clawback.total_cny,
        "returned_on": REVOKED_AT.date(),
        "reference": "R-9",
        "confirmed_by": member.user,
        "confirmed_by_name": "x",
        **changes,
    }
    with acting_as(member):
        Clawback.objects.filter(pk=clawback.pk).update(**given)


def test_nothing_is_paid_without_its_payment(side, award):
    first = instalments(award)[0]
    confirm(side, first)
    with acting_as(side.staff[Role.FINANCE_OFFICER]), pytest.raises(IntegrityError, match="has its payment"):
        Instalment.objects.filter(pk=first.pk).update(state="paid")


def test_payment_leaves_nothing_due(side, award):
    first = instalments(award)[0]
    confirm(side, first)
    with pytest.raises(IntegrityError, match="what has its payment is paid"), transaction.atomic():
        pay_by_hand(side, first)
        settled()


def test_payment_is_of_what_is_due(side, award):
    first, second = instalments(award)
    confirm(side, first)
    for instalment, changes in ((first, {"amount_cny": second.amount_cny}), (second, {})):
        with pytest.raises(IntegrityError, match="of what is due"), transaction.atomic():
            pay_by_hand(side, instalment, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"returned_on": REVOKED_AT.date() - timedelta(days=1)}, "only the return"),
        ({"reference": ""}, "only the return"),
        ({"role": Role.APPROVER}, "only the return"),
        ({"returned_on": None, "returned_cny": None}, "only the return"),
        ({"returned_cny": 1}, "clawback_returned_in_full"),
    ],
)
def test_of_a_clawback_only_a_true_return_is_written(side, paid, changes, message):
    clawback = revoke(side, paid)
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        return_by_hand(side, clawback, **changes)


def test_return_is_written_once_and_with_its_entry(side, paid):
    clawback = revoke(side, paid)
    with pytest.raises(IntegrityError, match="stands in the ledger"), transaction.atomic():
        return_by_hand(side, clawback)
        settled()
    give_back(side, clawback, returned_cny=clawback.total_cny)
    settled()
    with pytest.raises(IntegrityError, match="only the return"), transaction.atomic():
        return_by_hand(side, clawback, reference="R-10")


def test_reason_of_a_clawback_stays(side, paid):
    clawback = revoke(side, paid)
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]), pytest.raises(ProgrammingError, match="permission denied"):
        Clawback.objects.filter(pk=clawback.pk).update(reason="Another")


def test_clawback_does_not_start_as_returned(side, award):
    member = side.staff[Role.PARK_ADMINISTRATOR]
    with acting_as(member), pytest.raises(IntegrityError, match="not come back yet"), transaction.atomic():
        Clawback.objects.create(
            park_id=side.park.pk,
            enterprise_id=award.enterprise_id,
            award=award,
            reason="Sold.",
            principal_cny=0,
            interest_cny=0,
            revoked_at=NOW,
            revoked_by=member.user,
            revoked_by_name="x",
            returned_cny=0,
            returned_on=TODAY,
            reference="R-1",
            confirmed_by=member.user,
        )


def test_award_does_not_stand_before_its_notice_is_over(scene):
    notify(scene.ours)
    award = approved(scene.ours)
    stands = {"state": "stands", "stands_at": LAST_MOMENT}
    for before in (lambda: None, lambda: publish(scene.ours, award)):
        before()
        refused = pytest.raises(IntegrityError, match="after its notice")
        with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]), refused, transaction.atomic():
            Award.objects.filter(pk=award.pk).update(**stands)
    assert settle(scene.ours, OVER) == 1


def test_enterprise_writes_nothing_of_its_money(side, paid):
    revoke(side, paid)
    owner = side.firm.people[Role.OWNER]
    changes = ((Award, {"state": "stands"}), (Instalment, {"state": "due"}), (Payment, {"reference": "x"}))
    for model, change in (*changes, (Clawback, {"reference": "x"})):
        with acting_as(owner), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            model.objects.update(**change)
