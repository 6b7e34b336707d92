"""Who may decide about a registration, and once only; what the database refuses by itself."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from enterprises.choices import RegistrationState
from enterprises.models import (
    DeclaredInterest,
    Enterprise,
    Registration,
)
from enterprises.services import vetting
from enterprises.services.ground import NotImpartial
from enterprises.services.registration_ground import NotAllowed, StateChanged
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import (
    CODE,
    NOW,
    OTHER_CODE,
    acting_as,
    approve,
    file_again,
    file_registration,
    give_back,
    join,
    payloads_of,
    places_of,
    registering_as,
    reject,
    steps_of,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
ACTS = [give_back, approve, reject]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PARK_ADMINISTRATOR])
def test_registrars_decide(side, registration, act, role):
    assert act(side, registration, side.staff[role]).state != RegistrationState.SUBMITTED


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "role", [Role.EXPERT, Role.APPROVER, Role.FINANCE_OFFICER, Role.PARK_ENERGY_MANAGER, Role.AUDITOR]
)
def test_other_officials_do_not_decide(side, registration, act, role):
    with pytest.raises(NotAllowed, match="Only a reviewer or an administrator"):
        act(side, registration, side.staff[role])


def test_nobody_decides_in_a_support_session(side, registration):
    visitor = side.staff[Role.PARK_ADMINISTRATOR]
    with pytest.raises(NotAllowed, match="support session"), acting_as(visitor, support_session_id=7) as actor:
        vetting.reject_registration(actor, registration, expected_round=1, reason="No.", now=NOW)


@pytest.mark.parametrize("act", ACTS)
def test_officials_of_another_park_find_nothing(scene, registration, act):
    with pytest.raises(Registration.DoesNotExist):
        act(scene.others, registration)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_decides_on_what_they_filed(side, act):
    reviewer = side.staff[Role.REVIEWER]
    own = file_registration(side.park, registrant=reviewer.user)

    with pytest.raises(NotAllowed, match="Four eyes"):
        act(side, own)
    assert act(side, own, side.staff[Role.PARK_ADMINISTRATOR]).state != RegistrationState.SUBMITTED


def test_the_database_lets_nobody_decide_on_what_they_filed(side):
    reviewer = side.staff[Role.REVIEWER]
    own = file_registration(side.park, registrant=reviewer.user)

    with pytest.raises(IntegrityError, match="nobody decides on a registration that they filed"), acting_as(reviewer):
        Registration.objects.filter(pk=own.pk).update(state="rejected", decided_at=NOW)


@pytest.mark.parametrize("act", ACTS)
def test_declared_interest_in_who_is_registered_keeps_out(side, registration, registered, act):
    reviewer = side.staff[Role.REVIEWER]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(park=side.park, enterprise=registered, user=reviewer.user, reason="brother")

    with pytest.raises(NotAllowed, match="declared an interest"):
        act(side, registration)


def test_declared_interest_keeps_out_of_joining_whatever_the_code(side):
    registration = file_registration(side.park, credit_code=OTHER_CODE)
    reviewer, enterprise = side.staff[Role.REVIEWER], side.firm.enterprise
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(park=side.park, enterprise=enterprise, user=reviewer.user, reason="brother")

    with pytest.raises(NotImpartial):
        join(side, registration, enterprise)


@pytest.mark.parametrize("act", ACTS)
def test_what_was_filed_again_unread_is_not_decided(side, registration, act):
    give_back(side, registration)
    file_again(registration)

    with pytest.raises(StateChanged, match="Round 2 was filed"):
        act(side, registration, side.staff[Role.PARK_ADMINISTRATOR])


@pytest.mark.parametrize("act", ACTS)
def test_who_sends_the_same_decision_twice_gets_the_first_answer(side, registration, act):
    first = act(side, registration)
    again = act(side, registration)

    assert (again.state, again.enterprise_id) == (first.state, first.enterprise_id)
    assert len(steps_of(registration)) == 2
    with park_scope(side.park.pk):
        assert Enterprise.objects.filter(credit_code=CODE).count() == (act is approve)


def test_joining_twice_changes_nothing_the_second_time(side, registration, registered):
    join(side, registration, registered)
    join(side, registration, registered)

    assert len(steps_of(registration)) == 2
    assert len(payloads_of("enterprises.registration_joined")) == 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("later", ACTS)
def test_the_second_official_is_told(side, registration, act, later):
    act(side, registration)

    with pytest.raises(StateChanged, match="does not wait for a decision any more"):
        later(side, registration, side.staff[Role.PARK_ADMINISTRATOR])


def test_no_registration_is_approved_without_its_enterprise(side, registration):
    with pytest.raises(IntegrityError), park_scope(side.park.pk):
        Registration.objects.filter(pk=registration.pk).update(state="approved", decided_at=NOW)


@pytest.mark.parametrize(("code", "created_at"), [(OTHER_CODE, NOW), (CODE, datetime(2026, 1, 1, tzinfo=UTC))])
def test_no_registration_is_approved_for_an_enterprise_that_did_not_come_of_it(side, registration, code, created_at):
    with park_scope(side.park.pk):
        stranger = EnterpriseFactory(park=side.park, credit_code=code, created_at=created_at)

    with (
        pytest.raises(IntegrityError, match="enters its enterprise in the same act"),
        park_scope(side.park.pk),
    ):
        Registration.objects.filter(pk=registration.pk).update(
            state="approved", decided_at=NOW, enterprise_id=stranger.pk
        )


def test_no_two_registrations_are_approved_for_one_enterprise(side, registration):
    enterprise_id = approve(side, registration).enterprise_id
    second = file_registration(side.park, number="R-0000-0002")

    with pytest.raises(IntegrityError, match="registration_bears_one"), park_scope(side.park.pk):
        Registration.objects.filter(pk=second.pk).update(state="approved", decided_at=NOW, enterprise_id=enterprise_id)


def test_what_was_filed_is_not_changed_by_officials(side, registration):
    with pytest.raises(DatabaseError, match="permission denied"), park_scope(side.park.pk), transaction.atomic():
        Registration.objects.filter(pk=registration.pk).update(name_zh="别的")


def test_registrant_with_a_place_elsewhere_is_let_in_as_well(scene):
    """Somebody who works for an enterprise of another park brings one in here."""
    person = scene.others.firm.people[Role.OWNER].user
    registration = file_registration(scene.ours.park, registrant=person)
    enterprise_id = approve(scene.ours, registration).enterprise_id

    assert places_of(registration) == [(enterprise_id, [Role.OWNER, Role.CERTIFIER], True)]


def test_two_registrants_do_not_see_each_other(side, registration):
    other = file_registration(side.park, number="R-0000-0002", registrant=UserFactory())

    with registering_as(registration):
        assert [row.pk for row in Registration.objects.all()] == [registration.pk]
    with registering_as(other):
        assert [row.pk for row in Registration.objects.all()] == [other.pk]
