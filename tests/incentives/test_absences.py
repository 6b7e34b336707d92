"""Deputies: for some days a colleague acts in an absent one's role, by their own hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from incentives import permissions, queries, services
from incentives.choices import Stage
from incentives.models import Absence, Review
from lib.periods import local_day
from parks.choices import ParkStatus, Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, file
from tests.incentives.pages import address, problems_of, shown
from tests.incentives.test_stages import PROOF, ask, passing, with_stages

pytestmark = pytest.mark.django_db
WITH_FINANCE = [
    ask(Stage.COMPLETENESS, Role.REVIEWER),
    ask(Stage.FINANCIAL, Role.FINANCE_OFFICER),
    ask(Stage.DECISION, Role.APPROVER),
]


@pytest.fixture
def deputy(scene):
    return person(Role.REVIEWER, scene.ours.park, user__name="Luo Min")


@pytest.fixture
def waiting(scene):
    """An application that waits for the finance officer."""
    return accept(scene.ours, file(with_stages(scene.ours, WITH_FINANCE)))


def away(side, deputy, first=0, last=1, role=Role.FINANCE_OFFICER):
    """By the clock of the database, which decides whether somebody stands in."""
    today = local_day(timezone.now(), side.park.time_zone)
    with acting_as(side.staff[role]) as actor:
        return services.declare_absence(
            actor,
            side.park,
            role=role,
            deputy_id=deputy.user_id,
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            now=timezone.now(),
        )


def may(membership, application):
    """What the queue and the sentences say; they must agree."""
    with acting_as(membership) as actor:
        is_mine = queries.mine(actor).filter(pk=application.pk).exists()
        assert is_mine == (not permissions.explain_no_decision(actor, application, Stage(application.stage)))
        return is_mine


def test_queue_of_the_absent_is_the_deputys_too(scene, waiting, deputy):
    side = scene.ours
    assert not may(deputy, waiting)
    away(side, deputy)
    assert may(deputy, waiting)
    assert may(side.staff[Role.FINANCE_OFFICER], waiting), "who is back early is not locked out"
    passed = passing(deputy, waiting, Stage.FINANCIAL, **PROOF)
    with park_scope(side.park.pk):
        review = Review.objects.get(application=passed, stage=Stage.FINANCIAL)
    officer = side.staff[Role.FINANCE_OFFICER].user
    assert (review.decided_by_id, review.deputy_for) == (deputy.user_id, officer.name)
    assert approve(side, passed).state == "approved"
    with park_scope(side.park.pk):
        assert Review.objects.get(application=passed, stage=Stage.DECISION).deputy_for == ""


@pytest.mark.parametrize(("first", "last"), [(1, 2), (2, 2)])
def test_deputy_of_other_days_does_not_act(scene, waiting, deputy, first, last):
    away(scene.ours, deputy, first, last)
    assert not may(deputy, waiting)


def test_absence_that_has_ended_gives_nothing(scene, waiting, deputy):
    absence = away(scene.ours, deputy)
    with acting_as(scene.ours.staff[Role.FINANCE_OFFICER]) as actor:
        for _ in range(2):
            services.end_absence(actor, absence, now=timezone.now())
    assert not may(deputy, waiting)


def test_power_that_was_taken_away_is_not_stood_in_for(scene, waiting, deputy):
    side = scene.ours
    away(side, deputy)
    officer = side.staff[Role.FINANCE_OFFICER]
    officer.roles = [Role.AUDITOR]
    officer.save(update_fields=["roles"])
    assert not may(deputy, waiting)


@pytest.mark.parametrize("roles", [[Role.AUDITOR], [Role.EXPERT]])
def test_deputy_who_decides_nowhere_any_more_has_no_queue(scene, waiting, deputy, roles):
    away(scene.ours, deputy)
    assert may(deputy, waiting)
    deputy.roles = roles
    deputy.save(update_fields=["roles"])
    assert not may(deputy, waiting)


def test_four_eyes_hold_by_person(scene, waiting):
    """The reviewer who checked it for completeness cannot do the financial check as a deputy."""
    side = scene.ours
    away(side, side.staff[Role.REVIEWER])
    assert not may(side.staff[Role.REVIEWER], waiting)
    with pytest.raises(services.NotAllowed, match="Four eyes"):
        passing(side.staff[Role.REVIEWER], waiting, Stage.FINANCIAL, **PROOF)


def test_deputy_of_two_approvers_counts_once(scene, deputy):
    side = scene.ours
    two = [ask(Stage.COMPLETENESS, Role.REVIEWER), ask(Stage.DECISION, Role.APPROVER, approvals=2)]
    application = accept(side, file(with_stages(side, two)))
    second = person(Role.APPROVER, side.park)
    away(side, deputy, role=Role.APPROVER)
    with acting_as(second) as actor:
        today = local_day(timezone.now(), side.park.time_zone)
        services.declare_absence(
            actor,
            side.park,
            role=Role.APPROVER,
            deputy_id=deputy.user_id,
            starts_on=today,
            ends_on=today,
            now=timezone.now(),
        )
    grants = {"expected_round": 1, "amount_cny": Decimal("1000.00"), "message": "In part.", "note": "", "now": NOW}
    with acting_as(deputy) as actor:
        services.approve_application(actor, application, **grants)
        with pytest.raises(services.NotAllowed, match="decided in this stage already"):
            services.approve_application(actor, application, **grants)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sentence"),
    [
        (date(2026, 11, 6), date(2026, 11, 5), "not before the first"),
        (date(2026, 11, 1), date(2026, 11, 3), "not over"),
        (date(2026, 11, 4), date(2027, 1, 3), "at most 60 days"),
    ],
)
def test_days_are_checked(scene, deputy, starts_on, ends_on, sentence):
    side = scene.ours
    with acting_as(side.staff[Role.APPROVER]) as actor, pytest.raises(services.Invalid, match=sentence):
        services.declare_absence(
            actor,
            side.park,
            role=Role.APPROVER,
            deputy_id=deputy.user_id,
            starts_on=starts_on,
            ends_on=ends_on,
            now=NOW,
        )


def test_days_begin_and_end_with_the_park(scene, deputy):
    side = scene.ours
    with acting_as(side.staff[Role.APPROVER]) as actor:
        absence = services.declare_absence(
            actor,
            side.park,
            role=Role.APPROVER,
            deputy_id=deputy.user_id,
            starts_on=date(2026, 11, 30),
            ends_on=date(2026, 12, 1),
            now=NOW,
        )
        with pytest.raises(services.Invalid, match="already"):
            services.declare_absence(
                actor,
                side.park,
                role=Role.APPROVER,
                deputy_id=deputy.user_id,
                starts_on=date(2026, 12, 1),
                ends_on=date(2026, 12, 2),
                now=NOW,
            )
    assert absence.starts_at == datetime.fromisoformat("2026-11-30T00:00:00+08:00")
    assert absence.ends_at == datetime.fromisoformat("2026-12-02T00:00:00+08:00")


def test_only_ones_own_role_and_only_to_who_decides(scene, deputy):
    side = scene.ours
    auditor = side.staff[Role.AUDITOR]
    given = {"starts_on": date(2026, 11, 5), "ends_on": date(2026, 11, 5), "now": NOW}
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        with pytest.raises(services.NotAllowed, match="Only who holds a role"):
            services.declare_absence(actor, side.park, role=Role.APPROVER, deputy_id=deputy.user_id, **given)
        for other in (auditor, side.staff[Role.REVIEWER], scene.others.staff[Role.REVIEWER]):
            with pytest.raises(services.Invalid, match="Choose a colleague"):
                services.declare_absence(actor, side.park, role=Role.REVIEWER, deputy_id=other.user_id, **given)


def test_nobody_gives_away_the_power_of_a_colleague(scene, deputy):
    side, officer = scene.ours, scene.ours.staff[Role.FINANCE_OFFICER].user
    with acting_as(deputy), pytest.raises(DatabaseError, match="by the person who is away"), transaction.atomic():
        Absence.objects.create(
            park=side.park,
            person=officer,
            person_name=officer.name,
            role=Role.FINANCE_OFFICER,
            deputy=deputy.user,
            deputy_name="Luo Min",
            starts_at=NOW,
            ends_at=NOW + timedelta(days=9),
            declared_at=NOW,
        )


def test_deputy_is_named_on_a_page_and_finds_the_queue(scene, waiting, deputy, client_of):
    side = scene.ours
    today = local_day(timezone.now(), side.park.time_zone)
    officer = client_of(side.staff[Role.FINANCE_OFFICER])
    url = address("absence_list")
    given = {"role": "finance_officer", "deputy": deputy.user_id, "starts_on": today, "ends_on": today}
    refused = officer.post(url, {**given, "deputy": side.staff[Role.AUDITOR].user_id})
    assert (refused.status_code, set(problems_of(refused.context["form"]))) == (422, {"deputy"})
    assert officer.post(url, given).url == url
    assert "Luo Min stands in" in officer.get(url).content.decode()
    client = client_of(deputy)
    assert shown(client.get(address("review_queue")), waiting) == [waiting]
    (absence,) = absences(side)
    other = client_of(side.staff[Role.APPROVER])
    other.post(address("absence_end", absence_id=absence.pk))
    assert absences(side) == [absence], "only the person or an administrator ends it"
    officer.post(address("absence_end", absence_id=absence.pk))
    assert absences(side) == []
    assert shown(client.get(address("review_queue")), waiting) == []
    assert client_of(side.staff[Role.AUDITOR]).get(url).status_code == 403


def absences(side):
    with park_scope(side.park.pk):
        return list(Absence.objects.counting())


TWO_APPROVERS = [ask(Stage.COMPLETENESS, Role.REVIEWER), ask(Stage.DECISION, Role.APPROVER, approvals=2)]


@pytest.mark.parametrize("first", ["the absent", "the deputy"])
def test_absent_person_and_deputy_are_one_approval(scene, deputy, first):
    side = scene.ours
    waiting = accept(side, file(with_stages(side, TWO_APPROVERS)))
    away(side, deputy, role=Role.APPROVER)
    order = [side.staff[Role.APPROVER], deputy]
    one, other = order if first == "the absent" else reversed(order)
    approve(side, waiting, "1000.00", member=one)
    assert not may(other, waiting), "neither the queue nor the page offers it"
    with pytest.raises(services.NotAllowed):
        approve(side, waiting, "1000.00", member=other)
    with park_scope(side.park.pk):
        assert Review.objects.filter(application=waiting, stage=Stage.DECISION).count() == 1


def test_suspended_park_names_no_deputy_and_ends_no_absence(scene, deputy, client_of):
    side = scene.ours
    absence = away(side, deputy)
    officer, url = client_of(side.staff[Role.FINANCE_OFFICER]), address("absence_list")
    ending = address("absence_end", absence_id=absence.pk)
    offered = officer.get(url).content.decode()
    assert (ending in offered, "Name the deputy" in offered) == (True, True)
    side.park.status = ParkStatus.SUSPENDED
    side.park.save(update_fields=["status"])
    page = officer.get(url).content.decode()
    assert (ending in page, "Name the deputy" in page, "nothing can be saved" in page) == (False, False, True)
