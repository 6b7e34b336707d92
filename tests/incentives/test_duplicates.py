"""The same project, equipment or invoice claimed twice: what is found, what it stops, who answers, who sees it."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from enterprises.models import DeclaredInterest, Enterprise
from incentives import queries, services, tasks
from incentives.choices import ClaimKind, DocumentKind, DuplicateVerdict, FieldKind, Outcome, Stage
from incentives.likeness import Project, alike, identifiers_in, likeness
from incentives.models import Application, Claim, Duplicate, Review
from incentives.services import DuplicateUnanswered, Invalid, NotAllowed, NotCompared, StateChanged
from incentives.services.signatures import digest
from parks.choices import Role
from tenancy.scopes import Author, enterprise_scope, park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, PDF, accept, acting_as, approve, give_back, submit
from tests.incentives.pages import address, problems_of, shown
from tests.incentives.test_appeals import appeal_of, now_of, rule
from tests.incentives.test_services_programmes import create, publish
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
FIRM, OTHER = UUID(int=1), UUID(int=2)
marks = count(1)


def paper(mark):
    return SimpleUploadedFile(f"{mark}.pdf", PDF + f"% {mark}\n".encode(), content_type="application/pdf")


def prepared(firm, version, papers, **answers):
    """A draft that shares nothing with any other but what is given. papers: kind to what its file says."""
    unlike = next(marks)
    told = {
        "project_title": f"{uuid4().hex} {unlike}",
        "project_summary": "As described.",
        "completed_on": date(2026, 8, 1),
        "investment_cny": Decimal(1_000_000 + unlike),
        "saving_tce": Decimal(100),
        **answers,
    }
    kinds = {kind: f"{kind} {unlike}" for kind in version.document_kinds} | papers
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        application = services.start_application(actor, version, now=NOW)
        for kind, words in kinds.items():
            services.attach_document(actor, application, kind=kind, upload=paper(words), now=NOW)
        application.refresh_from_db()
        return services.save_application(
            actor, application, answers=told, expected_revision=application.revision, now=NOW
        )


@pytest.fixture
def version(scene):
    return publish(scene, create(scene, form_fields=FIELDS))


@pytest.fixture
def other_version(scene):
    return publish(scene, create(scene, code="PUMP", form_fields=FIELDS))


def filed(firm, version, papers=None, **answers):
    return submit(firm, prepared(firm, version, papers or {}, **answers))


def found(application, now=NOW):
    with park_scope(application.park_id):
        return services.find_duplicates(application.pk, now)


def kept(side):
    with park_scope(side.park.pk):
        rows = Duplicate.objects.exclude(pk=side.duplicate.pk).order_by("found_at", "id")
        return list(rows.select_related("later", "earlier"))


FIELDS = [
    {"key": "invoice", "kind": "text", "label_en": "Invoices", "label_zh": "发票号码", "claim": "invoice"},
    {
        "key": "machines",
        "kind": "table",
        "label_en": "Equipment",
        "label_zh": "设备",
        "claim": "serial",
        "options": [{"label_en": "Serial", "label_zh": "编号"}, {"label_en": "kW", "label_zh": "功率", "unit": "kW"}],
    },
    {"key": "remark", "kind": "text", "label_en": "Remark", "label_zh": "备注"},
]
FIELDS = [{"is_required": False, **row} for row in FIELDS]


# What is told apart


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("04217788", ["04217788"]),
        ("ＮＯ．０４２１－７７８８", ["NO04217788"]),
        ("ab 12/34; AB-12-34\n9911、9912", ["AB1234", "AB1234", "9911", "9912"]),
        ("none", []),
        ("0000", []),
        ("123", []),
        ("见附件", []),
    ],
)
def test_numbers_are_compared_without_their_writing(typed, values):
    assert [value for value, _shown in identifiers_in(typed)] == values


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    score = likeness(one, other)
    assert 0 <= score <= 1
    assert score == likeness(other, one)
    assert likeness(one, one) in (0, 1)


def project(firm_id=FIRM, title="Waste heat of kiln two", day=date(2026, 8, 1), amount="500000.00"):
    return Project(firm_id, title, day, amount and Decimal(amount))


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (project(), 1.0),
        (project(day=date(2025, 1, 1)), 1.0),
        (project(amount="400000.00"), 1.0),
        (project(amount="400000.00", day=date(2026, 9, 1)), 1.0),
        (project(amount="400000.00", day=date(2026, 9, 2)), None),
        (project(title="Waste heat of kiln 2", amount="400000.00"), 22 / 25),
        (project(title="New lamps in hall five"), None),
        (project(title="Electric kiln two with waste heat lamps"), None),
        (project(OTHER), 1.0),
        (project(OTHER, amount="400000.00"), None),
        (project(OTHER, day=date(2026, 9, 2)), None),
        (project(OTHER, title="Waste heat of kiln two, third bid in sum"), None),
        (project(day=None, amount=None), None),
    ],
)
def test_titles_say_something_only_beside_amount_or_month(other, score):
    assert alike(project(), other) == score == alike(other, project())


# What is found


def test_same_file_in_another_programme_and_enterprise(scene, version, other_version):
    side = scene.ours
    first = filed(side.firm, version, {DocumentKind.INVOICES: "paid"})
    second = filed(side.neighbour, other_version, {DocumentKind.INVOICES: "paid"})
    assert found(first) == []
    (row,) = found(second)
    assert (row.earlier_id, row.later_id, row.found_at) == (first.pk, second.pk, NOW)
    assert row.is_open
    with park_scope(side.park.pk):
        papers = [case.documents.get() for case in (second, first)]
    (piece,) = row.evidence
    assert piece == {
        "kind": "document",
        "value": papers[0].sha256,
        "later": {"shown": "paid.pdf", "place": "invoices", "document": str(papers[0].pk)},
        "earlier": {"shown": "paid.pdf", "place": "invoices", "document": str(papers[1].pk)},
    }


def test_looking_again_changes_nothing(scene, version, other_version):
    first, second = (filed(scene.ours.firm, of, {DocumentKind.INVOICES: "paid"}) for of in (version, other_version))
    for application in (first, second):
        found(application)
    with park_scope(first.park_id):
        before = list(Duplicate.objects.values()), Claim.objects.count()
    for application in (second, first, second):
        found(application, NOW + timedelta(days=1))
    with park_scope(first.park_id):
        assert (list(Duplicate.objects.values()), Claim.objects.count()) == before


def test_marked_numbers_are_found_however_they_are_written(scene, version, other_version):
    side = scene.ours
    first = filed(
        side.firm, version, answer_invoice="no. 0421-7788", answer_machines=[["SN 77-1", "12"]], answer_remark="R 1234"
    )
    second = filed(
        side.neighbour,
        other_version,
        answer_invoice="9999 1234，ＮＯ．０４２１７７８８",
        answer_machines=[["other 1", "12"], ["sn77/1", ""]],
        answer_remark="R 1234",
    )
    found(first)
    (row,) = found(second)
    assert [(piece["kind"], piece["value"], piece["earlier"], piece["later"]) for piece in row.evidence] == [
        (
            "invoice",
            "NO04217788",
            {"shown": "no. 0421-7788", "place": "answer_invoice", "document": ""},
            {"shown": "NO.04217788", "place": "answer_invoice", "document": ""},
        ),
        (
            "serial",
            "SN771",
            {"shown": "SN 77-1", "place": "answer_machines", "document": ""},
            {"shown": "sn77/1", "place": "answer_machines", "document": ""},
        ),
    ]


def test_same_project_of_two_enterprises(scene, version):
    told = {"project_title": "Heat pumps for the drying kilns", "investment_cny": Decimal(2_345_678)}
    first = filed(scene.ours.firm, version, **told)
    second = filed(scene.ours.neighbour, version, **told, completed_on=date(2026, 7, 15))
    third = filed(build_firm(scene.ours.park, scene.ours.version, "Third"), version, completed_on=date(2026, 7, 15))
    for application in (first, third):
        assert found(application) == []
    (row,) = found(second)
    both = ["Heat pumps for the drying kilns", "2345678.00"]
    assert row.evidence == [
        {
            "kind": "project",
            "value": digest({"later": [*both, "2026-07"], "earlier": [*both, "2026-08"]}),
            "likeness": "1.00",
            "later": {"shown": told["project_title"], "place": "project_title", "document": ""},
            "earlier": {"shown": told["project_title"], "place": "project_title", "document": ""},
        }
    ]


def test_merged_enterprises_are_one(scene, version, other_version):
    told = {"project_title": "Heat pumps for the drying kilns"}
    first = filed(scene.ours.firm, version, **told)
    second = filed(scene.ours.neighbour, other_version, **told)
    assert [*found(first), *found(second)] == []
    with park_scope(first.park_id):
        Enterprise.objects.filter(pk=first.enterprise_id).update(
            status="merged", merged_into=second.enterprise_id, status_changed_at=NOW
        )
    assert [row.earlier_id for row in found(second)] == [first.pk]


@pytest.mark.parametrize("kind", [DocumentKind.LICENCE, DocumentKind.STATEMENT])
def test_papers_of_the_enterprise_are_no_evidence(scene, version, other_version, kind):
    cases = [filed(scene.ours.firm, of, {kind: "of us"}) for of in (version, other_version)]
    assert [row for case in cases for row in found(case)] == []


def test_form_that_everybody_attaches_is_no_evidence(scene, version, other_version, monkeypatch):
    firms = ((scene.ours.firm, version), (scene.ours.neighbour, other_version))
    cases = [filed(firm, of, {DocumentKind.OTHER: "form"}) for firm, of in firms]
    module = sys.modules["incentives.queries.duplicates"]
    monkeypatch.setattr(module, "MOST_SHARING", 1)
    assert [row for case in cases for row in found(case)] == []
    monkeypatch.setattr(module, "MOST_SHARING", 2)
    assert len(found(cases[0])) == 1


def test_other_park_is_never_compared(scene, version):
    first = filed(scene.ours.firm, version, {DocumentKind.INVOICES: "paid"})
    others = scene.others
    second = filed(others.firm, others.version, {DocumentKind.CONTRACT: "paid"})
    assert [*found(first), *found(second)] == []


def test_drafts_are_not_compared(scene, version):
    draft = prepared(scene.ours.firm, version, {})
    assert found(draft) == []
    with park_scope(draft.park_id):
        assert Claim.objects.filter(application=draft).count() == 0


# What is granted was compared


def test_nothing_is_approved_before_it_is_compared(scene, version):
    side = scene.ours
    case = accept(side, filed(side.firm, version))
    set_compared(case, None)
    with pytest.raises(NotCompared) as refused:
        approve_now(side, case)
    assert refused.value.message == (
        "It is still being compared with all other applications. Try again in a few minutes."
    )
    tasks.compare_uncompared(park_id=side.park.pk)
    assert approve(side, case).approved_cny == Decimal("1000.00")


def approve_now(side, application, member=None):
    """Whatever the worker has done."""
    with acting_as(member or side.staff[Role.APPROVER]) as actor:
        return services.approve_application(
            actor, application, expected_round=1, amount_cny=Decimal(1000), message="In part.", note="", now=NOW
        )


def set_compared(application, at):
    with park_scope(application.park_id):
        Application.objects.filter(pk=application.pk).update(compared_at=at)


def compared_at(application):
    with park_scope(application.park_id):
        return Application.objects.values_list("compared_at", flat=True).get(pk=application.pk)


def test_filing_again_has_to_be_compared_again(scene, version):
    side = scene.ours
    case = filed(side.firm, version)
    assert compared_at(case) is None
    found(case)
    assert compared_at(case) == NOW
    assert compared_at(accept(side, case, NOW + timedelta(days=1))) == NOW
    again = filed(side.neighbour, version)
    found(again)
    returned = give_back(side, again)
    with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
        returned = services.save_application(
            actor, returned, answers={"saving_tce": Decimal(99)}, expected_revision=returned.revision, now=NOW
        )
    assert compared_at(submit(side.neighbour, returned)) is None


def test_reopened_case_is_compared_again(scene, pair, run_outbox):
    """Declined, its question is gone; an appeal opens the case again, and nobody has answered."""
    side = scene.ours
    case = pair[0]
    with acting_as(side.staff[Role.APPROVER]) as actor:
        case = services.decline_application(
            actor, case, expected_round=1, reason="No.", note="", now=NOW, stage=Stage.DECISION
        )
    found(case)
    assert the(side).gone_at == NOW
    appeal = appeal_of(side, case)
    rule(side, appeal, is_upheld=True, member=person(Role.APPROVER, side.park))
    case = now_of(case)
    assert (case.state, case.compared_at) == ("accepted", None)
    decider = person(Role.APPROVER, side.park)
    with pytest.raises(NotCompared):
        approve_now(side, case, decider)
    run_outbox()
    assert now_of(case).compared_at is not None
    with pytest.raises(DuplicateUnanswered):
        approve(side, case, member=decider)


def test_database_takes_no_approval_and_no_word_of_a_person_that_it_was_compared(scene, version):
    side = scene.ours
    case = accept(side, filed(side.firm, version))
    set_compared(case, None)
    approver = side.staff[Role.APPROVER].user
    with park_scope(side.park.pk, Author(approver.pk, approver.name)):
        with pytest.raises(IntegrityError, match="while it may be claimed twice"), transaction.atomic():
            Review.objects.create(**approval_of(side, case))
        with pytest.raises(IntegrityError, match="the worker compares"), transaction.atomic():
            Application.objects.filter(pk=case.pk).update(compared_at=NOW)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting_as(side.firm.people[Role.CERTIFIER]),
        transaction.atomic(),
    ):
        Application.objects.filter(pk=case.pk).update(compared_at=NOW)


def approval_of(side, case):
    approver = side.staff[Role.APPROVER].user
    return {
        "park_id": side.park.pk,
        "application": case,
        "stage": Stage.DECISION,
        "outcome": Outcome.APPROVED,
        "round": 1,
        "amount_cny": Decimal(1000),
        "decided_by": approver,
        "decided_by_name": approver.name,
        "decided_at": NOW,
    }


# What becomes of it


@pytest.fixture
def pair(scene, version, other_version):
    """Two accepted cases of two enterprises with one invoice."""
    first = filed(scene.ours.firm, version, answer_invoice="INV 5501")
    second = filed(scene.ours.neighbour, other_version, answer_invoice="inv5501")
    found(first)
    found(second)
    return accept(scene.ours, first), accept(scene.ours, second)


def the(side):
    (row,) = kept(side)
    return row


def answer(membership, row, verdict=DuplicateVerdict.DIFFERENT, reason="Two invoices of one number.", **changes):
    with acting_as(membership, **changes) as actor:
        answered = services.answer_duplicate(
            actor, row, verdict=verdict, reason=reason, seen=services.evidence_mark(row), now=NOW
        )
        return answered[0]


def test_nothing_is_approved_before_it_is_answered(scene, pair):
    side = scene.ours
    for case, other in (pair, pair[::-1]):
        with pytest.raises(DuplicateUnanswered) as refused:
            approve(side, case)
        assert refused.value.message == f"Say first whether the same is claimed in {other.number}."
    answer(side.staff[Role.APPROVER], the(side))
    assert approve(side, pair[1]).approved_cny == Decimal("1000.00")


def test_preview_of_a_batch_says_so(scene, pair):
    with acting_as(scene.ours.staff[Role.APPROVER]) as actor:
        verdicts = [services.Verdict(case, 1, Decimal(1000), "In part.") for case in pair]
        outlooks = services.foresee(actor, verdicts, now=NOW)
    assert [outlook.refusal for outlook in outlooks] == [
        f"Say first whether the same is claimed in {pair[1].number}.",
        f"Say first whether the same is claimed in {pair[0].number}.",
    ]


def test_database_takes_no_approval_before_the_answer(scene, pair):
    side = scene.ours
    approver = side.staff[Role.APPROVER].user
    review = approval_of(side, pair[0])
    with park_scope(side.park.pk, Author(approver.pk, approver.name)):
        with (
            pytest.raises(IntegrityError, match="while it may be claimed twice"),
            transaction.atomic(),
        ):
            Review.objects.create(**review)
        Review.objects.create(**{**review, "outcome": Outcome.DECLINED, "amount_cny": None})


def test_answer_is_kept_with_its_author(scene, pair):
    side = scene.ours
    row = answer(side.staff[Role.APPROVER], the(side), DuplicateVerdict.SAME, "  One invoice.  ")
    approver = side.staff[Role.APPROVER].user
    assert [row.verdict, row.reason, row.answered_by_id, row.answered_by_name, row.answered_at] == [
        "same",
        "One invoice.",
        approver.pk,
        approver.name,
        NOW,
    ]
    with pytest.raises(StateChanged):
        answer(side.staff[Role.APPROVER], row)


@pytest.mark.parametrize(("verdict", "reason", "field"), [("", "Yes.", "verdict"), ("same", "  ", "reason")])
def test_answer_needs_a_verdict_and_a_reason(scene, pair, verdict, reason, field):
    with pytest.raises(Invalid) as refused:
        answer(scene.ours.staff[Role.APPROVER], the(scene.ours), verdict, reason)
    assert refused.value.field == field


def test_answered_evidence_is_not_asked_again_but_further_evidence_is(scene, version, other_version):
    side = scene.ours
    first = filed(side.firm, version, answer_invoice="INV 5501")
    second = filed(side.neighbour, other_version, answer_invoice="INV 5501")
    for case in (first, second):
        found(case)
    row = answer(side.staff[Role.REVIEWER], the(side))
    assert found(second) == []
    returned = give_back(side, second)
    with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
        returned = services.save_application(
            actor,
            returned,
            answers={"answer_invoice": "INV 5501", "answer_machines": [["PUMP 9", ""]]},
            expected_revision=returned.revision,
            now=NOW,
        )
    second = submit(side.neighbour, returned)
    assert found(second) == [], "nothing else of the first claims it"
    third = filed(side.firm, other_version, answer_machines=[["pump-9", ""]])
    assert [new.evidence[0]["value"] for new in found(third)] == ["PUMP9"]
    assert [kept_row.pk for kept_row in kept(side) if kept_row.verdict] == [row.pk]


@pytest.mark.parametrize(
    "change",
    [
        {"project_title": "Heat pumps for the drying kilns one"},
        {"completed_on": date(2026, 7, 31)},
    ],
)
def test_answer_about_two_projects_is_about_them_as_they_were(scene, version, change):
    """They become liker than they were when somebody said that they are not the same."""
    side = scene.ours
    told = {"completed_on": date(2026, 8, 1), "investment_cny": Decimal(2_345_678)}
    first = filed(side.firm, version, project_title="Heat pumps for the drying kilns one", **told)
    second = filed(side.neighbour, version, project_title="Heat pumps for the drying kilns two", **told)
    found(first)
    (row,) = found(second)
    assert row.evidence[0]["likeness"] == "0.90"
    answer(side.staff[Role.REVIEWER], row)
    assert found(second) == []

    def corrected(**answers):
        with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
            changed = services.save_application(
                actor, returned, answers=answers, expected_revision=returned.revision, now=NOW
            )
        return submit(side.neighbour, changed)

    returned = give_back(side, second)
    second = corrected(saving_tce=Decimal(99))
    assert found(second) == [], "nothing of what was compared has changed"
    returned = give_back(side, second)
    (asked,) = found(corrected(**change))
    assert (asked.is_open, asked.pk == row.pk) == (True, False)


def test_further_evidence_makes_a_new_question(scene, pair):
    side = scene.ours
    answered = answer(side.staff[Role.APPROVER], the(side))
    with park_scope(side.park.pk):
        for case in pair:
            told = {"park_id": side.park.pk, "application": case, "round": 1, "shown": "SN 9", "place": ""}
            Claim.objects.create(kind=ClaimKind.SERIAL, value="SN9", **told)
    (asked,) = found(pair[0])
    assert asked.pk != answered.pk
    assert [piece["kind"] for piece in asked.evidence] == ["invoice", "serial"]
    with pytest.raises(DuplicateUnanswered):
        approve(side, pair[0])


def test_corrected_filing_takes_its_evidence_away(scene, version, other_version):
    side = scene.ours
    first = filed(side.firm, version, answer_invoice="INV 5501")
    second = filed(side.neighbour, other_version, answer_invoice="INV 5501")
    for case in (first, second):
        found(case)
    returned = give_back(side, second)
    with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
        returned = services.save_application(
            actor, returned, answers={"answer_invoice": "INV 5502"}, expected_revision=returned.revision, now=NOW
        )
    assert found(submit(side.neighbour, returned), NOW + timedelta(days=1)) == []
    row = the(side)
    assert (row.gone_at, row.verdict) == (NOW + timedelta(days=1), "")
    assert approve(side, accept(side, first)).approved_cny == Decimal("1000.00")


@pytest.mark.parametrize("act", ["withdrawn", "declined"])
def test_who_stepped_back_or_was_turned_down_claims_nothing(scene, pair, run_outbox, act):
    side = scene.ours
    run_outbox()
    assert the(side).is_open
    if act == "withdrawn":
        with acting_as(side.neighbour.people[Role.CERTIFIER]) as actor:
            services.withdraw_application(actor, pair[1], reason="Filed elsewhere.", now=NOW)
    else:
        with acting_as(side.staff[Role.APPROVER]) as actor:
            services.decline_application(
                actor, pair[1], expected_round=1, reason="Twice.", note="", now=NOW, stage=Stage.DECISION
            )
    run_outbox()
    assert the(side).gone_at is not None


def test_filing_is_compared_by_the_worker(scene, version, other_version, run_outbox):
    for firm, of in ((scene.ours.firm, version), (scene.ours.neighbour, other_version)):
        filed(firm, of, answer_invoice="INV 5501")
    run_outbox()
    assert [piece["value"] for piece in the(scene.ours).evidence] == ["INV5501"]


def test_what_was_filed_before_is_compared_once(scene, version, other_version):
    side = scene.ours
    cases = [filed(side.firm, of, answer_invoice="INV 5501") for of in (version, other_version)]
    with park_scope(side.park.pk):
        assert set(queries.uncompared(side.park.pk, 100)) >= {case.pk for case in cases}
    tasks.compare_uncompared(park_id=side.park.pk)
    assert {row.later_id for row in kept(side)} >= {cases[1].pk}
    with park_scope(side.park.pk):
        assert queries.uncompared(side.park.pk, 100) == []


# Who answers, and who sees it


def test_tie_to_either_side_bars_from_the_answer(scene, pair):
    side = scene.ours
    approver = side.staff[Role.APPROVER]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=approver.user, reason="Shares"
        )
    with pytest.raises(NotAllowed, match="You belong to this enterprise"):
        answer(approver, the(side))
    answer(person(Role.APPROVER, side.park), the(side))


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.EXPERT, Role.FINANCE_OFFICER])
def test_who_does_not_decide_there_does_not_answer(scene, pair, role):
    """The reviewer has decided in another stage; the others have no part in this one."""
    with pytest.raises(NotAllowed):
        answer(scene.ours.staff[role], the(scene.ours))


def test_nobody_answers_during_a_support_session(scene, pair):
    with pytest.raises(NotAllowed):
        answer(scene.ours.staff[Role.APPROVER], the(scene.ours), support_session_id=scene.ours.support_session.pk)


def test_other_evidence_than_was_read_is_not_answered(scene, pair):
    side, row = scene.ours, the(scene.ours)
    with park_scope(side.park.pk):
        Duplicate.objects.filter(pk=row.pk).update(evidence=[{**row.evidence[0], "value": "INV5502"}])
    with pytest.raises(StateChanged):
        answer(side.staff[Role.APPROVER], row)


FORGERIES = {
    "another's name": {"verdict": "different", "reason": "x", "answered_by_name": "x", "answered_at": NOW},
    "no evidence": {"evidence": []},
    "gone": {"gone_at": NOW},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_database_refuses_what_no_page_offers(scene, pair, name):
    side = scene.ours
    approver, reviewer = (side.staff[role].user for role in (Role.APPROVER, Role.REVIEWER))
    changes = FORGERIES[name] | ({"answered_by": reviewer} if "verdict" in FORGERIES[name] else {})
    with (
        park_scope(side.park.pk, Author(approver.pk, approver.name)),
        pytest.raises(IntegrityError, match="answered once"),
    ):
        Duplicate.objects.filter(pk=the(side).pk).update(**changes)


def test_database_keeps_an_answer(scene, pair):
    side = scene.ours
    row = answer(side.staff[Role.APPROVER], the(side))
    with park_scope(side.park.pk):
        for changes in ({"reason": "Other."}, {"verdict": "same"}, {"evidence": []}):
            with pytest.raises(IntegrityError, match="answered once"), transaction.atomic():
                Duplicate.objects.filter(pk=row.pk).update(**changes)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Duplicate.objects.filter(pk=row.pk).delete()


def test_enterprises_cannot_read_it(scene, pair):
    with enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk):
        for model in (Duplicate, Claim):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.count()


# Pages


def test_page_of_the_case_shows_the_evidence_and_why_it_waits(scene, pair, client_of):
    row = the(scene.ours)
    page = client_of(scene.ours.staff[Role.APPROVER]).get(address("review_detail", application_id=pair[0].pk))
    text = page.content.decode()
    assert "INV 5501" in text
    assert "inv5501" in text
    assert address("duplicate_detail", duplicate_id=row.pk) in text
    assert f"Say first whether the same is claimed in {pair[1].number}." in text


def test_answer_by_the_page(scene, pair, client_of):
    side, row = scene.ours, the(scene.ours)
    client = client_of(side.staff[Role.APPROVER])
    page = client.get(address("duplicate_detail", duplicate_id=row.pk))
    typed = {"verdict": "different", "reason": "Other year.", "seen": page.context["form"].initial["seen"]}
    bare = client.post(address("duplicate_detail", duplicate_id=row.pk), {"seen": typed["seen"]})
    assert (bare.status_code, set(problems_of(bare.context["form"]))) == (422, {"verdict", "reason"})
    stale = client.post(address("duplicate_detail", duplicate_id=row.pk), {**typed, "seen": "0" * 64})
    assert (stale.status_code, stale.context["form"]["seen"].value()) == (422, typed["seen"])
    done = client.post(address("duplicate_detail", duplicate_id=row.pk), typed)
    assert done["Location"] == address("review_detail", application_id=row.later_id)
    assert (the(side).verdict, the(side).reason) == ("different", "Other year.")
    assert "Not the same" in client.get(done["Location"]).content.decode()


def test_auditor_reads_and_is_told_why_not_to_answer(scene, pair, client_of):
    row = the(scene.ours)
    page = client_of(scene.ours.staff[Role.AUDITOR]).get(address("duplicate_detail", duplicate_id=row.pk))
    assert "Only an official who decides on applications can answer this." in page.content.decode()
    assert "<textarea" not in page.content.decode()


def test_queue_marks_and_finds_them(scene, pair, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.AUDITOR])
    everything = [*pair, side.firm.application]

    def listed(**parameters):
        return shown(client.get(address("review_queue"), {"view": "waiting", **parameters}), *everything)

    page = client.get(address("review_queue"), {"view": "waiting"})
    assert page.content.decode().count("Perhaps claimed twice") == 2
    assert listed() == everything
    assert listed(twice="open") == list(pair)
    assert listed(twice="same") == []
    answer(side.staff[Role.APPROVER], the(side), DuplicateVerdict.SAME)
    assert listed(twice="open") == []
    assert listed(twice="same") == list(pair)
    assert "Perhaps claimed twice" not in client.get(address("review_queue"), {"view": "waiting"}).content.decode()


# What a programme marks


@pytest.mark.parametrize(
    ("kind", "claim", "fault"),
    [
        (FieldKind.TEXT, "invoice", ""),
        (FieldKind.NUMBER, "invoice", "Only text and tables can hold numbers that are compared."),
        (FieldKind.TEXT, "document", "Only text and tables can hold numbers that are compared."),
    ],
)
def test_only_text_and_tables_hold_numbers_to_compare(scene, kind, claim, fault):
    row = {"key": "a", "kind": kind, "label_en": "A", "label_zh": "A", "claim": claim}
    if not fault:
        assert create(scene, form_fields=[row]).form_fields == [row]
        return
    with pytest.raises(Invalid) as refused:
        create(scene, form_fields=[row])
    assert refused.value.message == f"Field 1: {fault}"
