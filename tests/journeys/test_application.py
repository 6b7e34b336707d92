"""The main job, done by people at their browsers: an enterprise files, the park checks and approves."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import translation

from accounts.models import User
from incentives.choices import ApplicationState, DocumentKind
from incentives.models import Application
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.factories.filing import PDF, EnterpriseFactory, ProgrammeFactory, published
from tests.factories.people import PASSWORD, ParkFactory, UserFactory, person

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.journey]


@pytest.fixture
def cast(language):
    """A park with a programme, and one person of each role who reads `language`."""
    park = ParkFactory(name_en="Torch Zone", name_zh="火炬园区")
    with park_scope(park.pk):
        enterprise = EnterpriseFactory(park=park, name_en="Chengguang Opto", name_zh="晨光光电")
        published(ProgrammeFactory(park=park, code="EMC"))
    names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    people = {
        Role.APPLICANT: person(Role.APPLICANT, park, enterprise.pk, user=reader("Lin Yue", language), **names),
        Role.CERTIFIER: person(Role.CERTIFIER, park, enterprise.pk, user=reader("Wu Hao", language), **names),
        Role.REVIEWER: person(Role.REVIEWER, park, user=reader("Chen Wei", language)),
        Role.APPROVER: person(Role.APPROVER, park, user=reader("Zhao Ming", language)),
    }
    return park, people


def reader(name: str, language: str) -> User:
    user = UserFactory(name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def arrive_as(visit, membership: Membership, language: str):
    visitor = visit(language)
    visitor.sign_in(membership.user.email, PASSWORD)
    return visitor


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_applicant_files_and_approver_approves(visit, cast, language, tmp_path):
    park, people = cast
    applicant = arrive_as(visit, people[Role.APPLICANT], language)
    prepare(applicant, language, tmp_path)

    certifier = arrive_as(visit, people[Role.CERTIFIER], language)
    certifier.open(path_of(applicant) + "check/")
    certifier.page.locator("input[name=statement_accepted]").check()
    certifier.click("Sign and submit")
    assert certifier.sees("EMC-2026-0001") or certifier.sees("EMC-")

    reviewer = arrive_as(visit, people[Role.REVIEWER], language)
    reviewer.open("/queue/")
    open_first_case(reviewer)
    reviewer.page.locator("label", has_text=reviewer.say("Accept as complete")).first.click()
    reviewer.page.locator("#accept-form button").click()
    reviewer.look()

    approver = arrive_as(visit, people[Role.APPROVER], language)
    approver.open("/queue/")
    open_first_case(approver)
    approver.page.locator("label", has_text=approver.say("Approve")).first.click()
    approver.page.locator("#approve-form button").click()
    approver.look()

    with park_scope(park.pk):
        application = Application.objects.get()
        assert application.state == ApplicationState.APPROVED
        assert application.approved_cny == application.requested_cny
    for visitor in (applicant, approver):
        visitor.open(path_of(applicant) if visitor is applicant else f"/queue/{application.pk}/")
        assert visitor.sees(visitor.say("Approved"))
    told = {message.to[0] for message in mail.outbox}
    assert {people[role].user.email for role in people} <= told


def prepare(applicant, language, folder):
    """From the programme to a complete draft with two documents."""
    with translation.override(language):
        contract, report = str(DocumentKind.CONTRACT.label), str(DocumentKind.SAVINGS_REPORT.label)
    applicant.open("/offers/")
    applicant.page.locator("main a[href^='/offers/']").first.click()
    applicant.look()
    applicant.click("Start an application")
    applicant.open(path_of(applicant) + "project/")
    fields = {
        "project_title": "Chiller retrofit 冷水机组改造",
        "project_summary": "Two chillers replaced.",
        "completed_on": "2026-08-01",
        "investment_cny": "9860000.00",
        "saving_tce": "4200",
    }
    for name, value in fields.items():
        applicant.page.locator(f"[name={name}]").fill(value)
    applicant.click("Save and continue")
    for number, label in enumerate((contract, report)):
        paper = folder / f"paper-{number}.pdf"
        paper.write_bytes(PDF + str(number).encode())
        section = applicant.page.locator("section.card", has=applicant.page.get_by_role("heading", name=label)).first
        section.locator("input[type=file]").set_input_files(paper)
        send = section.get_by_role("button", name=applicant.say("Upload"), exact=True)
        if send.is_visible():
            send.click()
        applicant.page.get_by_text(f"paper-{number}.pdf").first.wait_for()
        applicant.look()
    applicant.click("Continue to the check", role="link")


def path_of(applicant) -> str:
    """The address of the application that the browser shows a page of."""
    parts = applicant.page.url.removeprefix(applicant.base).split("/")
    return f"/applications/{parts[2]}/"


def open_first_case(official) -> None:
    official.page.locator("main table a[href^='/queue/']").first.click()
    official.look()
