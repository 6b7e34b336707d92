import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from enterprises import services
from enterprises.choices import EnterpriseKind, EnterpriseStatus
from enterprises.models import DeclaredInterest, Enterprise
from enterprises.permissions import COOLING_OFF
from enterprises.services import FACTS as NAMES_OF_FACTS
from enterprises.services import CodeMalformed, CodeTaken, CodeUnconfirmed, EnterpriseFacts
from enterprises.services.ground import NotImpartial
from enterprises.services.register import FoundingToCome
from parks.choices import Role
from parks.models import Invitation, Membership
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, open_scope, platform_scope
from tests.clients import actor
from tests.factories.people import ParkFactory, person

NOW = datetime(2026, 11, 8, 1, 12, tzinfo=UTC)
FACTS = EnterpriseFacts(
    credit_code="91350200ma2yj1xr9g",
    name_zh="厦门晨光光电有限公司",
    name_en="Xiamen Chengguang Optoelectronics",
    kind=EnterpriseKind.MANUFACTURER,
    contact_name="Lin Yue",
)


def facts_of(enterprise):
    return EnterpriseFacts(**{name: getattr(enterprise, name) for name in NAMES_OF_FACTS})


def events():
    with platform_scope():
        return [(event.name, event.payload) for event in OutboxEvent.objects.order_by("created_at", "id")]


def register(membership, park, facts=FACTS, **options):
    acting = actor(membership)
    with open_scope(acting.scope):
        return services.register_enterprise(acting, park=park, facts=facts, now=NOW, **options)


def test_registration_stores_the_normalised_code_and_announces(scene):
    reviewer = scene.ours.staff[Role.REVIEWER]

    enterprise = register(reviewer, scene.ours.park)

    with open_scope(actor(reviewer).scope):
        stored = Enterprise.objects.get(pk=enterprise.pk)
    assert facts_of(stored) == replace(FACTS, credit_code="91350200MA2YJ1XR9G")
    assert (stored.status, stored.created_at) == (EnterpriseStatus.ACTIVE, NOW)
    assert events() == [
        (
            "enterprises.enterprise_registered",
            {"park_id": scene.ours.park.pk, "enterprise_id": str(enterprise.pk), "by_user_id": reviewer.user_id},
        )
    ]


def test_registration_refuses_a_code_of_this_park_and_takes_one_of_another(scene):
    register(scene.ours.staff[Role.REVIEWER], scene.ours.park)

    with pytest.raises(CodeTaken, match="already registered in this park"):
        register(scene.ours.staff[Role.PARK_ADMINISTRATOR], scene.ours.park)
    assert register(scene.others.staff[Role.REVIEWER], scene.others.park).credit_code == "91350200MA2YJ1XR9G"


def test_no_enterprise_is_founded_after_today_on_the_clock_of_its_park(scene):
    """In Shanghai the ninth of November begins at four in the afternoon of the eighth by universal time."""
    reviewer, park = scene.ours.staff[Role.REVIEWER], scene.ours.park
    late = datetime(2026, 11, 8, 16, 0, tzinfo=UTC)
    acting = actor(reviewer)

    with open_scope(acting.scope), pytest.raises(FoundingToCome, match="not come yet") as refused:
        facts = replace(FACTS, established_on=date(2026, 11, 9))
        services.register_enterprise(acting, park=park, facts=facts, now=late - timedelta(seconds=1))
    assert refused.value.field == "established_on"
    with open_scope(acting.scope):
        enterprise = services.register_enterprise(acting, park=park, facts=facts, now=late)
    with open_scope(acting.scope), pytest.raises(FoundingToCome):
        services.update_enterprise(acting, enterprise, changes={"established_on": date(2026, 11, 10)}, now=late)
    with open_scope(acting.scope):
        changed = services.update_enterprise(acting, enterprise, changes={"established_on": None}, now=late)
    assert changed.established_on is None


def test_registration_asks_to_confirm_a_code_that_does_not_fit(scene):
    early = replace(FACTS, credit_code="91350203M0001QAY9B")

    with pytest.raises(CodeUnconfirmed) as refused:
        register(scene.ours.staff[Role.REVIEWER], scene.ours.park, early)

    assert refused.value.field == "is_code_confirmed"
    confirmed = register(scene.ours.staff[Role.REVIEWER], scene.ours.park, early, is_code_confirmed=True)
    assert confirmed.credit_code == "91350203M0001QAY9B"


