"""Two enterprises found to be one: whose people, interests and history go where."""

from datetime import timedelta
from importlib import import_module
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from enterprises import tasks
from enterprises.choices import ChangeRequestState, EnterpriseStatus, EnterpriseStepKind
from enterprises.models import (
    ChangeRequest,
    DeclaredInterest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    EnterpriseStep,
    Site,
)
from enterprises.queries.merging import absorbed
from enterprises.services.ground import NotImpartial, NotNow
from enterprises.services.interests import declare_interest
from enterprises.services.merging import ObstaclesUnknown, SameEnterprise, merge_enterprises
from enterprises.services.register import update_enterprise
from parks.choices import PARK_ROLES, Role
from parks.models import ApiKey, Invitation, Membership
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tests.clients import run_outbox
from tests.enterprises.vetting_cases import NOW, acting_as
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import MembershipFactory, person

pytestmark = pytest.mark.django_db
WORDS = {"reason": "Registered twice.", "is_aware": True}


def merge(side, ended, goes_on, membership=None, **options):
    with acting_as(membership or side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        return merge_enterprises(actor, ended, goes_on, **{**WORDS, "now": NOW, **options})


def stored(enterprise):
    with park_scope(enterprise.park_id):
        return Enterprise.objects.get(pk=enterprise.pk)


def places(enterprise, **narrowed):
    with park_scope(enterprise.park_id):
        found = Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk).filter(**narrowed)
        return {place.user_id: sorted(place.roles) for place in found}


