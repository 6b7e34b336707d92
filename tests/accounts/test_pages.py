"""The pages of one's own account: profile, inbox, sessions, language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services, tasks
from accounts.models import OutgoingMail
from parks.choices import Role
from tests.accounts.people import EMAIL, PASSWORD, is_signed_in, sign_in, visitor, wu_hao

SIGNED_IN_PAGES = ("/me/", "/me/inbox/", "/me/security/", "/me/security/second-factor/", "/account/sessions/")


@pytest.fixture
def person(db):
    return wu_hao()


@pytest.fixture
def client(person) -> Client:
    client = visitor()
    sign_in(client)
    return client


def write(person, number, **options):
    services.write_mail(key=f"test:{number}", recipient=person, subject=f"Notice {number}", text="Read me.", **options)


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_page_of_the_account_asks_a_stranger_to_sign_in(db, path):
    response = visitor().get(path)
    assert response.status_code == 302
    assert response.url.startswith("/account/login/?next=")


@pytest.mark.parametrize("path", [*SIGNED_IN_PAGES, "/account/password/change/", "/account/email/"])
def test_page_of_the_account_opens_in_both_languages(client, path):
    assert '<html lang="en"' in client.get(path).content.decode()
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    page = client.get(path)
    assert (page.status_code, page.headers["Content-Language"]) == (200, "zh-hans")
    assert '<html lang="zh-Hans"' in page.content.decode()


@pytest.mark.parametrize("path", ["/account/login/", "/account/signup/", "/account/password/reset/"])
@pytest.mark.parametrize(("header", "lang"), [("en", "en"), ("zh-CN,zh;q=0.9", "zh-Hans")])
def test_page_of_the_door_opens_in_the_language_of_the_browser(db, path, header, lang):
    page = Client(HTTP_ACCEPT_LANGUAGE=header).get(path)
    assert f'<html lang="{lang}"' in page.content.decode()
    assert " placeholder=" not in page.content.decode()


def test_profile_is_changed(client, person):
    answer = {"name": "吴昊", "language": "zh-hans", "time_zone": "Asia/Urumqi"}
    assert client.post("/me/", answer).url == "/me/"
    person.refresh_from_db()
    assert (person.name, person.language, person.time_zone) == ("吴昊", "zh-hans", "Asia/Urumqi")


def test_profile_with_errors_comes_back_with_them(client, person):
    response = client.post("/me/", {"name": "", "language": "en", "time_zone": "Mars/Olympus"})
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, ["name", "time_zone"])
    person.refresh_from_db()
    assert person.name == "Wu Hao"


def test_inbox_shows_own_mail_alone_and_no_secret_links(client, person):
    other = wu_hao(email="li@example.com", name="Li Na")
    write(person, 1)
    write(person, 2, is_private=True)
    write(other, 3)
    page = client.get("/me/inbox/").content.decode()
    assert ["Notice 1" in page, "Notice 2" in page, "Notice 3" in page] == [True, False, False]
    for hidden in OutgoingMail.objects.exclude(key="test:1"):
        assert client.get(f"/me/inbox/{hidden.pk}/").status_code == 404


def test_mail_is_read_when_it_is_opened(client, person):
    write(person, 1, url="/applications/")
    write(person, 2)
    assert client.get("/me/").wsgi_request.unread_count == 2
    page = client.get(f"/me/inbox/{OutgoingMail.objects.get(key='test:1').pk}/").content.decode()
    assert 'href="/applications/"' in page
    assert client.get("/me/").wsgi_request.unread_count == 1
    client.post("/me/inbox/read/")
    assert client.get("/me/").wsgi_request.unread_count == 0


def test_top_bar_counts_unread_mail_for_whoever_acts(scene, client_of):
    reviewer = scene.ours.staff[Role.REVIEWER]
    write(reviewer.user, 1)
    response = client_of(reviewer).get("/queue/")
    assert (response.status_code, response.context["inbox_count"]) == (200, "1")


def test_reading_twice_keeps_the_first_time(person):
    write(person, 1)
    first = timezone.now()
    for now in (first, timezone.now()):
        services.read_mails(list(OutgoingMail.objects.all()), now)
    assert OutgoingMail.objects.get().read_at == first


def test_empty_inbox_says_what_belongs_there(client):
    assert "Decisions, requests for changes" in client.get("/me/inbox/").content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_inbox_needs_the_same_number_of_queries_for_one_mail_and_for_thirty(
    client, person, rows, django_assert_num_queries
):
    for number in range(rows):
        write(person, number)
    client.get("/me/inbox/")
    with django_assert_num_queries(7):
        client.get("/me/inbox/")


def test_session_is_ended_from_another_one(client):
    elsewhere = visitor("192.0.2.77", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130")
    sign_in(elsewhere)
    page = client.get("/account/sessions/").content.decode()
    assert "Edge, Windows" in page
    assert "192.0.2.77" in page
    session = elsewhere.get("/account/sessions/").context["sessions"][-1]
    client.post("/me/security/session-end/", {"session": session.pk})
    assert elsewhere.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_session_is_not_written_on_every_request(client):
    client.get("/me/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/me/")
    assert [query["sql"] for query in asked if "UPDATE" in query["sql"]] == []


def test_session_is_seen_again_after_a_while_and_at_once_from_elsewhere(client):
    client.get("/me/")
    long_ago = timezone.now() - timedelta(minutes=6)
    UserSession.objects.update(last_seen_at=long_ago)
    client.get("/me/")
    assert UserSession.objects.get().last_seen_at > long_ago
    client.get("/me/", REMOTE_ADDR="192.0.2.99", HTTP_USER_AGENT="Another")
    assert UserSession.objects.values_list("ip", "user_agent").get() == ("192.0.2.99", "Another")


def test_what_is_over_is_forgotten_and_nothing_else(client, person):
    elsewhere = visitor("192.0.2.77")
    sign_in(elsewhere)
    now = timezone.now()
    Session.objects.filter(pk=elsewhere.session.session_key).update(expire_date=now - timedelta(seconds=1))
    for number, (is_private, days) in enumerate([(True, 91), (True, 89), (False, 91)]):
        write(person, number, is_private=is_private)
        OutgoingMail.objects.filter(key=f"test:{number}").update(created_at=now - timedelta(days=days))
    assert tasks.forget_what_is_over.delay().get() == 3
    assert tasks.forget_what_is_over.delay().get() == 0
    assert [session.session_key for session in UserSession.objects.all()] == [client.session.session_key]
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == ["test:1", "test:2"]
    assert client.get("/me/").status_code == 200


def test_session_of_another_person_cannot_be_ended(client):
    wu_hao(email="li@example.com", name="Li Na")
    other = visitor()
    sign_in(other, PASSWORD, "li@example.com")
    session = other.get("/account/sessions/").context["sessions"][0]
    assert client.post("/me/security/session-end/", {"session": session.pk}).status_code == 404
    assert other.get("/me/").status_code == 200


@pytest.mark.parametrize("number", ["", "abc", "²", "99999999999999999999"])
def test_session_that_does_not_exist_is_not_found(client, number):
    assert client.post("/me/security/session-end/", {"session": number}).status_code == 404


def test_all_other_sessions_are_ended(client):
    elsewhere = visitor()
    sign_in(elsewhere)
    client.post("/account/sessions/")
    assert (client.get("/me/").status_code, elsewhere.get("/me/").status_code) == (200, 302)


def test_language_switch_of_a_stranger_is_a_cookie_and_the_person_s_own_language_wins_later(person):
    client = visitor()
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/account/login/"})
    assert '<html lang="zh-Hans"' in client.get("/account/login/").content.decode()
    sign_in(client)
    assert is_signed_in(client)
    assert '<html lang="en"' in client.get("/me/").content.decode()


def test_language_switch_of_a_person_is_kept_on_the_account(client, person):
    response = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/me/inbox/?page=1"})
    assert response.url == "/me/inbox/?page=1"
    person.refresh_from_db()
    assert person.language == "zh-hans"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_language_switch_never_leads_to_another_host(db, target):
    assert visitor().post("/i18n/setlang/", {"language": "en", "next": target}).url == "/"


def test_unknown_language_changes_nothing(client, person):
    client.post("/i18n/setlang/", {"language": "xx"})
    person.refresh_from_db()
    assert person.language == "en"
    assert client.get("/i18n/setlang/").status_code == 405


def test_page_of_outgoing_mail_exists_in_a_demonstration_alone(db, settings):
    visitor().post("/account/password/reset/", {"email": EMAIL})
    assert visitor("127.0.0.1").get("/development/mail/").status_code == 404
    settings.SHOWS_MAIL = True
    assert visitor("192.0.2.7").get("/development/mail/").status_code == 404
    page = visitor("127.0.0.1").get("/development/mail/").content.decode()
    assert "There is no account with this address" in page
    assert 'href="/account/signup/"' in page


def test_person_without_a_place_finds_the_account_and_the_way_back(client):
    places = client.get("/places/").content.decode()
    assert [path for path in ("/me/", "/me/security/") if f'href="{path}"' not in places] == []
    for path in ("/me/", "/me/security/"):
        assert [item["url"] for group in client.get(path).context["navigation"] for item in group["items"]] == [
            "/places/"
        ]