def test_registration_refuses_what_is_no_code_even_when_confirmed(scene):
    with pytest.raises(CodeMalformed):
        register(
            scene.ours.staff[Role.REVIEWER],
            scene.ours.park,
            replace(FACTS, credit_code="9135"),
            is_code_confirmed=True,
        )


@pytest.mark.parametrize(
    "role", [Role.EXPERT, Role.APPROVER, Role.FINANCE_OFFICER, Role.PARK_ENERGY_MANAGER, Role.AUDITOR]
)
def test_other_officials_may_not_register(scene, role):
    with pytest.raises(PermissionDenied):
        register(scene.ours.staff[role], scene.ours.park)


def test_registration_in_another_park_is_refused(scene):
    with pytest.raises(PermissionDenied):
        register(scene.ours.staff[Role.REVIEWER], scene.others.park)


def test_owner_may_not_register(scene):
    with pytest.raises(PermissionDenied):
        register(scene.ours.firm.people[Role.OWNER], scene.ours.park)


def test_new_names_reach_the_places_of_the_people(scene):
    firm, administrator = scene.ours.firm, scene.ours.staff[Role.PARK_ADMINISTRATOR]
    acting = actor(administrator)
    with open_scope(acting.scope):
        offer = Invitation.objects.create(
            park=scene.ours.park,
            enterprise_id=firm.enterprise.pk,
            enterprise_name_en="Old",
            enterprise_name_zh="旧",
            email="new@example.com",
            roles=[Role.APPLICANT],
            token_digest="n" * 64,
            invited_by=administrator.user,
            expires_at=NOW,
        )
        renamed = {"name_en": "Renamed", "name_zh": "新名公司"}
        services.update_enterprise(acting, firm.enterprise, changes=renamed, now=NOW)

    places = Membership.objects.filter(enterprise_id=firm.enterprise.pk)
    assert set(places.values_list("enterprise_name_en", "enterprise_name_zh")) == {("Renamed", "新名公司")}
    neighbours = Membership.objects.filter(enterprise_id=scene.ours.neighbour.enterprise.pk)
    assert set(neighbours.values_list("enterprise_name_en", flat=True)) == {scene.ours.neighbour.enterprise.name_en}
    offer.refresh_from_db()
    assert (offer.enterprise_name_en, offer.enterprise_name_zh) == ("Renamed", "新名公司")
    assert [(name, sorted(payload["changed"])) for name, payload in events()] == [
        ("enterprises.enterprise_updated", ["name_en", "name_zh"])
    ]


def test_update_without_a_difference_writes_nothing(scene):
    acting = actor(scene.ours.staff[Role.REVIEWER])
    enterprise = scene.ours.firm.enterprise
    with open_scope(acting.scope):
        before = Enterprise.objects.get(pk=enterprise.pk).updated_at
        services.update_enterprise(acting, enterprise, changes={"name_zh": enterprise.name_zh}, now=NOW)
        assert Enterprise.objects.get(pk=enterprise.pk).updated_at == before
    assert events() == []


def test_update_keeps_an_unfitting_code_that_was_confirmed_once(scene):
    reviewer = scene.ours.staff[Role.REVIEWER]
    early = replace(FACTS, credit_code="91350203M0001QAY9B")
    enterprise = register(reviewer, scene.ours.park, early, is_code_confirmed=True)
    acting = actor(reviewer)

    with open_scope(acting.scope):
        changed = services.update_enterprise(
            acting, enterprise, changes={"credit_code": enterprise.credit_code, "address": "Torch Road 1"}, now=NOW
        )

    assert changed.address == "Torch Road 1"


def test_update_to_the_code_of_a_neighbour_is_refused(scene):
    acting = actor(scene.ours.staff[Role.REVIEWER])
    taken = {"credit_code": scene.ours.neighbour.enterprise.credit_code}

    with open_scope(acting.scope), pytest.raises(CodeTaken):
        services.update_enterprise(acting, scene.ours.firm.enterprise, changes=taken, now=NOW, is_code_confirmed=True)


def test_official_with_an_interest_changes_no_facts(scene):
    acting, firm = actor(scene.ours.staff[Role.REVIEWER]), scene.ours.firm.enterprise
    with open_scope(acting.scope):
        services.declare_interest(acting, firm, reason="Shares", now=NOW)
        with pytest.raises(NotImpartial):
            services.update_enterprise(acting, firm, changes={"address": "Elsewhere"}, now=NOW)
        services.end_interest(acting, firm, now=timezone.now() - COOLING_OFF + timedelta(minutes=1))
        with pytest.raises(NotImpartial, match="in the last 30 days"):
            services.update_enterprise(acting, firm, changes={"address": "Elsewhere"}, now=NOW)
        DeclaredInterest.objects.filter(user_id=acting.user_id).update(ended_at=timezone.now() - COOLING_OFF)
        assert (
            services.update_enterprise(acting, firm, changes={"address": "Elsewhere"}, now=NOW).address == "Elsewhere"
        )


