"""Registrations, documents, steps and requests: what the database refuses whatever code writes it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from enterprises.choices import (
    EnterpriseStatus,
    EnterpriseStepKind,
    PaperKind,
    RegistrationState,
    RegistrationStepKind,
)
from enterprises.models import (
    ChangeRequest,
    Enterprise,
    EnterprisePaper,
    EnterpriseStep,
    Registration,
    RegistrationPaper,
    RegistrationStep,
)
from enterprises.services.registration import submit_registration, withdraw_registration
from parks.choices import Role
from parks.models import Membership
from tenancy.events import Event
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope
from tests.enterprises import registration_cases as cases
from tests.enterprises.registration_cases import NOW, complete
from tests.factories.people import UserFactory, person
from tests.factories.register import DUE_AT, FILED_AT
from tests.incentives.cases import acting_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_the_door(scene):
    """A complete draft of somebody without a place, inside whose scope the test runs."""
    user = UserFactory(name="Pan Yi")
    draft = complete(scene.ours.park, user)
    with cases.acting_as(scene.ours.park, user) as registrant:
        yield registrant, draft


@pytest.fixture
def stranger(db):
    return UserFactory(name="Nobody Here")


@pytest.fixture
def firm(scene):
    return scene.ours.firm


def refused(act, match="", error=IntegrityError):
    with pytest.raises(error, match=match), transaction.atomic():
        act()


def updating(row, **changes):
    return lambda: type(row).objects.filter(pk=row.pk).update(**changes)


def step_of(registration, registrant, **changes):
    told = {
        "park_id": registration.park_id,
        "registrant_id": registration.registrant_id,
        "registration": registration,
        "kind": RegistrationStepKind.SUBMITTED,
        "at": NOW,
        "by_id": registrant.user_id,
        "by_name": registrant.name,
        "is_by_official": False,
        **changes,
    }
    return lambda: RegistrationStep.objects.create(**told)


def test_registration_begins_as_a_draft_in_the_own_name(at_the_door):
    registrant, draft = at_the_door
    begun = {"park_id": draft.park_id, "registrant_id": registrant.user_id, "registrant_name": registrant.name}
    refused(lambda: Registration.objects.create(**begun, number="R-1"), "begins as a draft")
    refused(lambda: Registration.objects.create(**begun, submitted_at=NOW), "begins as a draft")
    refused(lambda: Registration.objects.create(**begun, due_at=NOW), "begins as a draft")
    refused(lambda: Registration.objects.create(**{**begun, "registrant_name": "Chen Wei"}), "begins as a draft")
    assert Registration.objects.create(**begun).state == RegistrationState.DRAFT


def test_what_is_filed_is_not_changed_by_who_filed_it(at_the_door):
    registrant, draft = at_the_door
    filed = submit_registration(registrant, draft, now=NOW)
    for change in (
        {"name_zh": "别的有限公司"},
        {"sites": []},
        {"due_at": NOW + timedelta(hours=1)},
        {"number": "", "submitted_at": None, "state": RegistrationState.WITHDRAWN},
        {"submitted_at": NOW - timedelta(days=9)},
        {"round": 7},
        {"revision": 0},
    ):
        refused(updating(filed, **change), "stays as it was filed")
    assert withdraw_registration(registrant, filed, now=NOW).state == RegistrationState.WITHDRAWN


def test_filing_counts_one_round_and_sets_its_clock(at_the_door):
    _registrant, draft = at_the_door
    filing = {
        "state": RegistrationState.SUBMITTED,
        "number": "R-2026",
        "round": 1,
        "submitted_at": NOW,
        "due_at": NOW + timedelta(days=7),
    }
    refused(updating(draft, **{**filing, "round": 2}), "stays as it was filed")
    refused(updating(draft, **{**filing, "due_at": NOW - timedelta(days=1)}), "stays as it was filed")
    refused(updating(draft, number="R-2026"), "stays as it was filed")
    assert updating(draft, **filing)() == 1


def test_step_is_told_by_who_takes_it(stranger, at_the_door):
    registrant, draft = at_the_door
    filed = submit_registration(registrant, draft, now=NOW)
    refused(step_of(filed, registrant, is_by_official=True), "by who takes it")
    refused(step_of(filed, registrant, by_id=stranger.pk), "by who takes it")
    refused(step_of(filed, registrant, by_name="Chen Wei"), "by who takes it")
    refused(step_of(filed, registrant, kind=RegistrationStepKind.APPROVED), "by who takes it")
    assert step_of(filed, registrant)().kind == RegistrationStepKind.SUBMITTED


def test_document_is_a_file_of_its_registration(stranger, at_the_door, scene):
    _registrant, draft = at_the_door
    mine = draft.papers.get()
    foreign = scene.ours.firm.registration_paper.file.name
    copy = {
        field.attname: getattr(mine, field.attname)
        for field in RegistrationPaper._meta.concrete_fields
        if field.attname != "id"
    }
    refused(lambda: RegistrationPaper.objects.create(**{**copy, "file": foreign}), "a file of its registration")
    own = uuid4()
    path = f"parks/{draft.park_id}/registrations/{draft.pk}/{own}"
    refused(
        lambda: RegistrationPaper.objects.create(**{**copy, "id": own, "file": path, "uploaded_by_id": stranger.pk}),
        "a file of its registration",
    )
    assert RegistrationPaper.objects.create(**{**copy, "id": own, "file": path}).pk == own


def test_removed_document_stays_removed(at_the_door):
    _registrant, draft = at_the_door
    paper = draft.papers.get()
    updating(paper, removed_at=NOW)()
    refused(updating(paper, removed_at=None), "stays removed")


def test_nothing_is_attached_to_what_is_filed(at_the_door):
    registrant, draft = at_the_door
    mine = draft.papers.get()
    submit_registration(registrant, draft, now=NOW)
    own = uuid4()
    copy = {field.attname: getattr(mine, field.attname) for field in RegistrationPaper._meta.concrete_fields}
    path = f"parks/{draft.park_id}/registrations/{draft.pk}/{own}"
    refused(lambda: RegistrationPaper.objects.create(**{**copy, "id": own, "file": path}), "a file of its registration")
    refused(updating(mine, removed_at=NOW), "stay as they were filed")
    refused(updating(mine, valid_until=NOW.date()), "stay as they were filed")


def test_who_registers_announces_registrations_of_this_park_only(at_the_door, scene):
    _registrant, draft = at_the_door
    other = Event.registry["enterprises.enterprise_registered"]
    begun = Event.registry["enterprises.registration_begun"]
    refused(lambda: other.publish(park_id=draft.park_id), error=ProgrammingError, match="row-level security")
    refused(lambda: begun.publish(park_id=scene.others.park.pk), error=ProgrammingError, match="row-level security")
    refused(lambda: begun.publish(registration_id=1), error=ProgrammingError, match="row-level security")
    begun.publish(park_id=draft.park_id, registration_id=str(draft.pk))


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.REVIEWER])
def test_who_acts_in_a_park_announces_nothing_of_another(scene, role):
    people = {**scene.ours.staff, **scene.ours.firm.people}
    with acting_as(people[role]):
        refused(
            lambda: OutboxEvent.objects.create(name="x", payload={"park_id": scene.others.park.pk}),
            error=ProgrammingError,
            match="row-level security",
        )
        OutboxEvent.objects.create(name="x", payload={"park_id": scene.ours.park.pk})


def test_enterprise_takes_no_step_of_the_park(firm, stranger):
    with acting_as(firm.people[Role.OWNER]) as actor:
        told = {
            "park_id": actor.park_id,
            "enterprise_id": actor.enterprise_id,
            "kind": EnterpriseStepKind.HANDED_OVER,
            "at": NOW,
            "by_id": actor.user_id,
            "by_name": actor.name,
            "is_by_official": False,
        }
        for change in (
            {"is_by_official": True},
            {"kind": EnterpriseStepKind.RESUMED},
            {"by_id": stranger.pk},
            {"by_name": "Huang Li"},
        ):
            refused(lambda change=change: EnterpriseStep.objects.create(**{**told, **change}), "by who takes it")
        assert EnterpriseStep.objects.create(**told).by_id == actor.user_id


def test_document_of_an_enterprise_is_its_own_file(firm, scene, stranger):
    with acting_as(firm.people[Role.OWNER]) as actor:
        fields = {
            "park_id": actor.park_id,
            "enterprise_id": actor.enterprise_id,
            "kind": PaperKind.OTHER,
            "name": "licence.pdf",
            "content_type": "application/pdf",
            "size_bytes": 10,
            "sha256": "0" * 64,
        }
        own = uuid4()
        path = f"parks/{actor.park_id}/enterprises/{actor.enterprise_id}/{own}"
        brought = scene.ours.firm.registration_paper.file.name
        for given in (
            {"file": brought, "uploaded_by_id": actor.user_id},
            {"file": path, "uploaded_by_id": stranger.pk},
            {"file": path, "uploaded_by_id": actor.user_id, "removed_at": NOW},
        ):
            refused(
                lambda given=given: EnterprisePaper.objects.create(**fields, id=own, **given),
                "a file of its enterprise",
            )
        kept = EnterprisePaper.objects.create(**fields, id=own, file=path, uploaded_by_id=actor.user_id)
        updating(kept, removed_at=NOW)()
        refused(updating(kept, removed_at=None), "stays removed")


def test_request_is_made_in_the_own_name_and_undecided(firm, stranger):
    with acting_as(firm.people[Role.OWNER]) as actor:
        ChangeRequest.objects.filter(enterprise_id=actor.enterprise_id).update(state="withdrawn", decided_at=NOW)
        asked = {
            "park_id": actor.park_id,
            "enterprise_id": actor.enterprise_id,
            "number": "C-1",
            "changes": {"name_en": ["A", "B"]},
            "reason": "New licence",
            "requested_by_id": actor.user_id,
            "requested_by_name": actor.name,
            "requested_at": FILED_AT,
            "due_at": DUE_AT,
        }
        for change in (
            {"requested_by_id": stranger.pk},
            {"requested_by_name": "Chen Wei"},
            {"due_at": FILED_AT - timedelta(days=1)},
            {"decision": "Approved"},
            {"decided_at": NOW},
        ):
            refused(lambda change=change: ChangeRequest.objects.create(**{**asked, **change}), "in the own name")
        for changes in ({}, {"status": ["active", "suspended"]}, {"is_key_energy_user": ["no", "yes"]}):
            refused(
                lambda changes=changes: ChangeRequest.objects.create(**{**asked, "changes": changes}),
                "facts that the park has vetted",
            )
        assert ChangeRequest.objects.create(**asked).number == "C-1"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "example.com", "ftp://example.com"])
def test_website_is_of_the_web(firm, address):
    with acting_as(firm.people[Role.OWNER]):
        own = Enterprise.objects.get(pk=firm.enterprise.pk)
        refused(updating(own, website=address), "enterprise_website_is_of_the_web")


def test_official_lets_nobody_into_the_park_nor_themselves_into_an_enterprise(firm, scene, stranger):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        place = {"user_id": stranger.pk, "park_id": actor.park_id, "roles": [Role.APPROVER]}
        refused(lambda: Membership.objects.create(**place), "row-level security", ProgrammingError)
        own = {"park_id": actor.park_id, "enterprise_id": firm.enterprise.pk, "roles": [Role.OWNER]}
        refused(lambda: Membership.objects.create(**own, user_id=actor.user_id), "row-level security", ProgrammingError)


def test_no_place_opens_in_an_enterprise_that_has_ended(firm):
    colleague = person(Role.APPLICANT, firm.enterprise.park, firm.enterprise.pk)
    updating(colleague, is_active=False)()
    with park_scope(firm.enterprise.park_id):
        updating(firm.enterprise, status=EnterpriseStatus.DEREGISTERED)()
    refused(updating(colleague, is_active=True), "whose registration has ended")


def test_place_has_the_name_and_the_standing_of_its_enterprise(firm):
    with park_scope(firm.enterprise.park_id):
        updating(firm.enterprise, status=EnterpriseStatus.SUSPENDED, name_en="Renamed")()
    place = person(Role.APPLICANT, firm.enterprise.park, firm.enterprise.pk)
    place.refresh_from_db()
    assert (place.enterprise_name_en, place.is_enterprise_suspended) == ("Renamed", True)
