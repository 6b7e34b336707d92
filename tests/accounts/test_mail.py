"""Mail: written by whoever acts, delivered once, tried again, read by nobody else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail as sent
from django.core.mail.backends.locmem import EmailBackend
from django.db import ProgrammingError, connections, transaction
from django.utils import translation

from accounts import delivery, services, tasks
from accounts.models import OutgoingMail
from parks.choices import Role
from tenancy.scopes import enterprise_scope, login_scope, park_scope
from tenancy.tasks import WORKER
from tests.factories.people import UserFactory

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def write(person, key="application:1:accepted", **options):
    services.write_mail(key=key, recipient=person, subject="Accepted", text="Your application was accepted.", **options)


def deliver(now=NOW):
    with login_scope(WORKER):
        return delivery.deliver_waiting_mail(now)


class RefusesBad(EmailBackend):
    """A mail server that refuses addresses of bad.example."""

    def send_messages(self, messages):
        for message in messages:
            if message.to[0].endswith("@bad.example"):
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        return super().send_messages(messages)


class Unreachable(EmailBackend):
    def open(self):
        raise SMTPServerDisconnected("nobody answers")


def test_mail_is_handed_over_once_with_its_link_and_a_stable_message_id(db, settings):
    settings.SITE_URL = "https://portal.example"
    write(UserFactory(email="wu@example.com"), url="/applications/1/?tab=2")
    assert (deliver(), deliver()) == (1, 0)
    mail = OutgoingMail.objects.get()
    assert [(m.to, m.subject, m.body) for m in sent.outbox] == [
        (
            ["wu@example.com"],
            "Accepted",
            "Your application was accepted.\n\nhttps://portal.example/applications/1/?tab=2\n",
        )
    ]
    assert sent.outbox[0].extra_headers["Message-ID"] == f"<{mail.pk}@parkzero.example>"
    assert (mail.sent_at, mail.attempts, mail.last_error) == (NOW, 1, "")


def test_second_mail_with_the_same_key_is_not_made(db):
    person = UserFactory()
    write(person)
    write(person)
    assert OutgoingMail.objects.count() == 1


def test_only_the_path_of_a_link_is_kept(db):
    write(UserFactory(), url="http://attacker.example/account/confirm-email/abc/")
    assert OutgoingMail.objects.get().url == "/account/confirm-email/abc/"


def test_link_of_a_mail_keeps_its_place_on_the_page(db):
    write(UserFactory(), url="https://attacker.example/company/?tab=1#papers")
    assert OutgoingMail.objects.get().url == "/company/?tab=1#papers"


def test_every_acting_role_may_write_mail_and_none_may_read_it(scene):
    firm = scene.ours.firm
    official = scene.ours.staff[Role.REVIEWER].user
    owner = firm.people[Role.OWNER].user
    with park_scope(scene.ours.park.pk):
        write(owner, key="by the official")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            list(OutgoingMail.objects.all())
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        write(official, key="by the enterprise")
        write(official, key="by the enterprise")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            list(OutgoingMail.objects.all())
    written = OutgoingMail.objects.filter(key__startswith="by the")
    assert sorted(written.values_list("key", flat=True)) == ["by the enterprise", "by the official"]


def test_mail_of_a_rolled_back_act_is_not_sent(db):
    with transaction.atomic():
        write(UserFactory())
        transaction.set_rollback(True)
    assert deliver() == 0


def test_refused_mail_holds_up_no_other_and_is_tried_again_later(db, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.RefusesBad"
    write(UserFactory(email="li@bad.example"), key="1")
    write(UserFactory(email="wu@example.com"), key="2")
    assert deliver() == 1
    refused = OutgoingMail.objects.get(key="1")
    assert (refused.sent_at, refused.attempts) == (None, 1)
    assert "no such user" in refused.last_error
    assert refused.next_attempt_at == NOW + timedelta(minutes=1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver(NOW + timedelta(seconds=59)) == 0
    assert deliver(NOW + timedelta(seconds=60)) == 1
    assert [m.to for m in sent.outbox] == [["wu@example.com"], ["li@bad.example"]]


def test_mail_is_given_up_after_the_last_attempt(db, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.RefusesBad"
    write(UserFactory(email="li@bad.example"))
    for day in range(delivery.MOST_ATTEMPTS + 3):
        deliver(NOW + timedelta(days=day))
    given_up = OutgoingMail.objects.get()
    assert (given_up.attempts, given_up.sent_at) == (delivery.MOST_ATTEMPTS, None)


def test_secret_link_is_forgotten_once_it_was_sent_and_any_other_link_is_kept(db):
    write(UserFactory(email="wu@example.com"), key="secret", url="/account/password/reset/key/x/", is_private=True)
    write(UserFactory(email="li@example.com"), key="open", url="/applications/1/")
    deliver()
    assert sorted("reset/key/x/" in message.body for message in sent.outbox) == [False, True]
    assert dict(OutgoingMail.objects.values_list("key", "url")) == {"secret": "", "open": "/applications/1/"}


def test_secret_link_waits_with_its_mail_and_is_forgotten_when_it_is_given_up(db, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.RefusesBad"
    write(UserFactory(email="li@bad.example"), url="/account/password/reset/key/x/", is_private=True)
    links = []
    for day in range(delivery.MOST_ATTEMPTS):
        deliver(NOW + timedelta(days=day))
        links.append(OutgoingMail.objects.get().url)
    assert links == ["/account/password/reset/key/x/"] * (delivery.MOST_ATTEMPTS - 1) + [""]


def test_demonstration_keeps_secret_links_for_its_page_of_mail(db, settings):
    settings.SHOWS_MAIL = True
    write(UserFactory(), url="/account/password/reset/key/x/", is_private=True)
    assert deliver() == 1
    assert OutgoingMail.objects.get().url == "/account/password/reset/key/x/"


def test_unreachable_server_costs_no_mail_an_attempt(db, settings):
    write(UserFactory())
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.Unreachable"
    assert deliver() == 0
    assert OutgoingMail.objects.get().attempts == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver() == 1


def test_unwritable_address_is_an_error_of_that_mail_alone(db):
    write(UserFactory(), key="2")
    OutgoingMail.objects.filter(key="2").update(address="a\nb@example.com")
    write(UserFactory(), key="3")
    assert deliver() == 1
    assert "BadHeaderError" in OutgoingMail.objects.get(key="2").last_error


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_concurrent_deliveries_send_each_mail_once():
    person = UserFactory()
    OutgoingMail.objects.bulk_create(
        OutgoingMail(key=str(number), recipient=person, address=person.email, subject="Due", text="Today.")
        for number in range(30)
    )
    start = threading.Barrier(4)

    def relay():
        start.wait()
        for _ in range(4):
            deliver()
        connections["default"].close()

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A run that took a whole batch asks for the next one, which counts for itself: so the messages are counted here.
    assert OutgoingMail.objects.filter(attempts=1, sent_at__isnull=False).count() == 30
    assert len({m.extra_headers["Message-ID"] for m in sent.outbox}) == len(sent.outbox) == 30


def test_task_delivers_and_a_second_run_changes_nothing(db):
    write(UserFactory())
    assert tasks.deliver_waiting_mail.delay().get() == 1
    assert tasks.deliver_waiting_mail.delay().get() == 0
    assert len(sent.outbox) == 1


def test_mail_to_an_address_is_in_both_languages_and_in_no_inbox(db):
    text = services.in_both_languages(translation.get_language)
    services.write_mail_to_address(key="invitation:1", address="new@example.com", subject="Invitation", text=text)
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.address, mail.text, mail.is_private) == (
        None,
        "new@example.com",
        "zh-hans\n\nen",
        True,
    )
