"""Into the portal by browser: registration by mail, and a passkey on a security key made of software."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core import mail

from accounts.models import User
from tests.accounts.people import EMAIL, PASSWORD, link_of, wu_hao

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.journey]

SECURITY_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PAGES = (
    "/me/",
    "/me/inbox/",
    "/me/security/",
    "/me/security/second-factor/",
    "/account/2fa/",
    "/account/sessions/",
    "/account/email/",
    "/account/password/change/",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_newcomer_registers_and_signs_in(visit, language):
    newcomer = visit(language)
    newcomer.open("/account/signup/")
    page = newcomer.page
    page.fill("input[name=name]", "Wu Hao")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", "short")
    page.fill("input[name=password2]", "short")
    newcomer.click("Register")
    assert page.locator("[data-error-summary] a[href='#id_password1']").is_visible()
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    newcomer.click("Register")
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    newcomer.open(link_of("email_confirmation_signup"))
    newcomer.click("Yes, confirm")
    assert User.objects.get().language == language
    for path in PAGES:
        newcomer.open(path)


def test_passkey_is_added_and_signs_in_alone_and_as_second_step(visit):
    wu_hao()
    person = visit("en")
    page = person.page
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": SECURITY_KEY})
    person.sign_in(EMAIL, PASSWORD)
    # The password was given a moment ago: it is not asked for again.
    person.open("/account/2fa/webauthn/add/")
    page.check("input[name=passwordless]")
    page.fill("input[name=name]", "office computer")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    person.look()
    person.open("/account/2fa/webauthn/")
    assert person.sees("office computer")

    leave(person)
    person.open("/account/login/?next=/me/inbox/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: urlsplit(url).path == "/me/inbox/")

    leave(person)
    person.sign_in(EMAIL, PASSWORD)
    page.wait_for_url("**/account/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(lambda url: "/account/" not in url)
    person.open("/me/security/")


def leave(person) -> None:
    person.look()
    person.open("/account/logout/")
    person.click("Sign out")
