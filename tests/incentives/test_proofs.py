"""What the financial check proved of the investment, and what that leaves to be granted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from incentives import queries, services
from incentives.choices import Stage
from incentives.models import Programme
from incentives.queries import Order, Proof
from incentives.services import CapExceeded, Verdict
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, fill, submit
from tests.incentives.pages import address
from tests.incentives.test_stages import ask, passing, returning, where, with_stages

pytestmark = pytest.mark.django_db
THREE = [
    ask(Stage.COMPLETENESS, Role.REVIEWER, working_days=5),
    ask(Stage.FINANCIAL, Role.FINANCE_OFFICER, working_days=3),
    ask(Stage.DECISION, Role.APPROVER, approvals=2),
]
SHARE = {"cap_percent": Decimal(30)}
FORMULA = {"amount_formula": "min(saving × 1000, investment × 0.2)"}
# 2,000 tce at ¥500 are ¥1,000,000; of ¥5,000,000 declared, ¥2,000,000.10 are proven.
PROVEN = Decimal("2000000.10")
TOLD = (
    "The financial check proved an investment of ¥2,000,000.10 of the ¥5,000,000.00 declared."
    " By it the enterprise can get at most ¥600,000.03."
)


def checked(side, terms, proven=PROVEN):
    """An application that waits for its decision, with what was proven of its investment."""
    with park_scope(side.park.pk):
        Programme.objects.filter(pk=side.programme.pk).update(**terms)
    firm = with_stages(side, THREE)
    filed = submit(firm, fill(firm, saving_tce=Decimal(2000), investment_cny=Decimal(5_000_000)))
    return passing(
        side.staff[Role.FINANCE_OFFICER], accept(side, filed), Stage.FINANCIAL, proven_cny=proven, checks=["invoices"]
    )


def proof_of(side, application):
    with acting_as(side.staff[Role.AUDITOR]):
        return queries.proof_of(application)


@pytest.mark.parametrize(
    ("terms", "most"), [(SHARE, "600000.03"), (FORMULA, "400000.02"), ({**SHARE, **FORMULA}, "400000.02")]
)
def test_only_what_is_proven_counts(scene, terms, most):
    side = scene.ours
    case = checked(side, terms)
    assert case.requested_cny == Decimal(1_000_000)
    assert proof_of(side, case) == Proof(Decimal(5_000_000), PROVEN, Decimal(most))
    above = str(Decimal(most) + Decimal("0.01"))
    with pytest.raises(CapExceeded) as refused:
        approve(side, case, above)
    assert (refused.value.field, most in refused.value.message.replace(",", "")) == ("amount_cny", True)
    approve(side, case, most)
    assert approve(side, case, most, member=person(Role.APPROVER, side.park)).approved_cny == Decimal(most)


@pytest.mark.parametrize(
    ("terms", "proven"), [(SHARE, "5000000"), (SHARE, "9000000"), (SHARE, "3333333.34"), ({}, "1.00")]
)
def test_proof_that_leaves_the_amount_alone_is_none(scene, terms, proven):
    side = scene.ours
    case = checked(side, terms, Decimal(proven))
    assert proof_of(side, case) is None
    assert where(approve(side, case, "1000000.00")) == ("accepted", "decision", "approver")


def test_formula_without_a_value_for_what_is_proven_gives_nothing(scene):
    side = scene.ours
    case = checked(side, {"amount_formula": "saving × 500 × investment / investment"}, Decimal(0))
    assert proof_of(side, case).most_cny == Decimal(0)
    with pytest.raises(CapExceeded):
        approve(side, case, "0.01")


@pytest.mark.parametrize(
    ("void", "proof"),
    [([Stage.FINANCIAL], None), ([Stage.COMPLETENESS], Proof(Decimal(5_000_000), PROVEN, Decimal("600000.03")))],
)
def test_check_counts_until_a_return_makes_it_void(scene, void, proof):
    side = scene.ours
    returned = returning(person(Role.APPROVER, side.park), checked(side, SHARE), Stage.DECISION, void=void)
    assert proof_of(side, returned) == proof


def test_meeting_and_batch_keep_to_what_is_proven(scene):
    side = scene.ours
    case = checked(side, SHARE)
    with acting_as(side.staff[Role.APPROVER]) as actor:
        programme = Programme.objects.get(pk=side.programme.pk)
        (line,) = queries.ranked(actor, programme, Order.SUBMITTED)
        assert (line.amount_cny, line.yuan_per_tce) == (Decimal("600000.03"), Decimal("300.000015"))
        (outlook,) = services.foresee(actor, [Verdict(case, 1, Decimal(1_000_000), "All.")], now=NOW)
        assert (outlook.state, outlook.refusal) == ("", TOLD)
        (outlook,) = services.foresee(actor, [Verdict(case, 1, line.amount_cny, "As proven.")], now=NOW)
        assert outlook.refusal == ""


def test_approver_is_told_with_the_numbers(scene, client_of):
    side = scene.ours
    case = checked(side, SHARE)
    approver = client_of(side.staff[Role.APPROVER])
    page = approver.get(address("review_detail", application_id=case.pk))
    form = page.context["forms"]["approve"]
    assert form["amount_cny"].value() == "600,000.03"
    assert form.fields["amount_cny"].help_text == (
        "At most ¥600,000.03: the financial check proved ¥2,000,000.10 of the ¥5,000,000.00 declared."
    )
    lines = [(str(line["label"]), str(line["value"])) for line in page.context["worth"].lines]
    assert lines[:2] == [("Investment declared", "¥5,000,000.00"), ("Investment proven", "¥2,000,000.10")]
    assert lines[-1] == ("Payable", "¥600,000.03")
    given = {"stage": "decision", "expected_round": "1", "amount_cny": "1,000,000.00", "message": "", "note": ""}
    refused = approver.post(address("review_approve", application_id=case.pk), given)
    assert (refused.status_code, TOLD in refused.content.decode()) == (422, True)
