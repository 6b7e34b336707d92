"""Awards revoked, and what was paid claimed back with interest."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction

from incentives import services
from incentives.choices import StepKind
from incentives.models import Appeal, Award, Clawback
from lib.periods import local_day
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, acting_as
from tests.incentives.pages import address
from tests.incentives.test_awards import approved, notify, settled, steps_of
from tests.incentives.test_ledger import years
from tests.incentives.test_payments import PLAN, confirm, instalments, record

pytestmark = pytest.mark.django_db
# 600.00 yuan at 3.65 % a year are 6 fen a day; from 4 November to 16 January are 73 days.
REVOKED_AT = NOW + timedelta(days=73)
INTEREST = Decimal("4.38")


@pytest.fixture
def side(scene):
    notify(scene.ours, days=0, payment_plan=PLAN, interest_percent=Decimal("3.65"))
    return scene.ours


@pytest.fixture
def award(side):
    """The first of two instalments is paid."""
    award = approved(side)
    first, _second = instalments(award)
    confirm(side, first)
    record(side, first)
    return award


def revoke(side, award, role=Role.PARK_ADMINISTRATOR, reason="The equipment was sold."):
    with acting_as(side.staff[role]) as actor:
        found = Award.objects.select_related("application").get(pk=award.pk)
        return services.revoke_award(actor, found, reason=reason, now=REVOKED_AT)


def give_back(side, clawback, role=Role.FINANCE_OFFICER, **changes):
    given = {"returned_cny": Decimal("604.38"), "returned_on": REVOKED_AT.date(), "reference": "R-1", **changes}
    with acting_as(side.staff[role]) as actor:
        found = Clawback.objects.select_related("award__application").get(pk=clawback.pk)
        return services.confirm_return(actor, found, **given, now=REVOKED_AT)


def test_revocation_frees_what_was_not_paid_and_claims_the_rest_with_interest(side, award):
    clawback = revoke(side, award)
    settled()
    assert (clawback.principal_cny, clawback.interest_cny) == (Decimal("600.00"), INTEREST)
    assert clawback.calculation == [
        {
            "number": "OURS-2026-0001/1",
            "principal_cny": "600.00",
            "paid_on": "2026-11-04",
            "until": "2027-01-16",
            "percent": "3.65",
            "days": 73,
            "interest_cny": "4.38",
        }
    ]
    assert [row.state for row in instalments(award)] == ["paid", "cancelled"]
    assert years(side) == [(2026, 20_000_000, 0, 600, 600, 0)]
    assert steps_of(award)[-1] == StepKind.REVOKED


def test_returned_money_is_clawed_back_without_its_interest(side, award):
    clawback = revoke(side, award)
    give_back(side, clawback)
    settled()
    assert years(side) == [(2026, 20_000_000, 0, 600, 600, 600)]
    with pytest.raises(services.StateChanged):
        give_back(side, clawback)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"returned_cny": Decimal("600.00")}, "returned_cny"),
        ({"returned_on": REVOKED_AT.date() + timedelta(days=1)}, "returned_on"),
        ({"returned_on": REVOKED_AT.date() - timedelta(days=1)}, "returned_on"),
        ({"reference": ""}, "reference"),
    ],
)
def test_return_must_be_what_is_due(side, award, changes, field):
    clawback = revoke(side, award)
    with pytest.raises(services.Invalid) as refused:
        give_back(side, clawback, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize("role", [Role.APPROVER, Role.REVIEWER, Role.FINANCE_OFFICER, Role.AUDITOR])
def test_neither_deciders_nor_others_revoke(side, award, role):
    with pytest.raises(services.NotAllowed):
        revoke(side, award, role=role)


def test_award_is_revoked_once_and_with_a_reason(side, award):
    with pytest.raises(services.Invalid):
        revoke(side, award, reason=" ")
    revoke(side, award)
    with pytest.raises(services.StateChanged):
        revoke(side, award)


def test_award_is_not_revoked_behind_its_clawback(side, award):
    with pytest.raises(IntegrityError, match="revoked with its reason"), transaction.atomic():
        with acting_as(side.staff[Role.PARK_ADMINISTRATOR]):
            Award.objects.filter(pk=award.pk).update(state="revoked", ended_at=NOW)
        settled()


def test_nothing_is_paid_of_a_revoked_award(side, award):
    revoke(side, award)
    with pytest.raises(services.StateChanged):
        confirm(side, instalments(award)[1])


def test_pages_revoke_and_take_the_money_back(side, award, client_of):
    administrator, officer = (client_of(side.staff[role]) for role in (Role.PARK_ADMINISTRATOR, Role.FINANCE_OFFICER))
    page = address("award_detail", award_id=award.pk)
    assert administrator.post(address("award_revoke", award_id=award.pk), {"reason": "Sold."}).url == page
    with park_scope(side.park.pk):
        clawback = Clawback.objects.get()
    due, day = clawback.total_cny, local_day(clawback.revoked_at, side.park.time_zone)
    given = {"returned_on": day.isoformat(), "returned_cny": str(due), "reference": "R-1"}
    assert officer.post(address("clawback_return", award_id=award.pk), given).url == page
    applicant = client_of(side.firm.people[Role.APPLICANT])
    text = applicant.get(address("application_detail", application_id=award.application_id)).content.decode()
    assert "Money returned" in text
    assert "Sold." in text


def ruled_on(side, award, member):
    """An appeal of before the award, as it could once be ruled on by whoever revokes or records the return."""
    filer = side.firm.people[Role.OWNER].user_id
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE incentives_appeal DISABLE TRIGGER USER")
        Appeal.objects.using("owner").bulk_create(
            [
                Appeal(
                    park_id=award.park_id,
                    enterprise_id=award.enterprise_id,
                    application_id=award.application_id,
                    decided_at=NOW - timedelta(days=9),
                    reasons="The contract was there.",
                    filed_at=NOW - timedelta(days=8),
                    filed_by_id=filer,
                    filed_by_name="x",
                    state="upheld",
                    answer="It was.",
                    handled_by_id=member.user_id,
                    handled_by_name="x",
                    handled_at=NOW - timedelta(days=7),
                )
            ]
        )
        cursor.execute("ALTER TABLE incentives_appeal ENABLE TRIGGER USER")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_money_comes_back_to_an_award_that_its_ruler_revoked(side, award):
    """Of before that was refused: its return is written by somebody who did not rule, and by nobody who did."""
    clawback = revoke(side, award)
    ruled_on(side, award, side.staff[Role.PARK_ADMINISTRATOR])
    assert give_back(side, clawback).reference == "R-1"
    settled()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_database_lets_the_ruler_neither_revoke_nor_write_the_return(side, award):
    ruler = side.staff[Role.FINANCE_OFFICER]
    ruled_on(side, award, ruler)
    by_hand = Clawback(
        park_id=award.park_id,
        enterprise_id=award.enterprise_id,
        award_id=award.pk,
        reason="x",
        principal_cny=Decimal("600.00"),
        interest_cny=INTEREST,
        revoked_at=REVOKED_AT,
        revoked_by_id=ruler.user_id,
        revoked_by_name="x",
    )
    with acting_as(ruler), pytest.raises(IntegrityError, match="who ruled on an appeal"), transaction.atomic():
        by_hand.save(force_insert=True)
    clawback = revoke(side, award)
    with pytest.raises(services.NotAllowed, match="ruled on an appeal"):
        give_back(side, clawback)
    written = {"returned_on": REVOKED_AT.date(), "reference": "R-1", "confirmed_by": ruler.user}
    with acting_as(ruler), pytest.raises(IntegrityError, match="who ruled on an appeal"), transaction.atomic():
        Clawback.objects.filter(pk=clawback.pk).update(**written, confirmed_by_name="x", returned_cny=Decimal("604.38"))
