"""How people hear of what happens: at once, in one mail a day, or in the inbox alone; never late for what binds."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as sent
from django.db import connections

from accounts import delivery, digests, preferences, services, tasks
from accounts.choices import Way
from accounts.models import MailPreference, OutgoingMail
from parks.choices import Role
from tenancy.scopes import login_scope
from tenancy.tasks import WORKER
from tests.clients import signed_in_client
from tests.factories.people import ParkFactory, UserFactory, person
from tests.incentives.test_concurrency import at_once, wait_until_somebody_waits

# 07:30 in Shanghai.
MORNING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
FREE, BINDING = "incentives.received", "incentives.returned"


@pytest.fixture
def wu(db):
    return UserFactory(email="wu@example.com", time_zone="Asia/Shanghai")


def write(user, number, kind=FREE, **options):
    told = {"subject": f"Notice {number}", "text": f"Text {number}.", "url": f"/applications/{number}/", **options}
    services.write_mail(key=f"test:{number}:{user.pk}", recipient=user, kind=kind, **told)


def choose(user, **ways):
    preferences.choose_ways(user, {name.replace("__", "."): way for name, way in ways.items()})


def deliver(now=MORNING):
    with login_scope(WORKER):
        return delivery.deliver_waiting_mail(now)


def digest(user, now=MORNING):
    with login_scope(WORKER):
        return digests.write_digest(user.pk, now)


def subjects():
    return [message.subject for message in sent.outbox]


def test_what_nobody_chose_goes_out_at_once(wu):
    write(wu, 1)
    write(wu, 2, kind="")
    write(wu, 3, kind="gone.since")
    assert (deliver(), subjects()) == (3, ["Notice 1", "Notice 2", "Notice 3"])


def test_daily_waits_for_the_mail_of_the_day_and_never_stays_in_the_inbox(wu):
    choose(wu, incentives__received=Way.DAILY, incentives__passed=Way.NEVER)
    write(wu, 1)
    write(wu, 2, kind="incentives.passed")
    write(wu, 3, kind="incentives.stands")
    assert (deliver(), subjects()) == (1, ["Notice 3"])
    assert deliver() == 0
    inbox = OutgoingMail.objects.in_inbox_of(wu).order_by("key")
    assert list(inbox.values_list("subject", "way")) == [
        ("Notice 1", Way.DAILY),
        ("Notice 2", Way.NEVER),
        ("Notice 3", Way.AT_ONCE),
    ]


def test_choice_of_one_person_is_not_that_of_another(wu):
    li = UserFactory(email="li@example.com")
    choose(wu, incentives__received=Way.NEVER)
    write(wu, 1)
    write(li, 1)
    assert deliver() == 1
    assert [message.to for message in sent.outbox] == [["li@example.com"]]


def test_binding_message_goes_out_at_once_whatever_the_table_says(wu):
    with pytest.raises(preferences.NotToChoose, match="returned for corrections"):
        choose(wu, incentives__returned=Way.DAILY)
    MailPreference.objects.create(user=wu, kind=BINDING, way=Way.NEVER)
    write(wu, 1, kind=BINDING)
    assert deliver() == 1


def test_secret_link_goes_out_at_once_whatever_its_kind(wu):
    choose(wu, incentives__received=Way.NEVER)
    write(wu, 1, is_private=True)
    assert deliver() == 1


def test_unknown_kind_cannot_be_chosen(wu):
    with pytest.raises(preferences.NotToChoose, match=r"nothing\.such"):
        choose(wu, nothing__such=Way.NEVER)
    assert not MailPreference.objects.exists()


def test_back_to_at_once_leaves_no_row(wu):
    choose(wu, incentives__received=Way.DAILY)
    choose(wu, incentives__received=Way.DAILY, incentives__passed=Way.NEVER)
    choose(wu, incentives__received=Way.AT_ONCE)
    assert list(MailPreference.objects.values_list("kind", "way")) == [("incentives.passed", Way.NEVER)]


def test_daily_mail_tells_everything_with_its_links_and_is_in_no_inbox(wu, settings):
    settings.SITE_URL = "https://portal.example"
    choose(wu, incentives__received=Way.DAILY)
    for number in (1, 2):
        write(wu, number)
    deliver()
    assert digest(wu) == 2
    assert deliver() == 1
    (message,) = sent.outbox
    assert (message.to, message.subject) == (["wu@example.com"], "2 messages, 2026-11-23")
    assert message.body.startswith(
        "■ Notice 1\nText 1.\nhttps://portal.example/applications/1/\n\n"
        "■ Notice 2\nText 2.\nhttps://portal.example/applications/2/\n\n"
    )
    assert OutgoingMail.objects.in_inbox_of(wu).count() == 2
    assert not OutgoingMail.objects.for_digest().exists()


def test_daily_mail_is_in_the_language_of_its_reader(wu):
    wu.language = "zh-hans"
    wu.save()
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()
    digest(wu)
    assert OutgoingMail.objects.get(key__startswith="accounts.digest").subject == "1 条消息，2026年11月23日"


def test_very_many_messages_are_told_by_their_number(wu, monkeypatch):
    monkeypatch.setattr(digests, "MOST_IN_FULL", 2)
    choose(wu, incentives__received=Way.DAILY)
    for number in range(1, 6):
        write(wu, number)
    deliver()
    assert digest(wu) == 5
    text = OutgoingMail.objects.get(key__startswith="accounts.digest").text
    assert ("■ Notice 2" in text, "■ Notice 3" in text, "3 more wait in your inbox." in text) == (True, False, True)


def test_one_mail_a_day_of_the_reader(wu):
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()
    assert (digest(wu), digest(wu)) == (1, 0)
    write(wu, 2)
    deliver()
    with login_scope(WORKER):
        assert digests.readers_due(MORNING) == [], "who had today's mail is not asked again"
        assert digests.readers_due(MORNING + timedelta(days=1)) == [wu.pk]
    assert digest(wu, MORNING + timedelta(hours=16)) == 0, "23:30 of the same day in Shanghai"
    assert digest(wu, MORNING + timedelta(hours=17)) == 1, "the next day"


@pytest.mark.parametrize(
    ("zone", "is_due"), [("Asia/Shanghai", True), ("Asia/Urumqi", False), ("America/New_York", True)]
)
def test_morning_is_that_of_the_reader(wu, zone, is_due):
    """07:30 in Shanghai is 05:30 in Urumqi and 18:30 of the day before in New York, whose morning is over."""
    wu.time_zone = zone
    wu.save()
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()
    with login_scope(WORKER):
        assert digests.readers_due(MORNING) == ([wu.pk] if is_due else [])


def test_daily_mail_of_somebody_who_cannot_sign_in_is_not_written(wu):
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()
    wu.is_active = False
    wu.save()
    assert digests.readers_due(MORNING) == []


def test_killed_between_mail_and_mark_nothing_of_it_stays(wu, monkeypatch):
    """The mail and the mark are one transaction: what dies in between has written neither."""
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()

    class Killed(BaseException):
        pass

    def write_and_die(**told):
        services.write_mail(**told)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(digests, "write_mail", write_and_die)
        with pytest.raises(Killed):
            digest(wu)
    assert not OutgoingMail.objects.filter(key__startswith="accounts.digest").exists()
    assert OutgoingMail.objects.for_digest().count() == 1
    assert (digest(wu), digest(wu)) == (1, 0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_workers_write_one_daily_mail():
    wu = UserFactory(time_zone="Asia/Shanghai")
    choose(wu, incentives__received=Way.DAILY)
    for number in range(3):
        write(wu, number)
    deliver()
    start, counts = threading.Barrier(2), []

    def work():
        start.wait()
        counts.append(digest(wu))
        connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 3]
    assert OutgoingMail.objects.filter(key__startswith="accounts.digest").count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_ways_sent_twice_at_once_are_kept_once():
    """The second looks for what the first has written and not committed."""
    wu, has_written = UserFactory(), threading.Event()

    def first():
        with login_scope(WORKER):
            choose(wu, incentives__received=Way.DAILY)
            has_written.set()
            wait_until_somebody_waits()

    def second():
        assert has_written.wait(timeout=20)
        with login_scope(WORKER):
            choose(wu, incentives__received=Way.NEVER)

    assert at_once(first, second) == [None, None]
    with login_scope(WORKER):
        assert list(MailPreference.objects.values_list("kind", "way")) == [(FREE, Way.NEVER)]


def test_task_writes_to_everybody_who_is_due_once(wu, monkeypatch):
    monkeypatch.setattr(digests, "DIGEST_FROM_HOUR", 0)
    choose(wu, incentives__received=Way.DAILY)
    write(wu, 1)
    deliver()
    for _again in range(2):
        tasks.write_digests.delay()
    assert OutgoingMail.objects.filter(key__startswith="accounts.digest").count() == 1


def test_page_offers_what_may_reach_the_person_and_says_why_the_rest_is_fixed(db):
    member = person(Role.REVIEWER, ParkFactory())
    page = signed_in_client(member).get("/me/messages/")
    body = page.content.decode()
    assert page.status_code == 200
    assert 'name="incentives.official_check"' in body
    assert 'name="incentives.received"' not in body, "a letter to enterprises"
    assert 'name="incentives.remind_due"' not in body
    assert "Reminder: due within a working day" in body
    assert "A deadline runs with it." in body


def test_page_keeps_the_choice_and_refuses_what_is_no_way(db):
    member = person(Role.REVIEWER, ParkFactory())
    client = signed_in_client(member)
    answer = client.post("/me/messages/", {"incentives.official_check": "daily", "incentives.remind_due": "never"})
    assert (answer.status_code, answer.url) == (302, "/me/messages/")
    assert list(MailPreference.objects.values_list("user", "kind", "way")) == [
        (member.user_id, "incentives.official_check", Way.DAILY)
    ]
    assert client.post("/me/messages/", {"incentives.official_check": "pigeon"}).status_code == 422
    assert MailPreference.objects.get().way == Way.DAILY
