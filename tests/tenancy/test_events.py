"""An event and its act are one; the relay sends what waits, whoever dies in between."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.services import nudge_delivery
from config import celery_app
from lib.identifiers import uuid7
from tenancy.events import Event, nudge_relay
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tenancy.services import BATCH, MOST_ATTEMPTS, forget_sent_events, relay_events
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2099, 11, 22, 4, 0, tzinfo=UTC)

# Nobody waits for these yet; `events.py` says for whom they are.
FOR_APPS_ABOVE = {
    "energy.readings_corrected",
    "enterprises.enterprise_registered",
    "parks.park_archived",
    "parks.park_created",
    "parks.park_resumed",
    "parks.park_suspended",
}


@pytest.fixture
def heard():
    """A test event with a receiver that keeps what it was sent."""
    event = Event(f"tests.{uuid7()}")
    received = []

    def receiver(sender, signal, **payload):
        received.append(payload)

    event.connect(receiver)
    yield event, received, receiver
    del Event.registry[event.name]


def relay(now=None):
    with platform_scope():
        return relay_events(now or timezone.now())


def waiting():
    with platform_scope():
        return OutboxEvent.objects.filter(dispatched_at=None).count()


def test_event_reaches_its_receivers_once(scene, heard):
    event, received, _ = heard
    with park_scope(scene.ours.park.pk):
        event.publish(park_id=scene.ours.park.pk)
    assert received == []
    assert (relay(), relay()) == (1, 0)
    assert received == [{"park_id": scene.ours.park.pk}]


def test_event_of_an_act_that_failed_does_not_exist(scene, heard):
    event, received, _ = heard
    with pytest.raises(ZeroDivisionError), park_scope(scene.ours.park.pk):
        event.publish(park_id=scene.ours.park.pk)
        raise ZeroDivisionError
    relay()
    assert received == []


def test_two_events_cannot_share_a_name(heard):
    with pytest.raises(ValueError, match="Two events"):
        Event(heard[0].name)


def test_failing_receiver_keeps_the_event_and_blocks_no_other(scene, heard):
    event, received, _ = heard

    def broken(sender, signal, **payload):
        raise OperationalError("no broker")

    event.connect(broken)
    other = Event(f"tests.{uuid7()}")
    with park_scope(scene.ours.park.pk):
        event.publish(number=1)
        other.publish(number=2)
    assert relay(NOW) == 1
    assert waiting() == 1
    event.disconnect(broken)
    assert relay(NOW + timedelta(seconds=14)) == 0
    assert relay(NOW + timedelta(seconds=15)) == 1
    assert received == [{"number": 1}, {"number": 1}]
    del Event.registry[other.name]


@pytest.fixture
def stuck(scene, heard):
    """An event that was given up, its time, and the broken receiver."""
    event, _, _ = heard

    def broken(sender, signal, **payload):
        raise RuntimeError("bug")

    event.connect(broken)
    with park_scope(scene.ours.park.pk):
        event.publish(number=1)
    for hour in range(MOST_ATTEMPTS + 2):
        relay(NOW + timedelta(hours=hour))
    return event, NOW + timedelta(days=2), broken


def test_event_that_always_fails_is_left_for_a_person(stuck):
    event, _, _ = stuck
    with platform_scope():
        kept = OutboxEvent.objects.get(name=event.name)
    assert (kept.attempts, kept.dispatched_at) == (MOST_ATTEMPTS, None)
    assert "bug" in kept.last_error


def test_failing_event_is_left_alone_longer_each_time_however_often_the_relay_is_asked(scene, heard):
    event, received, _ = heard

    def broken(sender, signal, **payload):
        raise RuntimeError("bug")

    event.connect(broken)
    with park_scope(scene.ours.park.pk):
        event.publish(number=1)
    for second in range(200):
        relay(NOW + timedelta(seconds=second))
    assert len(received) == len([0, 15, 15 + 30, 45 + 60])


def test_event_that_was_given_up_is_sent_again_when_somebody_asks_for_it(stuck, heard, capsys):
    event, later, broken = stuck
    event.disconnect(broken)
    assert relay(later) == 0
    call_command("resend_events")
    assert capsys.readouterr().out == "1 events will be sent again.\n"
    assert (relay(later), relay(later)) == (1, 0)
    call_command("resend_events")
    assert relay(later) == 0


@pytest.mark.parametrize(("waited", "is_dropped"), [(timedelta(hours=23), False), (timedelta(hours=25), True)])
def test_event_that_no_version_knows_any_more_is_dropped_after_a_day(waited, is_dropped, caplog):
    with platform_scope():
        event = OutboxEvent.objects.create(name="tests.removed", payload={}, attempts=3, created_at=NOW - waited)
    assert (relay(NOW), relay(NOW)) == (0, 0)

    with platform_scope():
        event.refresh_from_db()
    assert (event.dispatched_at == NOW, event.attempts) == ((True, 3) if is_dropped else (False, 4))
    assert ("event_dropped" in caplog.text, "event_unknown" in caplog.text) == (is_dropped, not is_dropped)


def test_failing_events_at_the_head_hold_up_no_other(scene, heard):
    event, received, _ = heard
    failed = [
        OutboxEvent(
            name="tests.unknown", payload={}, attempts=1, next_attempt_at=NOW, created_at=NOW - timedelta(days=1)
        )
        for _ in range(BATCH + 1)
    ]
    with platform_scope():
        OutboxEvent.objects.bulk_create(failed)
    with park_scope(scene.ours.park.pk):
        event.publish(number=1)
    assert relay(NOW) == 1
    assert received == [{"number": 1}]


def test_full_batch_asks_for_the_next_one_at_once(scene, heard, django_capture_on_commit_callbacks):
    event, received, _ = heard
    with platform_scope():
        OutboxEvent.objects.bulk_create(OutboxEvent(name=event.name, payload={}) for _ in range(BATCH + 1))
    with django_capture_on_commit_callbacks(execute=True) as asked:
        assert relay() == BATCH
    assert (asked, len(received)) == ([nudge_relay], BATCH + 1)


def test_worker_is_asked_once_a_transaction(scene, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as asked, park_scope(scene.ours.park.pk):
        for _ in range(3):
            heard[0].publish(number=1)
            nudge_delivery.on_commit()
    assert asked == [nudge_relay, nudge_delivery]


@pytest.fixture
def dead_broker(settings):
    """The tasks asked for as by a web process whose broker is not there."""
    app = Celery("tests", broker="redis://127.0.0.1:1/0", set_as_current=True)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    yield
    app.close()
    celery_app.set_current()


@pytest.mark.usefixtures("dead_broker")
def test_dead_broker_keeps_nobody_waiting_and_loses_nothing(scene, heard, caplog, django_capture_on_commit_callbacks):
    begins = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True), park_scope(scene.ours.park.pk):
        heard[0].publish(number=1)
    assert time.monotonic() - begins < 2
    assert "worker_not_reached" in caplog.text
    assert relay() == 1


def test_sent_events_are_forgotten_after_a_month(scene, heard):
    event, _, _ = heard
    with park_scope(scene.ours.park.pk):
        event.publish(number=1)
    relay()
    with platform_scope():
        assert forget_sent_events(timezone.now() + timedelta(days=29)) == 0
        assert forget_sent_events(timezone.now() + timedelta(days=31)) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_event_outside_a_transaction_is_refused(heard):
    with pytest.raises(transaction.TransactionManagementError, match="outside a transaction"):
        heard[0].publish(number=1)


def test_every_event_has_who_waits_for_it():
    of_apps = {name: event for name, event in Event.registry.items() if not name.startswith("tests.")}

    assert len(of_apps) > 20
    assert {name for name, event in of_apps.items() if not event.has_listeners()} == FOR_APPS_ABOVE


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_relays_at_once_send_each_event_once(heard):
    event, received, _ = heard
    park = ParkFactory()
    with park_scope(park.pk):
        for number in range(30):
            OutboxEvent.objects.create(name=event.name, payload={"number": number})
    barrier = threading.Barrier(4)

    def run():
        barrier.wait()
        relay()
        connections["default"].close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    relay()
    assert sorted(payload["number"] for payload in received) == list(range(30))
