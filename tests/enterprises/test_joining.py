"""Registrations of an enterprise that is there already end in that enterprise."""

from datetime import timedelta

import pytest

from enterprises.choices import EnterpriseStatus, RegistrationState, RegistrationStepKind
from enterprises.models import (
    Enterprise,
    EnterprisePaper,
    Site,
)
from enterprises.services import vetting
from enterprises.services.ground import NotNow
from enterprises.services.registration_ground import Invalid, StateChanged
from parks.choices import Role
from parks.models import ApiKey, Invitation
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import (
    NOW,
    OTHER_CODE,
    acting_as,
    file_registration,
    join,
    page_of,
    payloads_of,
    places_of,
    steps_of,
    stored,
    text_of,
    vetting_url,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import MembershipFactory

pytestmark = pytest.mark.django_db


def test_join_makes_the_registrant_owner_where_there_is_none(side, registration, registered):
    joined = join(side, registration, registered)

    assert (joined.state, joined.enterprise_id, joined.decided_at) == (RegistrationState.JOINED, registered.pk, NOW)
    assert places_of(registration) == [(registered.pk, [Role.OWNER, Role.CERTIFIER], True)]
    assert steps_of(registration)[-1][0] == RegistrationStepKind.JOINED
    assert len(payloads_of("enterprises.registration_joined")) == 1
    assert payloads_of("enterprises.enterprise_registered") == []


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


def dismissed(side, enterprise, person, **fields):
    return MembershipFactory(
        **{
            "user": person,
            "park": side.park,
            "enterprise_id": enterprise.pk,
            "roles": [Role.CERTIFIER],
            "is_active": False,
            "ended_at": NOW,
            **fields,
        }
    )


def test_who_was_dismissed_by_an_owner_is_joined_only_knowingly(side):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    dismissed(side, enterprise, registration.registrant)

    with pytest.raises(vetting.PlaceEnded, match="Lin Yue had a place in this enterprise that ended") as refused:
        join(side, registration, enterprise)
    assert refused.value.field == "is_aware"
    assert places_of(registration) == [(enterprise.pk, [Role.CERTIFIER], False)]

    join(side, registration, enterprise, is_aware=True)
    assert places_of(registration) == [(enterprise.pk, [Role.APPLICANT], True)]


def test_who_was_dismissed_by_what_was_merged_into_it_is_joined_only_knowingly(side):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    with park_scope(side.park.pk):
        merged = EnterpriseFactory(park=side.park)
        dismissed(side, merged, registration.registrant)
        Enterprise.objects.filter(pk=merged.pk).update(status=EnterpriseStatus.MERGED, merged_into=enterprise)

    with pytest.raises(vetting.PlaceEnded):
        join(side, registration, enterprise)


def test_pages_name_the_day_on_which_the_place_ended(side, client_of):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    desk = client_of(side.staff[Role.REVIEWER])
    path = vetting_url("join", registration_id=registration.pk, enterprise_id=enterprise.pk)
    said = 'Lin Yue had a place here until <time datetime="2026-11-04">'
    before = [desk.get(address) for address in (page_of(registration), path)]
    dismissed(side, enterprise, registration.registrant)
    after = [desk.get(address) for address in (page_of(registration), path)]

    assert [said in text_of(page) for page in (*before, *after)] == [False, False, True, True]
    assert ["is_aware" in page.context["form"].fields for page in (before[1], after[1])] == [False, True]


def test_page_joins_who_was_dismissed_when_it_is_ticked(side, client_of):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    dismissed(side, enterprise, registration.registrant)
    desk = client_of(side.staff[Role.REVIEWER])
    path = vetting_url("join", registration_id=registration.pk, enterprise_id=enterprise.pk)
    sent = {"expected_round": "1", "expected_roles": "applicant", "message": ""}

    refused = desk.post(path, sent)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["is_aware"])
    assert desk.post(path, {**sent, "is_aware": "on"}).status_code == 302
    assert places_of(registration) == [(enterprise.pk, [Role.APPLICANT], True)]


def test_who_is_there_already_keeps_their_roles(side):
    enterprise = side.firm.enterprise
    registration = file_registration(side.park, credit_code=enterprise.credit_code)
    MembershipFactory(
        user=registration.registrant, park=side.park, enterprise_id=enterprise.pk, roles=[Role.ENERGY_MANAGER]
    )
    join(side, registration, enterprise)

    ((_enterprise, roles, is_active),) = places_of(registration)
    assert (set(roles), is_active) == ({Role.APPLICANT, Role.ENERGY_MANAGER}, True)
