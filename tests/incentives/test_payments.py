"""Payments of awards that stand: planned, confirmed, recorded by hand and from the treasury's file."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from incentives import services
from incentives.choices import InstalmentState, StepKind
from incentives.models import Award, Instalment, Payment
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, acting_as
from tests.incentives.pages import address, problems_of
from tests.incentives.test_awards import approved, notify, settled, steps_of
from tests.incentives.test_ledger import years

pytestmark = pytest.mark.django_db
PLAN = [
    {"percent": "60", "condition_en": "Contract signed", "condition_zh": "签订协议"},
    {"percent": "40", "condition_en": "Savings verified", "condition_zh": "节能量核定"},
]
TODAY = date(2026, 11, 4)


@pytest.fixture
def side(scene):
    """A park whose programme pays in two instalments, without a notice."""
    notify(scene.ours, days=0, payment_plan=PLAN)
    return scene.ours


@pytest.fixture
def award(side):
    return approved(side, amount="1000.01")


def instalments(award):
    with park_scope(award.park_id):
        return list(Instalment.objects.filter(award=award).order_by("place"))


def confirm(side, instalment, member=None, evidence="Contract seen."):
    with acting_as(member or side.staff[Role.FINANCE_OFFICER]) as actor:
        found = Instalment.objects.select_related("award__application").get(pk=instalment.pk)
        return services.confirm_condition(actor, found, evidence=evidence, now=NOW)


def record(side, instalment, member=None, **changes):
    given = {"amount_cny": instalment.amount_cny, "paid_on": TODAY, "reference": "T-1", **changes}
    with acting_as(member or side.staff[Role.FINANCE_OFFICER]) as actor:
        found = Instalment.objects.select_related("award__application", "park").get(pk=instalment.pk)
        return services.record_payment(actor, found, **given, now=NOW)


def test_award_that_stands_is_planned_by_its_version(award):
    assert [(row.number, row.amount_cny, row.condition_en, row.state) for row in instalments(award)] == [
        ("OURS-2026-0001/1", Decimal("600.01"), "Contract signed", "planned"),
        ("OURS-2026-0001/2", Decimal("400.00"), "Savings verified", "planned"),
    ]
    settled()


def test_award_without_a_plan_is_paid_once(scene):
    (row,) = instalments(approved(scene.ours))
    assert (row.percent, row.amount_cny, row.condition_en) == (100, Decimal("1000.00"), "")


def test_payment_moves_the_ledger_and_tells_the_enterprise(side, award):
    first, _second = instalments(award)
    confirm(side, first)
    payment = record(side, first)
    settled()
    assert (payment.amount_cny, payment.paid_on, payment.reference) == (Decimal("600.01"), TODAY, "T-1")
    assert [row.state for row in instalments(award)] == [InstalmentState.PAID, InstalmentState.PLANNED]
    with park_scope(side.park.pk):
        assert services.holding_of(Award.objects.get(pk=award.pk).application) == services.Holding(
            Decimal(0), Decimal("1000.01"), Decimal("600.01"), Decimal(0)
        )
    assert steps_of(award)[-1] == StepKind.PAID


def test_payment_waits_for_its_condition(side, award):
    first, _second = instalments(award)
    with pytest.raises(services.Invalid, match="not due"):
        record(side, first)
    with pytest.raises(services.Invalid):
        confirm(side, first, evidence=" ")
    confirm(side, first)
    with pytest.raises(services.StateChanged):
        confirm(side, first)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_cny": Decimal("600.00")}, "amount_cny"),
        ({"paid_on": TODAY + timedelta(days=1)}, "paid_on"),
        ({"reference": " "}, "reference"),
    ],
)
def test_payment_must_be_what_is_due(side, award, changes, field):
    first, _second = instalments(award)
    confirm(side, first)
    with pytest.raises(services.Invalid) as refused:
        record(side, first, **changes)
    assert refused.value.field == field


def test_reference_of_the_treasury_is_used_once(side, award):
    first, second = instalments(award)
    for row in (first, second):
        confirm(side, row)
    record(side, first)
    with pytest.raises(services.Invalid, match="Another payment"):
        record(side, second)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.REVIEWER, Role.PARK_ADMINISTRATOR, Role.AUDITOR])
def test_others_pay_nothing(side, award, role):
    first, _second = instalments(award)
    with pytest.raises(services.NotAllowed):
        confirm(side, first, member=side.staff[role])


def test_who_decided_confirms_no_condition(side, award):
    """The approver was given the second role afterwards."""
    first, _second = instalments(award)
    approver = side.staff[Role.APPROVER]
    approver.roles = [Role.APPROVER, Role.FINANCE_OFFICER]
    with pytest.raises(services.NotAllowed, match="Four eyes"):
        confirm(side, first, member=approver)
    with acting_as(approver), pytest.raises(IntegrityError, match="confirms no condition"), transaction.atomic():
        Instalment.objects.filter(pk=first.pk).update(
            state="due", confirmed_by=approver.user, confirmed_by_name="x", confirmed_at=NOW, evidence="x"
        )


def test_payment_without_its_entry_is_refused_by_the_database(side, award):
    first, _second = instalments(award)
    confirm(side, first)
    officer = side.staff[Role.FINANCE_OFFICER]
    with pytest.raises(IntegrityError, match="stands in the ledger"), transaction.atomic():
        with acting_as(officer):
            Payment.objects.create(
                park_id=side.park.pk,
                enterprise_id=award.enterprise_id,
                instalment=first,
                amount_cny="600.01",
                paid_on=TODAY,
                reference="T-9",
                recorded_at=NOW,
                recorded_by=officer.user,
                recorded_by_name="x",
            )
        settled()


def treasury_file(*lines, name="payments.csv"):
    text = "\n".join(["number,date,amount,reference", *lines])
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def outcomes(answers):
    return [(answer.line.row, answer.outcome, answer.words) for answer in answers]


def taken_in(side, upload, act=services.record_lines, member=None):
    with acting_as(member or side.staff[Role.FINANCE_OFFICER]) as actor:
        return outcomes(act(actor, services.read_treasury_file(upload), NOW))


LINES = (
    'OURS-2026-0001/1,2026-11-04,"600.01",T-1',
    "OURS-2026-0001/2,2026-11-04,400.00,T-2",
    "NO-2026-0001/1,2026-11-04,1.00,T-3",
    "OURS-2026-0001/1,2026-11-04,600.01,T-1",
    "OURS-2026-0001/2,yesterday,400.00,T-2",
    "OURS-2026-0001/2,2026-11-04,much,T-2",
)
REFUSALS = [
    (3, "refused", "This payment is not due; its state is: Waits for its condition."),
    (4, "refused", "There is no payment with this number."),
]


def test_every_line_of_the_treasury_is_answered_before_anything_is_written(side, award):
    confirm(side, instalments(award)[0])
    assert taken_in(side, treasury_file(*LINES), services.answer_lines) == [
        (2, "pays", ""),
        *REFUSALS,
        (5, "refused", "The file names this payment twice."),
        (6, "refused", "The day is not written as year-month-day."),
        (7, "refused", "The amount is no number."),
    ]
    with park_scope(side.park.pk):
        assert Payment.objects.count() == 0


def test_same_file_twice_changes_nothing(side, award):
    confirm(side, instalments(award)[0])
    assert taken_in(side, treasury_file(*LINES[:3])) == [(2, "pays", ""), *REFUSALS]
    before = years(side)
    assert taken_in(side, treasury_file(*LINES[:3])) == [(2, "known", ""), *REFUSALS]
    assert years(side) == before
    with park_scope(side.park.pk):
        assert list(Payment.objects.values_list("reference", flat=True)) == ["T-1"]
    settled()


def test_recorded_payment_with_another_amount_is_told(side, award):
    confirm(side, instalments(award)[0])
    taken_in(side, treasury_file(LINES[0]))
    assert taken_in(side, treasury_file("OURS-2026-0001/1,2026-11-04,600.00,T-1")) == [
        (2, "refused", "Recorded already as T-1 with ¥600.01.")
    ]


def test_file_takes_as_many_queries_with_many_lines(side, award, django_assert_num_queries):
    """Of two awards in one programme: three due payments in one file, after a file of one."""
    awards = [award, approved(side, side.neighbour)]
    first, *others = [row for one in awards for row in instalments(one)]
    for row in (first, *others):
        confirm(side, row)
    for rows in ([first], others):
        lines = [f"{row.number},2026-11-04,{row.amount_cny},T-{row.number}" for row in rows]
        with acting_as(side.staff[Role.FINANCE_OFFICER]) as actor:
            told = services.read_treasury_file(treasury_file(*lines))
            with django_assert_num_queries(3):
                services.answer_lines(actor, told, NOW)
            with django_assert_num_queries(19):
                answers = services.record_lines(actor, told, NOW)
        assert {answer.outcome for answer in answers} == {"pays"}
    settled()
    assert years(side) == [(2026, 20_000_000, 0, 2000, 2000, 0)]
    with park_scope(side.park.pk):
        told = Payment.objects.order_by("reference").values_list("reference", "amount_cny", "recorded_by_name")
        officer = side.staff[Role.FINANCE_OFFICER].user.name
        assert list(told) == [(f"T-{row.number}", row.amount_cny, officer) for row in (first, *others)]


def test_file_of_too_many_lines_is_refused_before_it_is_looked_at():
    lines = [f"N/{number},2026-11-04,1.00,T-{number}" for number in range(2_001)]
    with pytest.raises(services.Invalid, match="more than 2,000 lines"):
        services.read_treasury_file(treasury_file(*lines))


@pytest.mark.parametrize("text", ["", "number,date\n1,2", "x" * 10])
def test_file_that_is_no_list_of_payments_is_refused(side, text):
    upload = SimpleUploadedFile("x.csv", text.encode(), content_type="text/csv")
    with pytest.raises(services.Invalid) as refused:
        services.read_treasury_file(upload)
    assert refused.value.field == "upload"


def test_finance_officer_pays_on_the_pages(side, award, client_of):
    officer, first = client_of(side.staff[Role.FINANCE_OFFICER]), instalments(award)[0]
    page = address("award_detail", award_id=award.pk)
    assert "Confirm the condition" in officer.get(page).content.decode()
    confirmed = officer.post(address("instalment_confirm", instalment_id=first.pk), {"evidence": "Seen."})
    assert confirmed.url == page
    given = {"paid_on": "2026-11-04", "amount_cny": "600.01", "reference": "T-1"}
    wrong = officer.post(address("payment_record", instalment_id=first.pk), {**given, "amount_cny": "1"})
    assert problems_of(wrong.context["form"]) == {"amount_cny": ["The amount due is ¥600.01."]}
    assert officer.post(address("payment_record", instalment_id=first.pk), given).url == page
    listed = officer.get(address("payment_list"), {"state": "paid"})
    assert listed.context["sums"]["paid"] == Decimal("600.01")
    exported = officer.get(address("payment_list"), {"export": "csv"}).content.decode("utf-8-sig")
    assert "OURS-2026-0001/1" in exported


def test_enterprise_sees_its_payments(side, award, client_of):
    confirm(side, instalments(award)[0])
    record(side, instalments(award)[0])
    applicant = client_of(side.firm.people[Role.APPLICANT])
    page = applicant.get(address("application_detail", application_id=award.application_id)).content.decode()
    assert "reference T-1" in page
    assert "Savings verified" in page


def test_treasury_file_is_checked_and_then_recorded(side, award, client_of):
    officer = client_of(side.staff[Role.FINANCE_OFFICER])
    confirm(side, instalments(award)[0])
    checked = officer.post(address("payment_import"), {"upload": treasury_file(*LINES[:3])})
    assert checked.context["counts"] == {"pays": 1, "known": 0, "refused": 2}
    done = officer.post(address("payment_import"), {"lines": checked.context["lines"]})
    assert (done.context["counts"], done.context["is_done"]) == ({"pays": 1, "known": 0, "refused": 2}, True)
    again = officer.post(address("payment_import"), {"lines": checked.context["lines"]})
    assert again.context["counts"] == {"pays": 0, "known": 1, "refused": 2}
    forged = officer.post(address("payment_import"), {"lines": checked.context["lines"][:-2] + "xx"})
    assert forged.url == address("payment_import")


def test_others_do_not_open_the_treasurys_page(scene, client_of):
    opened = {
        role
        for role, member in scene.ours.staff.items()
        if client_of(member).get(address("payment_import")).status_code == 200
    }
    assert opened == {Role.FINANCE_OFFICER}


def test_second_finance_officer_may_record(side, award):
    first = instalments(award)[0]
    confirm(side, first)
    assert record(side, first, member=person(Role.FINANCE_OFFICER, side.park)).reference == "T-1"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reference": "T" * 61}, "reference"), ({"paid_on": date(2016, 11, 4)}, "paid_on")],
)
def test_payment_with_a_slip_is_refused(side, award, wrong, field):
    first, _second = instalments(award)
    confirm(side, first)
    with pytest.raises(services.Invalid) as refused:
        record(side, first, **wrong)
    assert refused.value.field == field
    assert record(side, first).reference == "T-1"