def test_owner_changes_the_contact(scene):
    acting = actor(scene.ours.firm.people[Role.OWNER])
    contact = {"contact_name": "Wu Hao", "contact_phone": "+86 592 5550000", "contact_email": "wu@example.com"}

    with open_scope(acting.scope):
        services.update_kept_facts(acting, scene.ours.firm.enterprise, changes=contact)
        stored = Enterprise.objects.get(pk=scene.ours.firm.enterprise.pk)

    assert (stored.contact_name, stored.contact_phone, stored.contact_email) == (
        "Wu Hao",
        "+86 592 5550000",
        "wu@example.com",
    )


def test_owner_changes_nothing_but_the_contact(scene):
    acting = actor(scene.ours.firm.people[Role.OWNER])
    with open_scope(acting.scope), pytest.raises(ValueError, match="name_zh"):
        services.update_kept_facts(acting, scene.ours.firm.enterprise, changes={"name_zh": "x"})


@pytest.mark.parametrize("role", [Role.CERTIFIER, Role.APPLICANT, Role.ENERGY_MANAGER])
def test_other_people_may_not_change_the_contact(scene, role):
    acting = actor(scene.ours.firm.people[role])
    with open_scope(acting.scope), pytest.raises(PermissionDenied):
        services.update_kept_facts(acting, scene.ours.firm.enterprise, changes={"contact_name": "x"})


def test_owner_may_not_change_the_contact_of_a_neighbour(scene):
    acting = actor(scene.ours.firm.people[Role.OWNER])
    with open_scope(acting.scope), pytest.raises(PermissionDenied):
        services.update_kept_facts(acting, scene.ours.neighbour.enterprise, changes={"contact_name": "x"})


@pytest.mark.parametrize(
    "column", ["credit_code", "name_en", "name_zh", "kind", "status", "is_key_energy_user", "address"]
)
def test_database_lets_no_enterprise_change_its_vetted_facts(scene, column):
    firm = scene.ours.firm.enterprise
    with (
        enterprise_scope(scene.ours.park.pk, firm.pk),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        Enterprise.objects.filter(pk=firm.pk).update(**{column: getattr(firm, column)})


def test_database_lets_no_enterprise_change_the_contact_of_a_neighbour(scene):
    neighbour = scene.ours.neighbour.enterprise
    with enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk):
        assert Enterprise.objects.filter(pk=neighbour.pk).update(contact_name="x") == 0


def test_interest_is_declared_once_and_ends(scene):
    acting = actor(scene.ours.staff[Role.REVIEWER])
    firm = scene.ours.firm.enterprise
    with open_scope(acting.scope):
        interest = services.declare_interest(acting, firm, reason="Shares", now=NOW)
        with pytest.raises(services.InterestAlreadyDeclared):
            services.declare_interest(acting, firm, reason="Again", now=NOW)
        services.end_interest(acting, firm, now=NOW)
        services.end_interest(acting, firm, now=NOW)
        again = services.declare_interest(acting, firm, reason="Brother", now=NOW)
        assert list(DeclaredInterest.objects.filter(enterprise=firm).order_by("id").values_list("pk", "ended_at")) == [
            (interest.pk, NOW),
            (again.pk, None),
        ]


def test_nobody_ends_the_interest_of_a_colleague(scene):
    acting = actor(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    with open_scope(acting.scope):
        services.end_interest(acting, scene.ours.neighbour.enterprise, now=NOW)
        assert DeclaredInterest.objects.get(pk=scene.ours.interest.pk).ended_at is None


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_registrations_at_once_one_is_refused():
    park = ParkFactory()
    reviewers = [person(Role.REVIEWER, park), person(Role.REVIEWER, park)]
    barrier, outcomes = threading.Barrier(2), []

    def run(membership):
        acting = actor(membership)
        try:
            with open_scope(acting.scope):
                barrier.wait(10)
                services.register_enterprise(acting, park=park, facts=FACTS, now=NOW)
            outcomes.append("registered")
        except CodeTaken as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(membership,)) for membership in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["An enterprise with this code is already registered in this park.", "registered"]
    with open_scope(actor(reviewers[0]).scope):
        assert list(Enterprise.objects.values_list("credit_code", flat=True)) == ["91350200MA2YJ1XR9G"]
    connections.close_all()
