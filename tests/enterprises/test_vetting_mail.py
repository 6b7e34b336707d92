"""What the registrant hears of a decision: once, in their language, with what they need."""

import pytest
from django.db import transaction

from accounts.models import OutgoingMail
from enterprises import tasks
from enterprises.models import RegistrationStep
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import run_outbox
from tests.enterprises.vetting_cases import CODE, approve, file_registration, give_back, join, reject
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def side(scene):
    run_outbox()
    return scene.ours


@pytest.fixture
def registration(side):
    return file_registration(side.park, name_en="Newcomer Works", name_zh="新来制造有限公司")


def letters(person):
    run_outbox()
    return list(OutgoingMail.objects.filter(recipient=person).values_list("subject", "text", "url").order_by("pk"))


def test_return_names_every_field_with_its_comment(side, registration):
    give_back(side, registration, remarks={"sites": "Which?", "address": "As on the licence."}, message="Two things.")

    assert letters(registration.registrant) == [
        (
            "Registration R-7K4M-2Q9X needs corrections",
            "The registration of Newcomer Works in Torch Zone was returned. Correct what is named below and file it "
            "again by 2026-11-18.\n\nTwo things.\n\nRegistered address: As on the licence.\nSites: Which?",
            f"/parks/{side.park.slug}/register/{registration.pk}/",
        )
    ]


def test_approve_says_what_the_person_can_do_now(side, registration):
    approve(side, registration, message="Welcome.")

    ((subject, text, url),) = letters(registration.registrant)
    assert subject == "Newcomer Works is registered in Torch Zone"
    assert "You are the owner of Newcomer Works in the portal" in text
    assert text.endswith("Welcome.")
    assert url == "/places/"


def test_reject_carries_the_reason(side, registration):
    reject(side, registration, reason="Not in this park.")

    ((subject, text, _url),) = letters(registration.registrant)
    assert subject == "Registration R-7K4M-2Q9X was rejected"
    assert text == "The registration of Newcomer Works in Torch Zone was rejected.\n\nNot in this park."


def test_join_names_the_enterprise_and_the_roles(side, registration):
    with park_scope(side.park.pk):
        known = EnterpriseFactory(park=side.park, credit_code=CODE, name_en="Known Works")
    join(side, registration, known)

    ((subject, text, url),) = letters(registration.registrant)
    assert subject == "You can act for Known Works in Torch Zone"
    assert "Your roles: Owner, Certifier." in text
    assert url == "/places/"


def test_join_tells_the_owners_in_their_language(side):
    owner = side.firm.people[Role.OWNER].user
    other = person(Role.OWNER, side.park, side.firm.enterprise.pk).user
    type(other).objects.filter(pk=other.pk).update(language="zh-hans")
    registration = file_registration(side.park, credit_code=side.firm.enterprise.credit_code)
    join(side, registration, side.firm.enterprise, message="Only for you.")

    name = side.firm.enterprise.name_en
    assert letters(owner)[-1:] == [
        (
            f"Lin Yue can act for {name}",
            f"The park has joined the registration R-7K4M-2Q9X of Lin Yue to {name}. Their roles: Applicant. You can "
            "change the roles or end the place.",
            "/company/people/",
        )
    ]
    ((subject, _text, _url),) = letters(other)
    assert side.firm.enterprise.name_zh in subject
    assert registration.number not in str(letters(side.firm.people[Role.APPLICANT].user))


def test_letters_are_in_the_language_of_the_reader(side):
    person = UserFactory(name="林悦", language="zh-hans")
    registration = file_registration(side.park, registrant=person, name_zh="新来制造有限公司", name_en="Newcomer Works")
    approve(side, registration)

    ((subject, _text, _url),) = letters(person)
    assert "新来制造有限公司" in subject
    assert "火炬园区" in subject


def test_nobody_else_hears_of_a_decision(side, registration):
    official = side.staff[Role.REVIEWER].user
    before = letters(official)
    approve(side, registration)

    assert letters(official) == before
    assert letters(side.firm.people[Role.OWNER].user) == []


@pytest.mark.parametrize("act", [give_back, approve, reject])
def test_the_task_run_twice_writes_one_letter(side, registration, act):
    act(side, registration)
    first = letters(registration.registrant)
    with park_scope(side.park.pk):
        step = RegistrationStep.objects.filter(registration=registration, is_by_official=True).get()
    with transaction.atomic():
        tasks.write_decision_mail(park_id=side.park.pk, step_id=str(step.pk))

    assert len(first) == 1
    assert letters(registration.registrant) == first
