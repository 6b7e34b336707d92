"""What seems to be claimed twice: what it stops, who answers, who sees it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from enterprises.models import DeclaredInterest
from incentives import services, tasks
from incentives.choices import ClaimKind, DuplicateVerdict, Outcome, Stage
from incentives.models import Application, Claim, Duplicate, Review
from incentives.queries.duplicates import sharing
from incentives.services import DuplicateUnanswered, Invalid, NotAllowed, NotCompared, StateChanged
from parks.choices import Role
from tenancy.scopes import Author, enterprise_scope, park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, give_back, submit
from tests.incentives.claimed import (
    FIELDS,
    answer,
    approve_now,
    compared_at,
    filed,
    found,
    kept,
    set_compared,
    the,
)
from tests.incentives.pages import address, problems_of, shown
from tests.incentives.test_appeals import appeal_of, now_of, rule
from tests.incentives.test_services_programmes import create, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(scene):
    return publish(scene, create(scene, form_fields=FIELDS))


@pytest.fixture
def other_version(scene):
    return publish(scene, create(scene, code="PUMP", form_fields=FIELDS))


@pytest.fixture
def pair(scene, version, other_version):
    """Two accepted cases of two enterprises with one invoice."""
    first = filed(scene.ours.firm, version, answer_invoice="INV 5501")
    second = filed(scene.ours.neighbour, other_version, answer_invoice="inv5501")
    found(first)
    found(second)
    return accept(scene.ours, first), accept(scene.ours, second)


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


def test_what_is_decided_while_it_is_compared_has_a_turn_of_its_own(scene, version, monkeypatch):
    """The turn that began before says nothing of the state and the round that are there when it ends."""
    side, case = scene.ours, filed(scene.ours.firm, version)

    def accepted_meanwhile(application):
        with acting_as(side.staff[Role.REVIEWER]) as actor:
            services.accept_application(actor, application, expected_round=1, note="", now=NOW)
        return sharing(application)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("incentives.services.duplicates.sharing", accepted_meanwhile)
        found(case)
    assert compared_at(case) is None
    found(case)
    assert compared_at(case) == NOW


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