def test_merge_ends_the_one_and_keeps_it_on_record(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    merge(side, ended, goes_on)

    known = stored(ended)
    assert (known.status, known.merged_into_id, known.status_reason, known.status_changed_at) == (
        EnterpriseStatus.MERGED,
        goes_on.pk,
        "Registered twice.",
        NOW,
    )
    assert stored(goes_on).status == EnterpriseStatus.ACTIVE
    with park_scope(side.park.pk):
        steps = EnterpriseStep.objects.filter(enterprise__in=[ended, goes_on], at=NOW)
        assert set(steps.values_list("enterprise_id", "kind", "comment")) == {
            (ended.pk, EnterpriseStepKind.MERGED, "Registered twice."),
            (goes_on.pk, EnterpriseStepKind.ABSORBED, f"{ended}: Registered twice."),
        }
        assert Site.objects.filter(enterprise=ended).count() == 1
        assert EnterprisePaper.objects.filter(enterprise=ended).count() == 1


def test_people_act_for_the_one_that_goes_on_with_the_roles_they_had(side):
    ended = side.firm.enterprise
    with park_scope(side.park.pk):
        goes_on = EnterpriseFactory(park=side.park)
    before = places(ended)
    merge(side, ended, goes_on)

    assert places(ended, is_active=True) == {}
    assert places(ended, ended_at=NOW) == before
    assert places(goes_on, is_active=True) == before


def test_merger_makes_nobody_owner_or_certifier_of_what_has_an_owner(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    before, there = places(ended), places(goes_on)
    merge(side, ended, goes_on)

    lowered = {user: without_power(roles) for user, roles in before.items()}
    assert places(goes_on, is_active=True) == {**there, **lowered}
    assert {Role.OWNER, Role.CERTIFIER} & {role for roles in lowered.values() for role in roles} == set()


def without_power(roles):
    return sorted(set(roles) - {Role.OWNER, Role.CERTIFIER}) or [Role.APPLICANT]


def test_merger_leaves_the_place_of_owner_to_who_is_invited(side):
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    with park_scope(side.park.pk):
        goes_on = EnterpriseFactory(park=side.park)
    with acting_as(administrator):
        Invitation.objects.create(
            park=side.park,
            enterprise_id=goes_on.pk,
            email="new@example.com",
            roles=[Role.OWNER],
            token_digest="0" * 64,
            invited_by=administrator.user,
            invited_by_name="A",
            expires_at=NOW.replace(year=2027),
        )
    merge(side, side.firm.enterprise, goes_on)

    assert places(goes_on, roles__contains=[Role.OWNER]) == {}


def test_who_was_dismissed_there_is_not_let_in_again(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    certifier = side.firm.people[Role.CERTIFIER]
    there = MembershipFactory(
        user=certifier.user,
        park=side.park,
        enterprise_id=goes_on.pk,
        roles=[Role.OWNER],
        is_active=False,
        ended_at=NOW - timedelta(days=400),
    )
    merge(side, ended, goes_on)
    run_outbox()

    there.refresh_from_db()
    assert (there.is_active, there.roles, there.ended_at) == (False, [Role.OWNER], NOW)
    told = OutgoingMail.objects.get(recipient=certifier.user, key__startswith="enterprises.merged:")
    assert "only its owner can invite you again" in told.text


def test_who_acts_for_both_holds_the_roles_of_both(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    owner = side.firm.people[Role.OWNER]
    MembershipFactory(user=owner.user, park=side.park, enterprise_id=goes_on.pk, roles=[Role.ENERGY_MANAGER])
    merge(side, ended, goes_on)

    assert places(goes_on)[owner.user_id] == sorted([Role.APPLICANT, Role.ENERGY_MANAGER])


def test_keys_of_the_ended_places_are_dead(side):
    key = ApiKey.objects.get(pk=side.api_key.pk)
    merge(side, side.firm.enterprise, side.neighbour.enterprise)

    assert not Membership.objects.get(pk=key.membership_id).is_active


def test_open_invitations_are_revoked(side):
    ended = side.firm.enterprise
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    with acting_as(administrator):
        offer = Invitation.objects.create(
            park=side.park,
            enterprise_id=ended.pk,
            email="new@example.com",
            roles=[Role.APPLICANT],
            token_digest="0" * 64,
            invited_by=administrator.user,
            invited_by_name="A",
            expires_at=NOW.replace(year=2027),
        )
    merge(side, ended, side.neighbour.enterprise)

    assert Invitation.objects.get(pk=offer.pk).revoked_at == NOW


def test_open_change_request_is_answered(side):
    merge(side, side.firm.enterprise, side.neighbour.enterprise)

    with park_scope(side.park.pk):
        request = ChangeRequest.objects.get(pk=side.firm.change_request.pk)
        assert (request.state, request.decided_at, request.decided_by_id) == (
            ChangeRequestState.REJECTED,
            NOW,
            side.staff[Role.PARK_ADMINISTRATOR].user_id,
        )
        words = f"The enterprise was merged into {side.neighbour.enterprise}: ask for the change there."
        assert request.decision == words
        untouched = ChangeRequest.objects.get(pk=side.neighbour.change_request.pk)
        assert untouched.state == ChangeRequestState.SUBMITTED


def test_declared_interests_hold_for_the_one_that_goes_on(side):
    ended, goes_on = side.neighbour.enterprise, side.firm.enterprise
    expert = side.staff[Role.EXPERT].user
    merge(side, ended, goes_on)

    with park_scope(side.park.pk):
        interests = DeclaredInterest.objects.current().filter(enterprise=goes_on)
        assert list(interests.values_list("user_id", "reason")) == [(expert.pk, "OURS interest")]


def test_ties_that_ended_lately_hold_for_the_one_that_goes_on(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    interested, left = (person(Role.REVIEWER, side.park) for _number in range(2))
    lately, early = timezone.now() - timedelta(days=29), timezone.now() - timedelta(days=31)
    with park_scope(side.park.pk):
        for reason, at in (("late", lately), ("early", early)):
            DeclaredInterest.objects.create(
                park=side.park, enterprise=ended, user=interested.user, reason=reason, declared_at=early, ended_at=at
            )
    MembershipFactory(
        user=left.user,
        park=side.park,
        enterprise_id=ended.pk,
        roles=[Role.APPLICANT],
        is_active=False,
        ended_at=lately,
    )
    merge(side, ended, goes_on, now=timezone.now())

    with park_scope(side.park.pk):
        carried = DeclaredInterest.objects.of_user(interested.user_id).filter(enterprise=goes_on)
        assert list(carried.values_list("reason", "declared_at", "ended_at")) == [("late", early, lately)]
        there = Membership.objects.of_enterprise(side.park.pk, goes_on.pk).get(user_id=left.user_id)
        assert (there.is_active, there.roles, there.ended_at) == (False, [Role.APPLICANT], lately)
    for official in (interested, left):
        with acting_as(official) as actor, pytest.raises(NotImpartial):
            update_enterprise(actor, goes_on, changes={"address": "Elsewhere"}, now=NOW)


def test_interest_in_what_was_merged_is_declared_in_the_one_that_goes_on(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    merge(side, ended, goes_on)
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        with pytest.raises(NotNow, match="declare the interest in that one"):
            declare_interest(actor, ended, reason="shares", now=NOW)
        declare_interest(actor, goes_on, reason="shares", now=NOW)
        assert DeclaredInterest.objects.current().of_user(actor.user_id).get().enterprise_id == goes_on.pk


def test_who_declares_an_interest_waits_for_who_holds_the_enterprise(side):
    with acting_as(side.staff[Role.REVIEWER]) as actor, CaptureQueriesContext(connection) as captured:
        declare_interest(actor, side.firm.enterprise, reason="shares", now=NOW)
    asked = [query["sql"] for query in captured if "enterprises_" in query["sql"]]
    assert [("FOR UPDATE" in sql, "INSERT" in sql) for sql in asked[:2]] == [(True, False), (False, True)]


def test_merge_of_what_is_under_way_needs_to_be_known(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise

    with pytest.raises(ObstaclesUnknown, match="1 application is not decided yet") as refused:
        merge(side, ended, goes_on, is_aware=False)
    assert refused.value.field == "is_aware"
    assert stored(ended).status == EnterpriseStatus.ACTIVE
    assert merge(side, ended, goes_on).pk == goes_on.pk


def test_merge_of_what_has_nothing_under_way_needs_no_word(side):
    with park_scope(side.park.pk):
        ended = EnterpriseFactory(park=side.park)

    assert merge(side, ended, side.firm.enterprise, is_aware=False).pk == side.firm.enterprise.pk


def test_applications_stay_with_the_row_that_ended(side):
    merge(side, side.firm.enterprise, side.neighbour.enterprise)

    with park_scope(side.park.pk):
        side.firm.application.refresh_from_db()
        assert side.firm.application.enterprise_id == side.firm.enterprise.pk


def test_merging_twice_changes_nothing_the_second_time(side):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    merge(side, ended, goes_on)
    merge(side, ended, goes_on)

    with platform_scope():
        assert OutboxEvent.objects.filter(name="enterprises.enterprises_merged").count() == 1


def test_what_has_ended_is_not_merged(side):
    first, second = side.firm.enterprise, side.neighbour.enterprise
    with park_scope(side.park.pk):
        third = EnterpriseFactory(park=side.park)
    merge(side, first, second)

    with pytest.raises(NotNow):
        merge(side, first, third)
    with pytest.raises(NotNow):
        merge(side, third, first)
    assert stored(first).merged_into_id == second.pk


def test_chains_of_mergers_keep_every_history(side):
    with park_scope(side.park.pk):
        first, second, third = (EnterpriseFactory(park=side.park) for _number in range(3))
    merge(side, first, second)
    merge(side, second, third)

    with park_scope(side.park.pk):
        assert set(absorbed(third)) == {first, second}
        assert list(absorbed(second)) == []
        assert [stored(row).merged_into_id for row in (first, second)] == [third.pk, third.pk]


def test_chains_of_earlier_mergers_are_one_step_long(side):
    with park_scope(side.park.pk):
        rows = [EnterpriseFactory(park=side.park) for _number in range(4)]
        for row, following in pairwise(rows):
            Enterprise.objects.filter(pk=row.pk).update(status="merged", merged_into=following)
        repair = import_module("enterprises.migrations.0023_mergers_of_one_step").ONE_STEP
        with connection.cursor() as cursor:
            cursor.execute(repair)
        assert [stored(row).merged_into_id for row in rows] == [*[rows[-1].pk] * 3, None]


def test_an_enterprise_is_not_merged_into_itself(side):
    with pytest.raises(SameEnterprise):
        merge(side, side.firm.enterprise, side.firm.enterprise)


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ADMINISTRATOR}))
def test_administrators_alone_merge(side, role):
    with pytest.raises(PermissionDenied):
        merge(side, side.firm.enterprise, side.neighbour.enterprise, side.staff[role])


def test_nobody_merges_across_parks(scene, side):
    with pytest.raises(PermissionDenied):
        merge(side, side.firm.enterprise, scene.others.firm.enterprise)


def test_nobody_merges_what_they_are_tied_to(side):
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.neighbour.enterprise, user=administrator.user, reason="brother"
        )

    with pytest.raises(NotImpartial):
        merge(side, side.firm.enterprise, side.neighbour.enterprise)


def test_what_was_merged_changes_no_more(side):
    ended = side.firm.enterprise
    merge(side, ended, side.neighbour.enterprise)

    with pytest.raises(NotNow), acting_as(side.staff[Role.REVIEWER]) as actor:
        update_enterprise(actor, ended, changes={"address": "Elsewhere"}, now=NOW)


def test_the_database_knows_no_way_back(side):
    ended = side.firm.enterprise
    merge(side, ended, side.neighbour.enterprise)

    with pytest.raises(DatabaseError, match="cannot go from merged to active"), park_scope(side.park.pk):
        Enterprise.objects.filter(pk=ended.pk).update(status="active", merged_into=None)


def test_people_are_told_where_they_act_now(side):
    run_outbox()
    merge(side, side.firm.enterprise, side.neighbour.enterprise)
    run_outbox()

    letters = OutgoingMail.objects.filter(key__startswith="enterprises.merged:")
    people = {place.user_id for place in side.firm.people.values()}
    assert set(letters.values_list("recipient_id", flat=True)) == people
    assert set(letters.values_list("subject", "url")) == {
        ("OURS first firm was merged into OURS second firm", "/places/")
    }


def test_owners_of_the_one_that_goes_on_hear_who_came(side):
    run_outbox()
    merge(side, side.firm.enterprise, side.neighbour.enterprise, now=timezone.now())
    run_outbox()

    letters = OutgoingMail.objects.filter(key__startswith="enterprises.absorbed:")
    owner = side.neighbour.people[Role.OWNER]
    assert list(letters.values_list("recipient_id", "url")) == [(owner.user_id, "/company/people/")]
    for place in side.firm.people.values():
        assert f"{place.user.name} (" in letters.get().text
    assert "Owner" not in letters.get().text


def test_owners_hear_when_nobody_came(side):
    run_outbox()
    with park_scope(side.park.pk):
        ended = EnterpriseFactory(park=side.park)
    merge(side, ended, side.neighbour.enterprise, now=timezone.now())
    run_outbox()

    assert "Nobody came along" in OutgoingMail.objects.get(key__startswith="enterprises.absorbed:").text


def test_the_task_run_twice_writes_one_letter_to_each(side):
    merge(side, side.firm.enterprise, side.neighbour.enterprise)
    with platform_scope():
        told = OutboxEvent.objects.get(name="enterprises.enterprises_merged").payload
    for _time in range(2):
        with transaction.atomic():
            tasks.write_merge_mails(
                park_id=side.park.pk,
                ended_id=told["enterprise_id"],
                merged_into_id=told["merged_into_id"],
                membership_ids=told["membership_ids"],
            )

    letters = OutgoingMail.objects.filter(key__startswith="enterprises.merged:")
    assert letters.count() == len(side.firm.people)


# The pages


def address(enterprise):
    return reverse("enterprises:enterprise_merge", kwargs={"enterprise_id": enterprise.pk})


@pytest.fixture
def desk(side, client_of):
    return client_of(side.staff[Role.PARK_ADMINISTRATOR])


def test_choice_begins_with_names_that_are_alike(side, desk):
    with park_scope(side.park.pk):
        one = EnterpriseFactory(park=side.park, name_zh="厦门晨光光电有限公司", name_en="One")
        EnterpriseFactory(park=side.park, name_zh="厦门晨光光电股份有限公司", name_en="Other")
    page = desk.get(address(one))

    assert [entry["name"] for entry in page.context["found"]] == ["Other"]
    assert "Name alike, 100" in page.content.decode()


def test_choice_is_searched(scene, side, desk):
    page = desk.get(address(side.firm.enterprise), {"q": "second"})

    assert [entry["row"] for entry in page.context["found"]] == [side.neighbour.enterprise]
    assert desk.get(address(side.firm.enterprise), {"q": "OTHERS"}).context["found"] == []


def test_comparison_shows_both_and_what_is_under_way(side, desk):
    page = desk.get(address(side.firm.enterprise), {"with": str(side.neighbour.enterprise.pk)})
    text = page.content.decode()

    assert "OURS first firm" in text
    assert "OURS second firm" in text
    assert "1 application is not decided yet" in text
    assert 'name="is_aware"' in text


def test_sides_of_one_name_are_told_apart_by_their_codes(side, desk):
    one, other = side.firm.enterprise, side.neighbour.enterprise
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=other.pk).update(name_en=one.name_en, name_zh=one.name_zh)
    page = desk.get(address(one), {"with": str(other.pk)})

    assert [shown["name"] for shown in page.context["sides"]] == [
        f"{one.name_en} · {one.credit_code}",
        f"{one.name_en} · {other.credit_code}",
    ]


def test_merge_is_confirmed_and_leads_to_the_one_that_goes_on(side, desk):
    ended, goes_on = side.firm.enterprise, side.neighbour.enterprise
    path = f"{address(ended)}?with={goes_on.pk}"

    refused = desk.post(path, {"winner": str(goes_on.pk), "reason": "Twice."})
    assert refused.status_code == 422
    assert "Confirm that you know what is still under way." in refused.content.decode()
    assert stored(ended).status == EnterpriseStatus.ACTIVE

    answer = desk.post(path, {"winner": str(goes_on.pk), "reason": "Twice.", "is_aware": "on"})
    assert (answer.status_code, answer["Location"]) == (302, f"/enterprises/{goes_on.pk}/")
    assert stored(ended).merged_into_id == goes_on.pk


def test_the_one_that_was_opened_can_go_on_as_well(side, desk):
    opened, other = side.firm.enterprise, side.neighbour.enterprise
    desk.post(f"{address(opened)}?with={other.pk}", {"winner": str(opened.pk), "reason": "Twice.", "is_aware": "on"})

    assert stored(other).merged_into_id == opened.pk


@pytest.mark.parametrize("typed", [{}, {"winner": "x", "reason": "Twice."}, {"reason": "Twice."}])
def test_merge_needs_a_choice_and_a_reason(side, desk, typed):
    path = f"{address(side.firm.enterprise)}?with={side.neighbour.enterprise.pk}"

    assert desk.post(path, {**typed, "is_aware": "on"}).status_code == 422
    assert stored(side.firm.enterprise).status == EnterpriseStatus.ACTIVE


@pytest.mark.parametrize("other", ["nonsense", "00000000-0000-0000-0000-000000000001"])
def test_merge_with_nobody_is_not_found(side, desk, other):
    assert desk.get(address(side.firm.enterprise), {"with": other}).status_code == 404


def test_merge_with_another_park_is_not_found(scene, side, desk):
    other = scene.others.firm.enterprise

    assert desk.get(address(side.firm.enterprise), {"with": str(other.pk)}).status_code == 404
    assert desk.get(address(other)).status_code == 404


def test_page_of_the_one_that_goes_on_shows_what_was_merged_into_it(side, desk):
    ended, goes_on, label = side.firm.enterprise, side.neighbour.enterprise, side.firm.label
    with park_scope(side.park.pk):
        EnterpriseLabel.objects.filter(enterprise=goes_on).update(ended_at=NOW)
    assert str(label) in desk.get(f"/enterprises/{ended.pk}/merge/?with={goes_on.pk}").content.decode()
    merge(side, ended, goes_on)
    text = desk.get(f"/enterprises/{goes_on.pk}/").content.decode()

    for said in ("Merged from", "OURS first firm", "OURS first firm site", "OURS first firm licence.pdf", str(label)):
        assert said in text
    assert side.firm.application.number in text


def test_its_people_see_nothing_of_what_was_merged_into_it(side, client_of):
    merge(side, side.firm.enterprise, side.neighbour.enterprise)
    text = client_of(side.neighbour.people[Role.OWNER]).get("/company/").content.decode()

    assert "Merged from" not in text
    assert "OURS first firm licence.pdf" not in text


def test_page_of_what_ended_leads_to_the_one_that_goes_on(side, desk):
    merge(side, side.firm.enterprise, side.neighbour.enterprise)
    text = desk.get(f"/enterprises/{side.firm.enterprise.pk}/").content.decode()

    assert f"/enterprises/{side.neighbour.enterprise.pk}/" in text
    assert "OURS first firm licence.pdf" in text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_others_do_not_open_the_page(side, client_of, role):
    assert client_of(side.staff[role]).get(address(side.firm.enterprise)).status_code == 403


def test_another_administrator_is_told_that_it_was_merged(side, client_of):
    colleague = client_of(person(Role.PARK_ADMINISTRATOR, side.park))
    with park_scope(side.park.pk):
        third = EnterpriseFactory(park=side.park)
    merge(side, side.firm.enterprise, side.neighbour.enterprise)
    path = f"{address(side.firm.enterprise)}?with={third.pk}"
    page = colleague.post(path, {"winner": str(third.pk), "reason": "Twice.", "is_aware": "on"})

    assert page.status_code == 422
    assert "its registration has ended" in page.content.decode()
