"""Who is told of a registration, and where its person finds it again."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import OutgoingMail
from enterprises.choices import RegistrationState
from enterprises.models import RegistrationStep
from enterprises.queries.registrations import begun_registrations
from enterprises.services.registration_ground import FIELDS, shown_value
from enterprises.services.registration_mail import write_registration_mails, write_resume_mail
from parks.choices import Role
from tenancy.scopes import Author, login_scope, park_scope
from tests.clients import run_outbox
from tests.enterprises.registration_cases import (
    ANSWERS,
    begin,
    complete,
    save,
    submit,
    withdraw,
)
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区")


def mails(**wanted):
    return sorted(
        (mail.address, mail.subject, mail.url)
        for mail in OutgoingMail.objects.filter(key__startswith="enterprises.registration", **wanted)
    )


def test_first_save_mails_the_way_back_once(park, lin):
    draft = begin(park, lin, name_zh="新港")
    save(park, lin, draft, name_zh="新港机械")
    run_outbox()
    with login_scope(Author()):
        write_resume_mail(park_id=park.pk, registration_id=draft.pk, registrant_id=lin.pk)

    assert mails() == [("lin@example.com", "Your registration is kept", f"/parks/{park.slug}/register/{draft.pk}/")]


def test_begun_and_left_is_not_mailed_about(park, lin):
    begin(park, lin)
    run_outbox()

    assert mails() == []


def test_filing_is_told_to_both_sides_once(park, lin):
    registrars = [person(Role.REVIEWER, park), person(Role.PARK_ADMINISTRATOR, park)]
    person(Role.APPROVER, park)
    filed = submit(park, lin, complete(park, lin))
    run_outbox()
    with park_scope(park.pk):
        write_registration_mails(RegistrationStep.objects.get(registration=filed).pk)

    waits = f"Registration {filed.number} waits for its check"
    assert [mail for mail in mails() if mail[1] != "Your registration is kept"] == sorted(
        [
            (
                "lin@example.com",
                f"Registration {filed.number} was received",
                f"/parks/{park.slug}/register/{filed.pk}/",
            ),
            *[(found.user.email, waits, f"/registrations/{filed.pk}/") for found in registrars],
        ]
    )


def test_official_who_registers_is_not_asked_to_check_it(park):
    official = person(Role.REVIEWER, park)
    filed = submit(park, official.user, complete(park, official.user))
    run_outbox()

    assert [subject for _to, subject, _url in mails() if "waits" in subject] == []
    assert filed.registrant_id == official.user_id


def test_withdrawal_is_told_to_the_registrars(park, lin):
    reviewer = person(Role.REVIEWER, park)
    filed = submit(park, lin, complete(park, lin))
    withdraw(park, lin, filed, reason="Filed twice.")
    run_outbox()

    assert (reviewer.user.email, f"Registration {filed.number} was withdrawn", f"/registrations/{filed.pk}/") in mails()
    assert [subject for _to, subject, _url in mails() if "waits" in subject] == [], "nothing waits any more"


def test_letters_speak_the_language_of_their_reader(park):
    reader = UserFactory(language="zh-hans")
    begin(park, reader, name_zh="新港")
    run_outbox()

    assert [mail.recipient_id for mail in OutgoingMail.objects.filter(key__contains="registration_begun")] == [
        reader.pk
    ]


def test_begun_registrations_are_found_without_a_place(park, lin):
    draft, other = begin(park, lin, name_zh="新港", name_en="Newport"), ParkFactory()
    begin(other, lin)
    begin(park, UserFactory(), name_zh="别人")

    found = {(row.park.pk, row.id, row.state, row.name) for row in begun_registrations(lin.pk)}

    assert {row[:2] for row in found} == {(park.pk, draft.pk), (other.pk, begin(other, lin).pk)}
    assert (park.pk, draft.pk, RegistrationState.DRAFT, "Newport") in found


def test_every_field_is_shown_as_one_reads_it(park, lin):
    draft = complete(park, lin, registered_capital=12_000_000, employees=2300, established_on=date(2019, 4, 2))

    shown = {field: shown_value(draft, field) for field in FIELDS}

    assert {name: value for name, value in shown.items() if name not in ANSWERS} == {
        "name_en": "",
        "kind": "Manufacturer",
        "established_on": "2019-04-02",
        "registered_capital": "¥12,000,000.00",
        "capital_currency": "Chinese yuan (CNY)",
        "industry_en": "",
        "employees": "2,300",
        "website": "",
        "energy_contact_name": "",
        "energy_contact_phone": "",
        "energy_contact_email": "",
        "paper_business_licence": "licence.pdf",
        "paper_authorisation": "",
        "paper_certificate": "",
        "paper_other": "",
    }
    assert shown["sites"] == "Works 1 · Torch Road 1 · 1,200 m² · Production"
