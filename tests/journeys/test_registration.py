"""An enterprise comes in: from the park's public page, through a new account, to its place in the register."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import translation

from accounts.services import add_verified_person
from enterprises.choices import PaperKind, RegistrationState
from enterprises.models import Registration
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.accounts.people import EMAIL, link_of
from tests.accounts.people import PASSWORD as NEW_PASSWORD
from tests.factories.filing import PDF
from tests.factories.people import PASSWORD, ParkFactory, person

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.journey]
# One of the early pilots: legal, with a check character that does not fit.
IDENTITY = {
    "credit_code": "91350203m0001qay9b",
    "name_zh": "厦门新港精密机械有限公司",
    "name_en": "Newport Precision",
    "established_on": "2019-04-02",
    "registered_capital": "12,000,000",
    "legal_representative": "吴浩",
    "address": "厦门市翔安区火炬路 1 号",
}
BUSINESS = {"industry_code": "C3562", "industry_zh": "半导体装备", "employees": "230", "website": "www.newport.cn"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_enterprise_registers_itself(visit, language, tmp_path):
    park = ParkFactory(slug="torch", name_en="Torch Zone", name_zh="火炬园区")
    chen_wei = add_verified_person(email="chen.wei@example.com", name="Chen Wei", password=PASSWORD, language=language)
    reviewer = person(Role.REVIEWER, park, user=chen_wei)
    newcomer = visit(language)
    arrive(newcomer)
    begin(newcomer)
    fill(newcomer)
    attach(newcomer, language, tmp_path)
    file(newcomer)

    with park_scope(park.pk):
        registration = Registration.objects.get()
    assert registration.state == RegistrationState.SUBMITTED
    assert newcomer.sees(registration.number)
    assert {message.to[0] for message in mail.outbox} == {EMAIL, reviewer.user.email}
    newcomer.open("/places/")
    assert newcomer.page.locator(f"a[href$='/{registration.pk}/']").is_visible()

    official = visit(language)
    official.sign_in(reviewer.user.email, PASSWORD)
    approve(official, registration)
    newcomer.open(f"/parks/torch/register/{registration.pk}/")
    newcomer.click("Go to your enterprise", role="link")
    place = Membership.objects.get(user__email=EMAIL)
    assert (place.roles, place.enterprise_name_en) == ([Role.OWNER, Role.CERTIFIER], "Newport Precision")


def approve(official, registration):
    """The desk of the park: the answers beside the documents, then the decision."""
    official.open(f"/registrations/{registration.pk}/")
    page = official.page
    page.locator(".radio-card", has=page.locator("input[value=approve]")).locator("label").click()
    page.check("#approve-form [name=is_code_confirmed]")
    page.locator("#approve-form button").click()
    official.look()
    with park_scope(registration.park_id):
        registration.refresh_from_db()
    assert registration.state == RegistrationState.APPROVED


def arrive(newcomer):
    """From the public page through a new account and back."""
    newcomer.open("/parks/torch/")
    newcomer.click("Register your enterprise", role="link")
    newcomer.click("Create an account", role="link")
    page = newcomer.page
    page.fill("input[name=name]", "Wu Hao")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", NEW_PASSWORD)
    page.fill("input[name=password2]", NEW_PASSWORD)
    newcomer.click("Register")
    newcomer.open(link_of("email_confirmation_signup"))
    newcomer.click("Yes, confirm")
    assert urlsplit(page.url).path == "/parks/torch/register/begin/"


def begin(newcomer):
    """The identity, kept while it is typed, with a code that must be confirmed."""
    page = newcomer.page
    newcomer.click("Begin the registration")
    newcomer.click("Begin with %(title)s", role="link", title=newcomer.say("Identity"))
    page.fill("[name=credit_code]", IDENTITY["credit_code"])
    page.get_by_label(newcomer.say("The business licence carries exactly this code")).wait_for()
    for name, value in IDENTITY.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=is_code_confirmed]")
    newcomer.click("Save and continue")
    assert urlsplit(page.url).path.endswith("/business/")


def fill(newcomer):
    page = newcomer.page
    for name, value in BUSINESS.items():
        page.fill(f"[name={name}]", value)
    page.keyboard.press("Escape")
    newcomer.click("Save and continue")
    page.fill("[name=site-0-name]", "Works 1")
    page.fill("[name=site-0-address]", "Torch Road 1")
    newcomer.click("Add a site")
    page.fill("[name=site-1-name]", "Laboratory")
    page.fill("[name=site-1-address]", "Torch Road 3")
    page.select_option("[name=site-1-use]", "laboratory")
    newcomer.click("Save and continue")
    assert page.input_value("[name=contact_email]") == EMAIL
    page.fill("[name=contact_phone]", "0592 555 1234")
    newcomer.click("Save and continue")
    assert urlsplit(page.url).path.endswith("/papers/")


def attach(newcomer, language, folder):
    """The licence, and the letter of one who is not the legal representative."""
    with translation.override(language):
        kinds = [str(PaperKind.BUSINESS_LICENCE.label), str(PaperKind.AUTHORISATION.label)]
    page = newcomer.page
    for number, label in enumerate(kinds):
        paper = folder / f"paper-{number}.pdf"
        paper.write_bytes(PDF + str(number).encode())
        section = page.locator("section.card", has=page.get_by_role("heading", name=label)).first
        section.locator("input[type=file]").set_input_files(paper)
        page.get_by_role("link", name=f"paper-{number}.pdf").first.wait_for()
        newcomer.look()
    newcomer.click("Continue to the check", role="link")


def file(newcomer):
    newcomer.page.check("[name=is_declared_true]")
    newcomer.click("File the registration")
    assert newcomer.sees(newcomer.say("Your receipt"))
