"""What two people do at the same moment, with real threads and connections."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from time import monotonic, sleep

import pytest
from django.db import connection, connections

from incentives import services, tasks
from incentives.choices import ApplicationState, Stage
from incentives.models import Absence, Application, Programme, Review
from lib.refusals import Refusal
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, file, fill, give_budget, pdf, submit, unlike
from tests.incentives.test_stages import ask, with_stages
from tests.scene import build_firm

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_once(*acts):
    """Run the acts together, each with a connection of its own; answer what each returned or was refused with."""
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait(timeout=20)
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refused(answers):
    return sorted(answer.code for answer in answers if isinstance(answer, Refusal))


def approving(membership, application, amount):
    def act():
        with acting_as(membership) as actor:
            return services.approve_application(
                actor, application, expected_round=1, amount_cny=Decimal(amount), message="In part.", note="", now=NOW
            )

    return act


def committed(side):
    with park_scope(side.park.pk):
        return Programme.objects.get(pk=side.programme.pk).committed_cny


def accepted_cases(side, count):
    firms = [build_firm(side.park, side.version, f"Firm {number}") for number in range(count)]
    return [accept(side, file(firm, project_title=unlike())) for firm in firms]


def test_two_approvers_of_one_application_commit_once(scene):
    side = scene.ours
    application = accept(side, file(side.firm))
    first, second = side.staff[Role.APPROVER], person(Role.APPROVER, side.park)

    answers = at_once(approving(first, application, "700.00"), approving(second, application, "900.00"))

    assert refused(answers) == ["state_changed"]
    with park_scope(side.park.pk):
        application.refresh_from_db()
        assert Review.objects.filter(application=application, stage=Stage.DECISION).count() == 1
    assert committed(side) == application.approved_cny


def test_two_approvers_of_a_stage_that_asks_for_two_approve_together(scene):
    """The second waits for the first and is the one that commits: the amount is committed once."""
    side = scene.ours
    two = [ask(Stage.COMPLETENESS, Role.REVIEWER), ask(Stage.DECISION, Role.APPROVER, approvals=2)]
    application = accept(side, file(with_stages(side, two)))
    first, second = side.staff[Role.APPROVER], person(Role.APPROVER, side.park)

    answers = at_once(*(approving(who, application, "700.00") for who in (first, second)))

    assert refused(answers) == []
    assert sorted(answer.state for answer in answers) == [ApplicationState.ACCEPTED, ApplicationState.APPROVED]
    assert committed(side) == Decimal("700.00")


def test_one_approver_twice_at_once_counts_once(scene):
    side = scene.ours
    two = [ask(Stage.COMPLETENESS, Role.REVIEWER), ask(Stage.DECISION, Role.APPROVER, approvals=2)]
    application = accept(side, file(with_stages(side, two)))

    answers = at_once(*[approving(side.staff[Role.APPROVER], application, "700.00")] * 2)

    assert refused(answers) == ["not_allowed"]
    assert committed(side) == Decimal(0)


def test_approval_and_withdrawal_at_once_leave_one_outcome(scene):
    side = scene.ours
    application = accept(side, file(side.firm))

    def withdraw():
        with acting_as(side.firm.people[Role.OWNER]) as actor:
            return services.withdraw_application(actor, application, reason="Sold", now=NOW)

    answers = at_once(approving(side.staff[Role.APPROVER], application, "700.00"), withdraw)

    assert refused(answers) == ["state_changed"]
    with park_scope(side.park.pk):
        application.refresh_from_db()
    expected = Decimal("700.00") if application.state == ApplicationState.APPROVED else Decimal(0)
    assert committed(side) == expected


def test_many_approvals_never_commit_more_than_the_budget(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        give_budget(side.programme, "2500.00")
    cases = accepted_cases(side, 6)
    approvers = [person(Role.APPROVER, side.park) for _ in cases]

    answers = at_once(*(approving(who, case, "1000.00") for who, case in zip(approvers, cases, strict=True)))

    assert refused(answers) == ["budget_exceeded"] * 4
    assert committed(side) == Decimal("2000.00")
    with park_scope(side.park.pk):
        assert Application.objects.filter(state=ApplicationState.APPROVED, approved_cny=Decimal("1000.00")).count() == 2


def test_two_applications_of_one_enterprise_never_exceed_its_cap(scene):
    side, firm = scene.ours, scene.ours.firm
    first = accept(side, file(firm))
    second = accept(side, firm.application)

    answers = at_once(
        approving(side.staff[Role.APPROVER], first, "1000000.00"),
        approving(person(Role.APPROVER, side.park), second, "1000000.00"),
    )

    assert refused(answers) == ["cap_exceeded"]
    assert committed(side) == Decimal("1000000.00")


def test_double_submission_takes_one_number(scene):
    firm = scene.ours.firm
    application = fill(firm)

    answers = at_once(*[lambda: submit(firm, application)] * 4)

    assert {(answer.number, answer.round) for answer in answers} == {("OURS-2026-0001", 1)}


def test_numbers_of_parallel_submissions_have_no_gap(scene):
    side = scene.ours
    firms = [build_firm(side.park, side.version, f"Firm {number}") for number in range(6)]
    drafts = [fill(firm) for firm in firms]
    with acting_as(firms[0].people[Role.OWNER]) as actor:
        services.save_application(
            actor, drafts[0], answers={"saving_tce": None}, expected_revision=drafts[0].revision, now=NOW
        )

    def submitting(firm, draft):
        return lambda: submit(firm, draft)

    answers = at_once(*(submitting(*pair) for pair in zip(firms, drafts, strict=True)))

    assert refused(answers) == ["changed_meanwhile"]
    numbers = sorted(answer.number for answer in answers if isinstance(answer, Application))
    assert numbers == [f"OURS-2026-{number:04}" for number in range(1, 6)]


def test_two_colleagues_start_one_draft(scene):
    side = scene.ours
    with acting_as(side.firm.people[Role.OWNER]) as actor:
        services.withdraw_application(actor, side.firm.draft, reason="", now=NOW)

    def starting(role):
        def act():
            with acting_as(side.firm.people[role]) as actor:
                return services.start_application(actor, side.version, now=NOW)

        return act

    roles = (Role.OWNER, Role.APPLICANT, Role.CERTIFIER)
    assert len({answer.pk for answer in at_once(*map(starting, roles))}) == 1


def wait_until_somebody_waits():
    """Until another connection waits for a lock that this one holds."""
    until = monotonic() + 20
    with connection.cursor() as cursor:
        while monotonic() < until:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
            sleep(0.02)
    raise AssertionError("nobody waited")


def test_two_colleagues_saving_at_once_lose_nothing_unseen(scene):
    """The second reads the draft while the first has saved and not committed: without the lock it would read the old
    revision, wait at its own write, and then overwrite.
    """
    firm, has_saved = scene.ours.firm, threading.Event()

    def save(title):
        with acting_as(firm.people[Role.OWNER]) as actor:
            saved = services.save_application(
                actor, firm.draft, answers={"project_title": title}, expected_revision=0, now=NOW
            )
            if title == "Hers":
                has_saved.set()
                wait_until_somebody_waits()
            return saved

    def save_after():
        has_saved.wait(timeout=20)
        return save("His")

    assert refused(at_once(lambda: save("Hers"), save_after)) == ["changed_meanwhile"]
    with acting_as(firm.people[Role.OWNER]):
        assert Application.objects.get(pk=firm.draft.pk).project_title == "Hers"


def test_same_file_uploaded_twice_at_once_is_kept_once(scene):
    firm = scene.ours.firm

    def attach():
        with acting_as(firm.people[Role.APPLICANT]) as actor:
            return services.attach_document(actor, firm.draft, kind="other", upload=pdf("same"), now=NOW)

    assert refused(at_once(attach, attach)) == ["unacceptable_file"]


def test_budget_cut_waits_for_the_approval_before_it(scene):
    side = scene.ours
    application = accept(side, file(side.firm))

    def cut():
        with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
            terms = {"budget_cny": Decimal("500.00")}
            return services.update_programme(actor, side.programme, terms=terms, now=NOW)

    answers = at_once(approving(side.staff[Role.APPROVER], application, "700.00"), cut)

    assert refused(answers) in (["budget_exceeded"], ["invalid"])
    with park_scope(side.park.pk):
        programme = Programme.objects.get(pk=side.programme.pk)
        assert programme.committed_cny <= programme.budget_cny


def test_of_two_filed_at_once_one_finds_the_other(scene, monkeypatch):
    """The second is compared while the claims of the first are not committed: without the lock neither would find the
    other.
    """
    # The worker is late: both are filed before it compares either.
    monkeypatch.setattr(tasks.find_duplicates, "delay", lambda **_told: None)
    side, has_looked = scene.ours, threading.Event()
    first, second = (file(firm, project_title="Heat pumps of hall two") for firm in (side.firm, side.neighbour))

    def one():
        with park_scope(side.park.pk):
            found = services.find_duplicates(first.pk, NOW)
            has_looked.set()
            wait_until_somebody_waits()
            return len(found)

    def other():
        assert has_looked.wait(timeout=20)
        with park_scope(side.park.pk):
            return len(services.find_duplicates(second.pk, NOW))

    assert at_once(one, other) == [0, 1]


def test_two_deputies_for_the_same_days_are_not_named_at_once(scene):
    """The second looks for what the first has declared and not committed."""
    side, has_declared = scene.ours, threading.Event()
    first, second = (person(Role.REVIEWER, side.park) for _ in range(2))

    def name(deputy):
        with acting_as(side.staff[Role.APPROVER]) as actor:
            absence = services.declare_absence(
                actor,
                side.park,
                role=Role.APPROVER,
                deputy_id=deputy.user_id,
                starts_on=NOW.date(),
                ends_on=NOW.date(),
                now=NOW,
            )
            if deputy is first:
                has_declared.set()
                wait_until_somebody_waits()
            return absence

    def name_after():
        has_declared.wait(timeout=20)
        return name(second)

    assert refused(at_once(lambda: name(first), name_after)) == ["invalid"]
    with park_scope(side.park.pk):
        declared = Absence.objects.filter(person=side.staff[Role.APPROVER].user)
        assert list(declared.values_list("deputy", flat=True)) == [first.user_id]
