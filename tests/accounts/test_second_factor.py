"""Authenticator apps, passkeys, recovery codes, and who must have one."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from accounts import permissions
from accounts.models import OutgoingMail, User
from parks.choices import Role
from parks.models import ApiKey
from tests.accounts.people import add_authenticator, code_of, confirm, is_signed_in, sign_in, visitor, wu_hao
from tests.clients import confirmed_client
from tests.scene import build_scene


@pytest.fixture
def client(db) -> Client:
    """Wu Hao has signed in and confirmed the password again, as changes to the second factor ask for."""
    wu_hao()
    client = visitor()
    sign_in(client)
    confirm(client)
    return client


def subjects():
    return list(OutgoingMail.objects.values_list("subject", flat=True))


def test_who_has_just_signed_in_is_not_asked_again_and_a_moment_later_is(db, monkeypatch):
    wu_hao()
    client = visitor()
    sign_in(client)
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    monkeypatch.setattr(permissions, "SIGN_IN_COUNTS_SECONDS", 0)
    assert client.get("/account/2fa/totp/activate/").url.startswith("/account/reauthenticate/?next=")


def test_authenticator_app_is_set_up_with_a_code(client, django_capture_on_commit_callbacks):
    page = client.get("/account/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert " style=" not in page.content.decode()
    assert "The code is not right" in client.post("/account/2fa/totp/activate/", {"code": "000000"}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        accepted = client.post(
            "/account/2fa/totp/activate/",
            {"code": code_of(secret)},
            headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"},
        )
    assert accepted.url == "/account/2fa/recovery-codes/"
    assert secret not in str(Authenticator.objects.get(type="totp").data), "the secret is kept encrypted"
    assert get_adapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret
    assert subjects() == ["Authenticator app set up"]
    letter = OutgoingMail.objects.get()
    assert "Device: Chrome, Linux\n" in letter.text
    assert re.search(r"When: [0-9-]+ [0-9:]+ UTC\+8\n", letter.text)


def test_password_alone_opens_nothing_once_there_is_a_second_factor(db):
    secret = add_authenticator(wu_hao())
    client = visitor()
    assert sign_in(client).url == "/account/2fa/authenticate/"
    assert not is_signed_in(client)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not is_signed_in(client)
    assert client.post("/account/2fa/authenticate/", {"code": code_of(secret)}).url == "/"
    assert is_signed_in(client)


def test_passkey_is_offered_to_whoever_has_one(db):
    user = wu_hao()
    add_authenticator(user)
    client = visitor()
    sign_in(client)
    assert "Use a passkey" not in client.get("/account/2fa/authenticate/").content.decode()


def test_secret_of_another_installation_is_as_good_as_a_wrong_code(db, settings, caplog):
    settings.SECRET_KEY = "the key of before"
    secret = add_authenticator(wu_hao())
    settings.SECRET_KEY = "another key"
    client = visitor()
    sign_in(client)
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert "The code is not right" in answer.content.decode()
    assert "second_factor_unreadable" in caplog.text


@pytest.fixture
def under_another_key(client, settings):
    """Wu Hao has an app and recovery codes, all of them encrypted under a key that is gone."""
    settings.SECRET_KEY_FALLBACKS = []
    now, settings.SECRET_KEY = settings.SECRET_KEY, "the key of before"
    add_authenticator(User.objects.get())
    RecoveryCodes.activate(User.objects.get())
    settings.SECRET_KEY = now
    return client


def test_second_factor_of_another_key_is_said_to_be_unreadable(under_another_key, caplog):
    page = under_another_key.get("/me/security/").content.decode()
    assert "Your second factor cannot be read any more." in page
    assert page.count("Cannot be read") == 2
    assert 'href="/account/2fa/totp/deactivate/"' in page
    assert "second_factor_unreadable" in caplog.text


@pytest.mark.parametrize("page", ["", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/"])
def test_pages_of_an_unreadable_second_factor_lead_to_what_to_do(under_another_key, caplog, page):
    answer = under_another_key.get(f"/account/2fa/{page}")
    assert (answer.status_code, answer.url) == (302, "/me/security/")
    assert "second_factor_unreadable" in caplog.text


def test_unreadable_second_factor_is_set_up_anew(under_another_key):
    client = under_another_key
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert Authenticator.objects.count() == 0
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).url == "/account/2fa/recovery-codes/"
    assert "10 left" in client.get("/me/security/").content.decode()


def test_unreadable_recovery_codes_beside_a_second_factor_that_works_are_made_anew(client, settings):
    add_authenticator(User.objects.get())
    now, settings.SECRET_KEY = settings.SECRET_KEY, "the key of before"
    RecoveryCodes.activate(User.objects.get())
    settings.SECRET_KEY = now
    page = client.get("/me/security/").content.decode()
    assert page.count("Cannot be read") == 1
    assert 'action="/account/2fa/recovery-codes/generate/"' in page
    assert client.post("/account/2fa/recovery-codes/generate/").url == "/account/2fa/recovery-codes/"
    assert "10 left" in client.get("/me/security/").content.decode()


def test_code_works_only_once(db):
    secret = add_authenticator(wu_hao())
    code = code_of(secret)
    for client in (visitor(), visitor()):
        sign_in(client)
        client.post("/account/2fa/authenticate/", {"code": code})
    assert not is_signed_in(client)


def test_guessing_codes_is_stopped(db):
    secret = add_authenticator(wu_hao())
    client = visitor()
    sign_in(client)
    for _ in range(6):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert not is_signed_in(client)


def test_recovery_code_works_once(client):
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    assert client.get("/account/2fa/recovery-codes/download/").content.decode().split() == codes
    first, second = visitor(), visitor()
    for other in (first, second):
        sign_in(other)
        other.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_authenticator_app_is_removed_after_the_password_was_asked_again(client, settings):
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert client.post("/account/2fa/totp/deactivate/").url.startswith("/account/reauthenticate/?next=")
    assert Authenticator.objects.filter(type="totp").exists()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    assert subjects()[0] == "Authenticator app removed"


def test_first_passkey_is_offered_a_name_that_is_free(client):
    adding = client.get("/account/2fa/webauthn/add/")
    assert adding.context["form"].initial["name"] == "Passkey 1"
    assert 'data-known="There is a passkey of yours on this device already.' in adding.content.decode()


def test_passkey_of_another_person_cannot_be_renamed_or_removed(client):
    other = wu_hao(email="li@example.com", name="Li Na")
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "office computer", "credential": {}})
    assert client.get(f"/account/2fa/webauthn/keys/{key.pk}/edit/").status_code == 404
    assert client.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/account/2fa/", "Second factor"),
        ("/account/2fa/webauthn/", "Passkeys"),
        ("/account/2fa/webauthn/add/", "Add a passkey"),
        ("/account/2fa/recovery-codes/generate/", "Make new recovery codes"),
    ],
)
def test_pages_of_the_second_factor_are_in_both_languages_and_without_inline_script(client, path, title):
    if "generate" in path:
        secret = client.get("/account/2fa/totp/activate/").context["form"].secret
        client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    page = client.get(path).content.decode()
    assert f"<title>{title} · ParkZero</title>" in page
    assert '<html lang="en"' in page
    assert "<style" not in page
    scripts = [tag for tag in page.split("<script")[1:] if "src=" not in tag.split(">")[0]]
    assert all("application/json" in tag.split(">")[0] for tag in scripts)
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert '<html lang="zh-Hans"' in client.get(path).content.decode()


@pytest.fixture
def workplace(settings):
    """Two addresses for whoever acts: a page and one of the API."""
    settings.ROOT_URLCONF = "tests.accounts.acting_urls"
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_official_without_second_factor_is_sent_to_set_one_up(scene, client_of, workplace, role):
    membership = scene.ours.staff[role]
    official = client_of(membership)
    assert official.get("/acts/").url == "/me/security/second-factor/"
    assert official.get("/api/acts/").content == b"nobody"
    for open_page in ("/me/security/second-factor/", "/me/security/", "/account/2fa/", "/me/"):
        assert official.get(open_page).status_code == 200
    secret = add_authenticator(membership.user)
    assert official.get("/acts/").url == "/me/security/second-factor/", "this session was opened without it"
    assert official.get("/api/acts/").content == b"nobody"
    assert official.get("/me/security/second-factor/").url == "/account/2fa/reauthenticate/"
    official.post("/account/2fa/reauthenticate/", {"code": code_of(secret)})
    assert official.get("/acts/").content == membership.user.name.encode()
    assert official.get("/api/acts/").content == membership.user.name.encode()
    assert official.get("/me/security/second-factor/").url == "/"


def enrolled(client, secret_page="/account/2fa/totp/activate/"):
    secret = client.get(secret_page).context["form"].secret
    client.post(secret_page, {"code": code_of(secret)})


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_first_second_factor_ends_what_a_password_alone_had_opened(workplace):
    scene = build_scene()
    reviewer = scene.ours.staff[Role.REVIEWER]
    _, token = ApiKey.objects.create(user=reviewer.user, membership=reviewer, name="made by a thief")
    here, elsewhere = confirmed_client(reviewer), confirmed_client(reviewer)
    assert elsewhere.get("/me/").status_code == 200
    enrolled(here)
    assert here.get("/acts/").content == reviewer.user.name.encode()
    assert not is_signed_in(elsewhere)
    assert not ApiKey.objects.filter(user=reviewer.user).exists()
    assert Client().get("/api/acts/", HTTP_AUTHORIZATION=f"Bearer {token}").content == b"nobody"


def test_further_second_factor_leaves_the_keys(scene, workplace, django_capture_on_commit_callbacks):
    reviewer = scene.ours.staff[Role.REVIEWER]
    Authenticator.objects.create(user=reviewer.user, type="webauthn", data={"name": "office", "credential": {}})
    ApiKey.objects.create(user=reviewer.user, membership=reviewer, name="desk")
    client = confirmed_client(reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        enrolled(client)
    assert ApiKey.objects.filter(user=reviewer.user).count() == 1
    assert client.get("/acts/").url == "/me/security/second-factor/", "a second one proves nothing about the first"


def test_recovery_codes_alone_are_no_second_factor(scene, client_of, workplace):
    membership = scene.ours.staff[Role.REVIEWER]
    Authenticator.objects.create(user=membership.user, type="recovery_codes", data={})
    assert client_of(membership).get("/acts/").url == "/me/security/second-factor/"


def test_operator_without_second_factor_is_sent_to_set_one_up(scene, client_of, workplace):
    assert client_of(scene.operator).get("/acts/").url == "/me/security/second-factor/"


def test_enterprise_person_may_do_without_second_factor(scene, client_of, workplace):
    applicant = scene.ours.firm.people[Role.APPLICANT]
    assert client_of(applicant).get("/acts/").content == applicant.user.name.encode()


def test_official_may_do_without_second_factor_where_none_is_required(scene, client_of, workplace, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    reviewer = scene.ours.staff[Role.REVIEWER]
    assert client_of(reviewer).get("/acts/").content == reviewer.user.name.encode()


def test_api_key_of_an_official_without_second_factor_opens_nothing(scene, workplace):
    reviewer = scene.ours.staff[Role.REVIEWER]
    _, token = ApiKey.objects.create(user=reviewer.user, membership=reviewer, name="desk")
    key = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert Client().get("/api/acts/", **key).content == b"nobody"
    add_authenticator(reviewer.user)
    assert Client().get("/api/acts/", **key).content == reviewer.user.name.encode()
