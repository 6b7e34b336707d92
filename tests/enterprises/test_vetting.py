"""What officials decide about registrations, and who of them may."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from enterprises.choices import EnterpriseStatus, LabelKind, PaperKind, RegistrationState, RegistrationStepKind
from enterprises.models import (
    DeclaredInterest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    Registration,
    RegistrationRemark,
    RegistrationStep,
    Site,
)
from enterprises.services import vetting
from enterprises.services.ground import NotImpartial, NotNow
from enterprises.services.register import CodeTaken, CodeUnconfirmed
from enterprises.services.registration_ground import REGISTERED_FACTS, Invalid, NotAllowed, StateChanged
from parks.choices import Role
from parks.models import ApiKey, Invitation, Membership
from parks.services.files import stored_bytes
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, park_scope, platform_scope
from tests.enterprises.vetting_cases import (
    CODE,
    EARLY_CODE,
    NOW,
    OTHER_CODE,
    acting_as,
    approve,
    file_again,
    file_registration,
    give_back,
    join,
    registering_as,
    reject,
)
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.register import registration_paper

pytestmark = pytest.mark.django_db
ACTS = [give_back, approve, reject]


@pytest.fixture
def side(scene):
    return scene.ours


@pytest.fixture
def registration(side):
    return file_registration(side.park)


def stored(registration):
    with park_scope(registration.park_id):
        return Registration.objects.get(pk=registration.pk)


def steps_of(registration):
    with park_scope(registration.park_id):
        steps = RegistrationStep.objects.filter(registration=registration)
        return list(steps.values_list("kind", "by_name", "is_by_official", "comment", "due_at"))


def events(name):
    with platform_scope():
        return list(OutboxEvent.objects.filter(name=name).values_list("payload", flat=True))


def places_of(registration):
    with park_scope(registration.park_id):
        places = Membership.objects.filter(user_id=registration.registrant_id)
        return list(places.values_list("enterprise_id", "roles", "is_active"))


# Returned


def test_return_writes_every_remark_at_once_with_what_was_found(side, registration):
    remarks = {
        "address": " As on the licence. ",
        "sites": "Which of them?",
        "paper_business_licence": "Page 2.",
        "x": " ",
    }
    returned = give_back(side, registration, remarks=remarks)

    with park_scope(side.park.pk):
        written = RegistrationRemark.objects.filter(registration=registration)
        assert {(row.field, row.comment, row.found, row.round, row.at) for row in written} == {
            ("address", "As on the licence.", "厦门火炬高新区", 1, NOW),
            ("sites", "Which of them?", "Works 1 · Torch Road 1 · 1,200 m² · Production", 1, NOW),
            ("paper_business_licence", "Page 2.", "licence.pdf", 1, NOW),
        }
    due_at = datetime(2026, 11, 18, 15, 59, 59, 999999, tzinfo=UTC)
    assert (returned.state, returned.due_at, returned.decided_at) == (RegistrationState.RETURNED, due_at, None)
    reviewer = side.staff[Role.REVIEWER].user
    assert steps_of(registration)[-1] == (RegistrationStepKind.RETURNED, reviewer.name, True, "One thing.", due_at)
    (event,) = events("enterprises.registration_returned")
    assert event["registration_id"] == str(registration.pk)


@pytest.mark.parametrize("remarks", [{}, {"address": "  "}, {"secret": "?"}, {"address": "x" * 1001}])
def test_return_needs_remarks_on_fields_that_exist(side, registration, remarks):
    with pytest.raises(Invalid):
        give_back(side, registration, remarks=remarks)
    assert stored(registration).state == RegistrationState.SUBMITTED


def test_what_was_returned_and_filed_again_can_be_returned_again(side, registration):
    give_back(side, registration)
    file_again(registration)
    give_back(side, registration, expected_round=2)

    with park_scope(side.park.pk):
        rounds = RegistrationRemark.objects.filter(registration=registration).values_list("round", flat=True)
        assert sorted(rounds) == [1, 2]


# Approved


def test_approve_registers_the_enterprise_with_everything_that_was_filed(side):
    registration = file_registration(
        side.park,
        name_en="Newcomer Works",
        name_zh="新来制造有限公司",
        established_on=date(2019, 5, 1),
        registered_capital=Decimal("5000000.00"),
        employees=120,
        sites=[
            {"name": "Works 1", "address": "Torch Road 1", "area_m2": "1200.50", "use": "production"},
            {"name": "Office", "address": "Torch Road 2", "area_m2": "", "use": "office"},
        ],
    )
    approved = approve(side, registration, is_key_energy_user=True, is_pilot=True)

    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=approved.enterprise_id)
        facts = [name for name in REGISTERED_FACTS if name != "credit_code"]
        assert [getattr(enterprise, name) for name in facts] == [getattr(registration, name) for name in facts]
        assert (enterprise.credit_code, enterprise.is_key_energy_user, enterprise.status, enterprise.created_at) == (
            CODE,
            True,
            EnterpriseStatus.ACTIVE,
            NOW,
        )
        sites = Site.objects.filter(enterprise=enterprise).order_by("name")
        assert list(sites.values_list("name", "address", "area_m2", "use", "opened_at")) == [
            ("Office", "Torch Road 2", None, "office", NOW),
            ("Works 1", "Torch Road 1", Decimal("1200.50"), "production", NOW),
        ]
        label = EnterpriseLabel.objects.get(enterprise=enterprise)
        assert (label.kind, label.valid_from, label.valid_until) == (LabelKind.PILOT, date(2026, 11, 4), None)
    assert (approved.state, approved.due_at, approved.decided_at) == (RegistrationState.APPROVED, None, NOW)
    assert steps_of(registration)[-1][0] == RegistrationStepKind.APPROVED
    assert places_of(registration) == [(enterprise.pk, [Role.OWNER, Role.CERTIFIER], True)]
    (event,) = events("enterprises.enterprise_registered")
    assert event["enterprise_id"] == str(enterprise.pk)
    assert len(events("enterprises.registration_approved")) == 1


def test_approve_gives_the_enterprise_the_same_stored_files(side, registration):
    approve(side, registration)

    with park_scope(side.park.pk):
        filed = registration.papers.get()
        paper = EnterprisePaper.objects.get(enterprise__credit_code=CODE)
        assert (paper.file.name, paper.name, paper.kind, paper.sha256, paper.uploaded_by_id) == (
            filed.file.name,
            "licence.pdf",
            PaperKind.BUSINESS_LICENCE,
            filed.sha256,
            registration.registrant_id,
        )
        assert stored_bytes(paper) == PDF


def test_the_first_person_can_act_for_the_enterprise_and_reads_its_papers(side, registration):
    enterprise_id = approve(side, registration).enterprise_id

    with enterprise_scope(side.park.pk, enterprise_id):
        assert Enterprise.objects.get().credit_code == CODE
        assert EnterprisePaper.objects.get().name == "licence.pdf"


def test_removed_documents_do_not_come_along(side, registration):
    give_back(side, registration)
    with registering_as(registration):
        kept = registration_paper(registration, "later.pdf")
        registration.papers.exclude(pk=kept.pk).update(removed_at=NOW)
    file_again(registration)
    approve(side, registration, expected_round=2)

    with park_scope(side.park.pk):
        assert [paper.name for paper in EnterprisePaper.objects.filter(enterprise__credit_code=CODE)] == ["later.pdf"]


def test_approve_gives_no_label_and_no_flag_unasked(side, registration):
    enterprise_id = approve(side, registration).enterprise_id

    with park_scope(side.park.pk):
        assert not Enterprise.objects.get(pk=enterprise_id).is_key_energy_user
        assert not EnterpriseLabel.objects.filter(enterprise=enterprise_id).exists()


def test_approve_asks_to_confirm_a_code_that_does_not_fit(side):
    registration = file_registration(side.park, credit_code=EARLY_CODE, is_code_confirmed=True)

    with pytest.raises(CodeUnconfirmed) as refused:
        approve(side, registration)

    assert refused.value.field == "is_code_confirmed"
    assert stored(registration).state == RegistrationState.SUBMITTED
    assert approve(side, registration, is_code_confirmed=True).state == RegistrationState.APPROVED


def test_approve_refuses_a_code_that_is_registered_and_leaves_nothing_behind(side, registration):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE)

    with pytest.raises(CodeTaken, match="already registered in this park"):
        approve(side, registration)

    with park_scope(side.park.pk):
        assert Enterprise.objects.filter(credit_code=CODE).count() == 1
        assert not EnterprisePaper.objects.filter(enterprise__credit_code=CODE).exists()
    assert (stored(registration).state, places_of(registration)) == (RegistrationState.SUBMITTED, [])


def test_the_same_code_in_another_park_is_no_obstacle(scene, registration):
    with park_scope(scene.others.park.pk):
        EnterpriseFactory(park=scene.others.park, credit_code=CODE)

    assert approve(scene.ours, registration).state == RegistrationState.APPROVED


def test_the_second_registration_of_a_code_is_refused(side, registration):
    second = file_registration(side.park, number="R-0000-0002")
    approve(side, registration)

    with pytest.raises(CodeTaken):
        approve(side, second)


# Rejected


def test_reject_tells_the_reason(side, registration):
    rejected = reject(side, registration, reason=" Not in this park. ")

    assert (rejected.state, rejected.due_at, rejected.decided_at) == (RegistrationState.REJECTED, None, NOW)
    assert steps_of(registration)[-1][3] == "Not in this park."
    assert len(events("enterprises.registration_rejected")) == 1
    assert places_of(registration) == []


def test_reject_needs_a_reason(side, registration):
    with pytest.raises(Invalid) as refused:
        reject(side, registration, reason=" \n")
    assert refused.value.field == "reason"


# Joined


@pytest.fixture
def registered(side):
    """The enterprise of that code is registered and has nobody yet."""
    with park_scope(side.park.pk):
        return EnterpriseFactory(
            park=side.park, credit_code=CODE, name_en="Old name", name_zh="旧名有限公司", address="Old"
        )


def test_join_makes_the_registrant_owner_where_there_is_none(side, registration, registered):
    joined = join(side, registration, registered)

    assert (joined.state, joined.enterprise_id, joined.decided_at) == (RegistrationState.JOINED, registered.pk, NOW)
    assert places_of(registration) == [(registered.pk, [Role.OWNER, Role.CERTIFIER], True)]
    assert steps_of(registration)[-1][0] == RegistrationStepKind.JOINED
    assert len(events("enterprises.registration_joined")) == 1
    assert events("enterprises.enterprise_registered") == []


def test_join_makes_the_registrant_an_applicant_where_there_is_an_owner(side):
    registration = file_registration(side.park, credit_code=side.firm.enterprise.credit_code)
    join(side, registration, side.firm.enterprise)

    assert places_of(registration) == [(side.firm.enterprise.pk, [Role.APPLICANT], True)]


def test_reviewer_does_not_join_to_an_enterprise_of_another_code(side, registered):
    other = file_registration(side.park, credit_code=OTHER_CODE)

    with pytest.raises(vetting.CodeDiffers, match="only an administrator"):
        join(side, other, registered)

    assert (stored(other).state, places_of(other)) == (RegistrationState.SUBMITTED, [])
    assert join(side, other, registered, side.staff[Role.PARK_ADMINISTRATOR]).state == RegistrationState.JOINED


def test_reviewer_joins_to_the_enterprise_into_which_that_code_was_merged(side, registered):
    merged = file_registration(side.park, credit_code=OTHER_CODE)
    with park_scope(side.park.pk):
        between, ended = EnterpriseFactory(park=side.park), EnterpriseFactory(park=side.park, credit_code=OTHER_CODE)
        for row, goes_on in ((ended, between), (between, registered)):
            Enterprise.objects.filter(pk=row.pk).update(status=EnterpriseStatus.MERGED, merged_into=goes_on)

    assert join(side, merged, registered).enterprise_id == registered.pk


@pytest.mark.parametrize(
    ("offer", "given"),
    [
        ({}, [Role.APPLICANT]),
        ({"roles": [Role.APPLICANT]}, [Role.OWNER, Role.CERTIFIER]),
        ({"expires_at": NOW}, [Role.OWNER, Role.CERTIFIER]),
        ({"revoked_at": NOW}, [Role.OWNER, Role.CERTIFIER]),
    ],
)
def test_join_leaves_the_place_of_owner_to_who_is_invited(side, registration, registered, offer, given):
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    with acting_as(administrator):
        Invitation.objects.create(
            **{
                "park": side.park,
                "enterprise_id": registered.pk,
                "enterprise_name_zh": registered.name_zh,
                "email": "invited@example.com",
                "roles": [Role.OWNER],
                "token_digest": "n" * 64,
                "invited_by": administrator.user,
                "expires_at": NOW + timedelta(days=1),
                **offer,
            }
        )

    join(side, registration, registered)

    assert places_of(registration) == [(registered.pk, given, True)]


def test_join_is_refused_when_it_gives_other_roles_than_were_shown(side, registration, registered):
    with pytest.raises(StateChanged, match="What the registrant becomes there changed"):
        join(side, registration, registered, expected_roles=[Role.APPLICANT])
    assert (stored(registration).state, places_of(registration)) == (RegistrationState.SUBMITTED, [])


def test_join_takes_over_what_was_chosen_and_nothing_else(side, registration, registered):
    join(side, registration, registered, taken=("address", "name_zh", "sites", "papers"))

    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=registered.pk)
        assert (enterprise.address, enterprise.name_zh, enterprise.name_en) == (
            registration.address,
            registration.name_zh,
            "Old name",
        )
        assert [site.name for site in Site.objects.filter(enterprise=enterprise)] == ["Works 1"]
        assert [paper.name for paper in EnterprisePaper.objects.filter(enterprise=enterprise)] == ["licence.pdf"]


def test_join_without_choice_leaves_the_enterprise_as_it_was(side, registration, registered):
    join(side, registration, registered)

    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=registered.pk)
        assert (enterprise.address, enterprise.name_en) == ("Old", "Old name")
        assert not Site.objects.filter(enterprise=enterprise).exists()
        assert not EnterprisePaper.objects.filter(enterprise=enterprise).exists()


def test_join_adds_no_site_or_document_twice(side, registration, registered):
    second = file_registration(side.park, number="R-0000-0002")
    join(side, registration, registered, taken=("sites", "papers"))
    join(side, second, registered, taken=("sites", "papers"))

    with park_scope(side.park.pk):
        assert Site.objects.filter(enterprise=registered).count() == 1
        assert EnterprisePaper.objects.filter(enterprise=registered).count() == 1


@pytest.mark.parametrize("taken", [("credit_code",), ("status",), ("nothing",)])
def test_join_takes_no_code_and_nothing_unknown(side, registration, registered, taken):
    with pytest.raises(Invalid):
        join(side, registration, registered, taken=taken)


def test_join_is_refused_with_an_enterprise_that_has_ended(side, registration, registered):
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=registered.pk).update(status=EnterpriseStatus.DEREGISTERED)

    with pytest.raises(NotNow):
        join(side, registration, registered)
    assert places_of(registration) == []


def test_who_comes_back_gets_the_place_without_its_old_keys(side, registration, registered):
    person = registration.registrant
    place = MembershipFactory(
        user=person, park=side.park, enterprise_id=registered.pk, roles=[Role.APPLICANT], is_active=False, ended_at=NOW
    )
    ApiKey.objects.create(user=person, membership=place, name="old gateway")

    join(side, registration, registered)

    assert places_of(registration) == [(registered.pk, [Role.OWNER, Role.CERTIFIER], True)]
    assert not ApiKey.objects.filter(membership=place).exists()


def test_who_is_there_already_keeps_their_roles(side):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    MembershipFactory(
        user=registration.registrant, park=side.park, enterprise_id=enterprise.pk, roles=[Role.ENERGY_MANAGER]
    )
    join(side, registration, enterprise)

    ((_enterprise, roles, is_active),) = places_of(registration)
    assert (set(roles), is_active) == ({Role.APPLICANT, Role.ENERGY_MANAGER}, True)


# Who may


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


# Read, then decided; once


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
    assert len(events("enterprises.registration_joined")) == 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("later", ACTS)
def test_the_second_official_is_told(side, registration, act, later):
    act(side, registration)

    with pytest.raises(StateChanged, match="does not wait for a decision any more"):
        later(side, registration, side.staff[Role.PARK_ADMINISTRATOR])


# What the database holds to


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
