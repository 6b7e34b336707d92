"""What two officials do at the same moment, with real threads and connections."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.db import connection, connections

from enterprises.choices import EnterpriseStatus, RegistrationState
from enterprises.models import Enterprise, Registration, RegistrationStep
from enterprises.services import vetting
from enterprises.services.merging import merge_enterprises
from enterprises.services.places import FOUNDERS
from enterprises.services.register import update_enterprise
from lib.refusals import Refusal
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import CODE, NOW, acting_as, approve, file_registration, join, reject
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import person

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


def wait_until_locked(count=1):
    """Until so many others wait for a lock that this transaction holds."""
    limit = monotonic() + 20
    while monotonic() < limit:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        sleep(0.02)
    raise AssertionError("Nobody came to wait.")


def registered(side):
    with park_scope(side.park.pk):
        return Enterprise.objects.filter(credit_code=CODE).count()


def decisions(registration):
    with park_scope(registration.park_id):
        steps = RegistrationStep.objects.filter(registration=registration, is_by_official=True)
        return [step.kind for step in steps]


def test_two_officials_approve_one_registration_once(side):
    registration = file_registration(side.park)
    first, second = side.staff[Role.REVIEWER], side.staff[Role.PARK_ADMINISTRATOR]

    answers = at_once(*(lambda who=who: approve(side, registration, who) for who in (first, second)))

    assert refused(answers) == ["state_changed"]
    assert (registered(side), decisions(registration)) == (1, ["approved"])


def test_one_approves_and_one_rejects_and_one_wins(side):
    registration = file_registration(side.park)
    answers = at_once(
        lambda: approve(side, registration, side.staff[Role.REVIEWER]),
        lambda: reject(side, registration, side.staff[Role.PARK_ADMINISTRATOR]),
    )

    assert refused(answers) == ["state_changed"]
    (decision,) = decisions(registration)
    assert registered(side) == (decision == "approved")


def test_one_official_who_clicks_twice_approves_once(side):
    registration = file_registration(side.park)
    answers = at_once(lambda: approve(side, registration), lambda: approve(side, registration))

    assert refused(answers) == []
    assert (registered(side), decisions(registration)) == (1, ["approved"])


def test_of_two_registrations_of_one_code_one_is_let_in(side):
    rows = [file_registration(side.park, number=f"R-0000-000{number}") for number in range(2)]
    staff = [side.staff[Role.REVIEWER], side.staff[Role.PARK_ADMINISTRATOR]]

    answers = at_once(*(lambda row=row, who=who: approve(side, row, who) for row, who in zip(rows, staff, strict=True)))

    assert refused(answers) == ["credit_code_taken"]
    assert registered(side) == 1
    with park_scope(side.park.pk):
        states = Registration.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True)
        assert sorted(states) == [RegistrationState.APPROVED, RegistrationState.SUBMITTED]


def test_of_two_who_are_joined_at_once_one_becomes_the_owner(side):
    with park_scope(side.park.pk):
        enterprise = EnterpriseFactory(park=side.park, credit_code=CODE)
    rows = [file_registration(side.park, number=f"R-0000-000{number}") for number in range(2)]
    staff = [side.staff[Role.REVIEWER], side.staff[Role.PARK_ADMINISTRATOR]]

    answers = at_once(
        *(
            lambda row=row, who=who: join(side, row, enterprise, who, expected_roles=FOUNDERS)
            for row, who in zip(rows, staff, strict=True)
        )
    )

    assert refused(answers) == ["state_changed"]
    with park_scope(side.park.pk):
        roles = Membership.objects.of_enterprise(side.park.pk, enterprise.pk).values_list("roles", flat=True)
        assert list(map(sorted, roles)) == [[Role.CERTIFIER, Role.OWNER]]


def merging(side, ended, goes_on, membership=None):
    def act():
        with acting_as(membership or side.staff[Role.PARK_ADMINISTRATOR]) as actor:
            return merge_enterprises(actor, ended, goes_on, reason="Twice.", is_aware=True, now=NOW)

    return act


def test_an_edit_that_waited_for_a_merger_is_refused(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise

    def edit():
        with acting_as(side.staff[Role.REVIEWER]) as actor:
            return update_enterprise(actor, ended, changes={"address": "Elsewhere"}, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
            merge_enterprises(actor, ended, goes_on, reason="Twice.", is_aware=True, now=NOW)
            waiting = pool.submit(at_once, edit)
            wait_until_locked()
        answers = waiting.result(timeout=20)

    assert refused(answers) == ["not_now"]
    with park_scope(side.park.pk):
        known = Enterprise.objects.get(pk=ended.pk)
    assert (known.status, known.address) == (EnterpriseStatus.MERGED, ended.address)


def test_a_merger_that_waited_for_an_edit_ends_what_was_edited(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    with ThreadPoolExecutor(1) as pool:
        with acting_as(side.staff[Role.REVIEWER]) as actor:
            update_enterprise(actor, ended, changes={"address": "Elsewhere"}, now=NOW)
            waiting = pool.submit(at_once, merging(side, ended, goes_on))
            wait_until_locked()
        answers = waiting.result(timeout=20)

    assert refused(answers) == []
    with park_scope(side.park.pk):
        known = Enterprise.objects.get(pk=ended.pk)
    assert (known.status, known.address) == (EnterpriseStatus.MERGED, "Elsewhere")


def test_two_who_merge_the_other_way_round_do_not_end_both(side):
    one, other = side.firm.enterprise, side.neighbour.enterprise
    colleague = person(Role.PARK_ADMINISTRATOR, side.park)

    answers = at_once(merging(side, one, other), merging(side, other, one, colleague))

    assert refused(answers) == ["not_now"]
    with park_scope(side.park.pk):
        statuses = Enterprise.objects.filter(pk__in=[one.pk, other.pk]).values_list("status", flat=True)
        assert sorted(statuses) == [EnterpriseStatus.ACTIVE, EnterpriseStatus.MERGED]


def test_an_approval_that_waited_finds_the_round_that_was_returned(side):
    registration = file_registration(side.park)

    def approving():
        return approve(side, registration, side.staff[Role.PARK_ADMINISTRATOR])

    with ThreadPoolExecutor(1) as pool:
        with acting_as(side.staff[Role.REVIEWER]) as actor:
            vetting.return_registration(
                actor, registration, expected_round=1, remarks={"address": "?"}, message="", now=NOW
            )
            waiting = pool.submit(at_once, approving)
            wait_until_locked()
        answers = waiting.result(timeout=20)

    assert refused(answers) == ["state_changed"]
    assert (registered(side), decisions(registration)) == (0, ["returned"])
