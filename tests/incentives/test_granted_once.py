"""Of two applications that claim the same one is granted: by the service, by the database, by two people at once."""

from __future__ import annotations

import sys
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from incentives import services
from incentives.choices import DuplicateVerdict
from incentives.models import Award
from incentives.services import GrantedAlready
from parks.choices import Role
from tenancy.scopes import Author, park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, give_back, submit
from tests.incentives.claimed import FIELDS, answer, filed, found, the
from tests.incentives.test_concurrency import approving, at_once, refused, wait_until_somebody_waits
from tests.incentives.test_services_programmes import create, publish

TWICE = "INV 5501"


@pytest.fixture
def version(scene):
    return publish(scene, create(scene, form_fields=FIELDS, notice_working_days=0))


@pytest.fixture
def same(scene, version):
    """Two accepted cases of two enterprises with one invoice, and an answer that it is the same."""
    side = scene.ours
    cases = [filed(firm, version, answer_invoice=TWICE) for firm in (side.firm, side.neighbour)]
    for case in cases:
        found(case)
    accepted = [accept(side, case) for case in cases]
    answer(side.staff[Role.APPROVER], the(side), DuplicateVerdict.SAME)
    return accepted


APPROVAL = """
INSERT INTO incentives_review (
    id, park_id, application_id, stage, outcome, round, note, message, amount_cny, void_stages, checks, decided_by_id,
    decided_by_name, deputy_for, decided_at, visited_by, visit_findings
)
VALUES (
    gen_random_uuid(), %s, %s, 'decision', 'approved', 1, '', '', 1000, '{}', '{}', %s, %s, '', now(), '', ''
)
"""


@pytest.mark.django_db
def test_second_of_two_that_are_the_same_is_not_granted(scene, same):
    side, (first, second) = scene.ours, same
    with acting_as(side.staff[Role.APPROVER]) as actor:
        verdicts = [services.Verdict(case, 1, Decimal(1000), "In part.") for case in same]
        outlooks = services.foresee(actor, verdicts, now=NOW)
    words = f"The same has been granted in {first.number} already, and is not granted twice."
    assert [(outlook.state, outlook.refusal) for outlook in outlooks] == [("approved", ""), ("", words)]
    approve(side, first)
    with pytest.raises(GrantedAlready) as twice:
        approve(side, second)
    assert twice.value.message == words


@pytest.mark.django_db
def test_database_grants_one_of_two_that_are_the_same(scene, same):
    side, (first, second) = scene.ours, same
    approver = side.staff[Role.APPROVER].user

    def insert():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(APPROVAL, [side.park.pk, second.pk, approver.pk, approver.name])

    with park_scope(side.park.pk, Author(approver.pk, approver.name)):
        insert()
        transaction.set_rollback(True)
    approve(side, first)
    with park_scope(side.park.pk, Author(approver.pk, approver.name)):
        with pytest.raises(IntegrityError, match="nor what is granted already"):
            insert()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_revoked_award_frees_what_was_the_same(scene, same):
    side, (first, second) = scene.ours, same
    approve(side, first)
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        award = Award.objects.select_related("application").get(application=first)
        services.revoke_award(actor, award, reason="Never built.", now=NOW + timedelta(days=9))
    assert approve(side, second).approved_cny == Decimal("1000.00")


@pytest.mark.django_db
def test_who_takes_out_what_was_the_same_is_granted_and_bars_again_with_it(scene, same, version):
    side, (first, second) = scene.ours, same
    later = NOW + timedelta(days=1)

    def correct(case, invoice):
        with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
            changed = services.save_application(
                actor, case, answers={"answer_invoice": invoice}, expected_revision=case.revision, now=NOW
            )
        case = submit(side.neighbour, changed)
        assert found(case, later) == []
        return case

    with acting_as(side.staff[Role.APPROVER]) as actor:
        returned = services.return_application(
            actor,
            second,
            expected_round=1,
            comments={"saving_tce": "Use the verified figure."},
            message="",
            note="",
            now=NOW,
            stage="decision",
            void_stages=["completeness"],
        )
    second = correct(returned, "INV 7")
    assert (the(side).verdict, the(side).gone_at) == ("same", later)
    second = correct(give_back(side, second), TWICE)
    assert (the(side).verdict, the(side).gone_at) == ("same", None)
    approve(side, first)
    with pytest.raises(GrantedAlready):
        approve(side, accept(side, second))


@pytest.mark.django_db
def test_nobody_takes_an_answer_away(scene, same):
    side = scene.ours
    approver = side.staff[Role.APPROVER].user

    def update(change):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE incentives_duplicate SET {change} WHERE id = %s", [the(side).pk])

    with park_scope(side.park.pk, Author(approver.pk, approver.name)):
        for change in ("gone_at = now()", "verdict = 'different'"):
            with pytest.raises(IntegrityError, match="answered once"):
                update(change)
    with park_scope(side.park.pk):
        with pytest.raises(IntegrityError, match="answered once"):
            update("verdict = 'different'")
        update("gone_at = now()")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_that_are_the_same_are_not_granted_at_once(scene, same):
    """The second asks while the first is approved and not committed: without the turn it would find nothing granted."""
    side, has_approved = scene.ours, threading.Event()
    first, second = same

    def approve_first():
        with acting_as(side.staff[Role.APPROVER]) as actor:
            done = services.approve_application(
                actor, first, expected_round=1, amount_cny=Decimal(700), message="In part.", note="", now=NOW
            )
            has_approved.set()
            wait_until_somebody_waits()
            return done

    def approve_second():
        assert has_approved.wait(timeout=20)
        return approving(person(Role.APPROVER, side.park), second, "700.00")()

    assert refused(at_once(approve_first, approve_second)) == ["granted_already"]


@pytest.mark.django_db
def test_answer_stands_where_others_crowd_the_pair_out_of_the_comparison(scene, version, monkeypatch):
    """Neither side changed anything: that many others came to be like them takes nothing from what was found."""
    side = scene.ours
    told = {
        "project_title": "Heat pumps for the kilns",
        "completed_on": date(2026, 8, 1),
        "investment_cny": Decimal(2_345_678),
    }
    first, second = filed(side.firm, version, **told), filed(side.neighbour, version, **told)
    found(first)
    (row,) = found(second)
    answer(side.staff[Role.REVIEWER], row, DuplicateVerdict.SAME)
    monkeypatch.setattr(sys.modules["incentives.queries.duplicates"], "MOST_COMPARED", 0)
    assert found(second) == []
    assert the(side).gone_at is None
    returned = give_back(side, second)
    with acting_as(side.neighbour.people[Role.APPLICANT]) as actor:
        changed = services.save_application(
            actor,
            returned,
            answers={"project_title": "Lamps of the yard"},
            expected_revision=returned.revision,
            now=NOW,
        )
    found(submit(side.neighbour, changed))
    assert the(side).gone_at == NOW
