"""Registration, sign-in, forgotten passwords, and what guessing meets."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail as sent
from django.db import connections, transaction
from django.test import Client

from accounts import permissions, tasks
from accounts.models import OutgoingMail, User
from tests.accounts.people import EMAIL, PASSWORD, confirm, is_signed_in, link_of, sign_in, visitor, wu_hao

NEWCOMER = {
    "name": "Wu Hao",
    "email": EMAIL,
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def mails():
    return list(OutgoingMail.objects.values_list("address", "subject", "is_private"))


def test_registration_ends_in_a_session_after_the_link_was_opened(db):
    client = visitor()
    response = client.post("/account/signup/", NEWCOMER)
    assert (response.status_code, response.url) == (302, "/account/confirm-email/")
    assert mails() == [(EMAIL, "Welcome to ParkZero: confirm your e-mail address", True)]
    tasks.deliver_waiting_mail.delay()
    assert [message.to for message in sent.outbox] == [[EMAIL]]
    assert link_of("email_confirmation_signup") in sent.outbox[0].body

    assert sign_in(client).url == "/account/confirm-email/"
    assert not is_signed_in(client)
    link = link_of("email_confirmation_signup")
    assert "Is wu.hao@example.com your address?" in client.get(link).content.decode()
    assert not EmailAddress.objects.get().verified, "a mail scanner that opens the link must not confirm it"
    assert client.post(link).url == "/"
    assert is_signed_in(client), "in the same browser nobody signs in again"


def test_newcomer_comes_to_where_they_were_going(db):
    target = "/parks/torch/register/new/"
    client = visitor()
    client.post("/account/signup/", {**NEWCOMER, "next": target})

    page = client.get(link_of("email_confirmation_signup"))
    assert client.post(page.wsgi_request.path, {"next": target}).url == target
    assert is_signed_in(client)


def test_link_opened_elsewhere_leads_to_sign_in_on_the_way_there(db):
    target = "/parks/torch/register/new/"
    visitor().post("/account/signup/", {**NEWCOMER, "next": target})

    elsewhere = visitor("192.0.2.9")
    page = elsewhere.get(link_of("email_confirmation_signup"))
    assert f'name="next" value="{target}"' in page.content.decode()
    assert elsewhere.post(page.wsgi_request.path, {"next": target}).url == target
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, next=target).url == target


def test_registration_keeps_name_and_language_of_the_page(db):
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.post("/account/signup/", NEWCOMER)
    assert list(User.objects.values_list("name", "email", "language")) == [("Wu Hao", EMAIL, "zh-hans")]


@pytest.mark.parametrize(
    "password",
    ["short9", "0123456789012", "password123", "wu.hao@example"],
    ids=["short", "digits", "common", "similar"],
)
def test_weak_password_is_refused_beside_its_field(db, password):
    response = visitor().post("/account/signup/", {**NEWCOMER, "password1": password, "password2": password})
    assert list(response.context["form"].errors) == ["password1"]
    assert 'href="#id_password1"' in response.content.decode()
    assert not User.objects.exists()


def test_registration_says_the_same_for_a_known_and_an_unknown_address(db):
    wu_hao()
    known = visitor().post("/account/signup/", NEWCOMER)
    unknown = visitor().post("/account/signup/", {**NEWCOMER, "email": "new@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mails() == [
        ("new@example.com", "Welcome to ParkZero: confirm your e-mail address", True),
        (EMAIL, "You have an account already", True),
    ]
    assert User.objects.filter(email=EMAIL).get().check_password(PASSWORD)


class CountingHasher(MD5PasswordHasher):
    hashed: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.hashed.append(password)
        return super().encode(password, salt)


def test_registration_takes_as_long_for_a_known_as_for_an_unknown_address(db, settings):
    wu_hao()
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    counts = []
    for email in (EMAIL, "new@example.com"):
        CountingHasher.hashed.clear()
        visitor().post("/account/signup/", {**NEWCOMER, "email": email})
        counts.append(CountingHasher.hashed.count(PASSWORD))
    assert counts == [1, 1]


def test_sign_in_says_the_same_for_a_known_and_an_unknown_address(db):
    wu_hao()
    known = sign_in(visitor(), "wrong password here")
    unknown = sign_in(visitor(), "wrong password here", "nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors
    assert known.context["form"].non_field_errors() == ["The e-mail address or the password is not right."]


def test_forgotten_password_is_set_anew_once_and_ends_all_sessions(db):
    wu_hao()
    elsewhere = visitor()
    sign_in(elsewhere)
    client = visitor()
    client.post("/account/password/reset/", {"email": EMAIL})
    link = link_of("password_reset_key")
    form_page = client.get(link, follow=True)
    new = {"password1": "rain over ten valleys", "password2": "rain over ten valleys"}
    assert client.post(form_page.redirect_chain[-1][0], new).status_code == 302
    assert not is_signed_in(client)
    assert elsewhere.get("/me/").status_code == 302
    assert "This link is not valid" in visitor().get(link, follow=True).content.decode()
    assert sign_in(client, "rain over ten valleys").url == "/"
    assert mails()[0][1] == "Your password was set anew"


def test_forgotten_password_says_the_same_for_a_known_and_an_unknown_address(db):
    wu_hao()
    known = visitor().post("/account/password/reset/", {"email": EMAIL})
    unknown = visitor().post("/account/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mails() == [
        ("nobody@example.com", "There is no account with this address", True),
        (EMAIL, "Set a new password", True),
    ]


def test_guessing_from_one_address_is_stopped_after_five_attempts(db):
    wu_hao()
    client = visitor()
    for _ in range(5):
        assert "not right" in sign_in(client, "wrong").context["form"].non_field_errors()[0]
    refused = sign_in(client)
    assert refused.context["form"].non_field_errors()[0].startswith("Too many failed attempts")
    assert not is_signed_in(client)


def test_nobody_elsewhere_can_lock_a_person_out(db):
    wu_hao()
    attacker = visitor("198.51.100.7")
    for _ in range(8):
        sign_in(attacker, "wrong")
    person = visitor("192.0.2.1")
    assert sign_in(person).url == "/"
    assert is_signed_in(person)


def test_known_device_is_let_in_while_its_whole_network_is_refused(db):
    wu_hao()
    person = visitor("203.0.113.5")
    sign_in(person)
    person.post("/account/logout/")
    colleague = visitor("203.0.113.5")
    for _ in range(6):
        sign_in(colleague, "wrong")
    assert not is_signed_in(colleague)
    assert sign_in(person).url == "/"


def test_known_device_is_let_in_while_its_network_guesses_at_many_accounts(db):
    wu_hao()
    person = visitor("203.0.113.5")
    sign_in(person)
    person.post("/account/logout/")
    for number in range(21):
        sign_in(visitor("203.0.113.5"), "wrong", f"nobody{number}@example.com")
    stranger = visitor("203.0.113.5")
    sign_in(stranger)
    assert not is_signed_in(stranger)
    assert sign_in(person).url == "/"


def test_addresses_of_one_subscriber_are_counted_together(db):
    wu_hao()
    for number in range(5):
        sign_in(visitor(f"2001:db8:1:2::{number:x}"), "wrong")
    stranger, neighbour = visitor("2001:db8:1:2:aaaa::1"), visitor("2001:db8:1:3::1")
    sign_in(stranger)
    assert not is_signed_in(stranger)
    assert sign_in(neighbour).url == "/"


@pytest.mark.parametrize("address", ["wu@x.example\u202e", "wu@\u200bx.example"])
def test_nobody_registers_with_an_address_that_is_not_all_seen(db, address):
    refused = visitor().post("/account/signup/", {**NEWCOMER, "email": address})
    assert list(refused.context["form"].errors) == ["email"]
    assert not User.objects.exists()


def test_guessing_from_many_addresses_meets_the_limit_of_the_account(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "login_failed_everywhere": "6/1h/key"}
    wu_hao()
    person = visitor("203.0.113.5")
    sign_in(person)
    person.post("/account/logout/")
    for number in range(6):
        sign_in(visitor(f"198.51.100.{number}"), "wrong")
    stranger = visitor("198.51.100.99")
    sign_in(stranger)
    assert not is_signed_in(stranger), "even the right password is refused to an unknown device"
    assert sign_in(person).url == "/"


def test_known_device_has_its_own_limit(db):
    wu_hao()
    person = visitor()
    sign_in(person)
    person.post("/account/logout/")
    for _ in range(5):
        sign_in(person, "wrong")
    sign_in(person)
    assert not is_signed_in(person)


def test_signing_in_again_gives_a_device_no_second_limit(db):
    wu_hao()
    person = visitor()
    sign_in(person)
    earlier = person.cookies["known_device"].value
    person.post("/account/logout/")
    sign_in(person)
    person.post("/account/logout/")
    for _ in range(5):
        sign_in(person, "wrong")
    person.cookies["known_device"] = earlier
    sign_in(person)
    assert not is_signed_in(person)


def test_new_password_makes_every_device_a_stranger(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "login_failed_everywhere": "6/1h/key"}
    user = wu_hao()
    person = visitor("203.0.113.5")
    sign_in(person)
    person.post("/account/logout/")
    user.set_password("another correct horse")
    user.save()
    for number in range(6):
        sign_in(visitor(f"198.51.100.{number}"), "wrong")
    sign_in(person, "another correct horse")
    assert not is_signed_in(person)


def change_password(person, new):
    sign_in(person)
    person.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    person.post("/account/logout/")


def reset_password(person, new):
    person.post("/account/password/reset/", {"email": EMAIL})
    form_page = person.get(link_of("password_reset_key"), follow=True)
    person.post(form_page.redirect_chain[-1][0], {"password1": new, "password2": new})


@pytest.mark.parametrize("choose", [change_password, reset_password])
def test_device_where_a_new_password_was_chosen_is_known(db, settings, choose):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "login_failed_everywhere": "6/1h/key"}
    wu_hao()
    person, elsewhere, new = visitor("203.0.113.5"), visitor("203.0.113.6"), "rain over ten valleys"
    sign_in(elsewhere)
    elsewhere.post("/account/logout/")
    choose(person, new)
    for number in range(6):
        sign_in(visitor(f"198.51.100.{number}"), "wrong")
    sign_in(elsewhere, new)
    assert not is_signed_in(elsewhere), "only where it was chosen"
    sign_in(person, new)
    assert is_signed_in(person)


def test_who_sets_a_password_by_mail_is_let_in_though_others_guess(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "login_failed_everywhere": "6/1h/key"}
    wu_hao()
    for number in range(6):
        sign_in(visitor(f"198.51.100.{number}"), "wrong")
    person = visitor("203.0.113.5")
    sign_in(person)
    assert not is_signed_in(person)
    reset_password(person, "rain over ten valleys")
    sign_in(person, "rain over ten valleys")
    assert is_signed_in(person)


def test_device_of_one_person_is_unknown_for_another(db):
    wu_hao()
    wu_hao(email="li@example.com", name="Li Na")
    person = visitor()
    sign_in(person)
    person.post("/account/logout/")
    for _ in range(5):
        sign_in(visitor(), "wrong", "li@example.com")
    sign_in(person, PASSWORD, "li@example.com")
    assert not is_signed_in(person)


def test_registering_in_bulk_gets_the_page_for_too_many_attempts(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    client = visitor()
    client.post("/account/signup/", NEWCOMER)
    refused = client.post("/account/signup/", {**NEWCOMER, "email": "other@example.com"})
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()


def test_sign_in_gives_a_new_session_key(db):
    wu_hao()
    client = visitor()
    session = client.session
    session["before"] = "kept by an attacker"
    session.save()
    sign_in(client)
    assert client.session.session_key != session.session_key


def test_sign_out_needs_a_post(db):
    wu_hao()
    client = visitor()
    sign_in(client)
    client.get("/account/logout/")
    assert is_signed_in(client)
    client.post("/account/logout/")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_host(db, target):
    wu_hao()
    client = visitor()
    assert sign_in(client, next=target).url == "/"


def test_sign_in_leads_to_the_page_that_was_wanted(db):
    wu_hao()
    client = visitor()
    assert client.get("/me/inbox/").url == "/account/login/?next=%2Fme%2Finbox%2F"
    assert sign_in(client, next="/me/inbox/").url == "/me/inbox/"


def test_closed_account_cannot_sign_in(db):
    person = wu_hao()
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = visitor()
    sign_in(client)
    assert not is_signed_in(client)


def test_password_change_ends_other_sessions_and_tells_by_mail(db):
    wu_hao()
    here, elsewhere = visitor(), visitor("192.0.2.9")
    sign_in(here)
    sign_in(elsewhere)
    new = "rain over ten valleys"
    here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (here.get("/me/").status_code, elsewhere.get("/me/").status_code) == (200, 302)
    assert mails() == [(EMAIL, "Your password was changed", False)]


def test_new_address_counts_only_after_its_link_was_opened(db, monkeypatch):
    person = wu_hao()
    client = visitor()
    sign_in(client)
    monkeypatch.setattr(permissions, "SIGN_IN_COUNTS_SECONDS", 0)
    asked = client.post("/account/email/", {"email": "new@example.com", "action_add": "1"})
    assert asked.url == "/account/reauthenticate/?next=%2Faccount%2Femail%2F"
    assert not OutgoingMail.objects.exists()
    confirm(client)
    client.post("/account/email/", {"email": "new@example.com", "action_add": "1"})
    person.refresh_from_db()
    assert person.email == EMAIL
    client.post(link_of("email_confirmation"))
    person.refresh_from_db()
    assert person.email == "new@example.com"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_mail_reaches_the_person_without_waiting_for_the_schedule():
    visitor().post("/account/signup/", NEWCOMER)
    assert [message.to for message in sent.outbox] == [[EMAIL]]
    assert OutgoingMail.objects.get().sent_at is not None


def waits_for_another():
    """Whether some statement waits for the transaction of another connection."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_registrations_at_once_with_one_address_are_both_answered_alike():
    answers = []

    def register():
        answers.append(visitor("192.0.2.5").post("/account/signup/", NEWCOMER))
        connections["default"].close()

    later = threading.Thread(target=register)
    with transaction.atomic(using="owner"):
        User(email=EMAIL, name="Somebody else", language="en").save(using="owner")
        later.start()
        deadline = time.monotonic() + 20
        while not waits_for_another() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert later.is_alive()
    later.join()
    first = visitor().post("/account/signup/", {**NEWCOMER, "email": "first@example.com"})
    assert [(answer.status_code, answer.url) for answer in answers] == [(first.status_code, first.url)]
    assert User.objects.with_address(EMAIL).get().name == "Somebody else"
    assert [message.subject for message in sent.outbox if message.to == [EMAIL]] == ["You have an account already"]
