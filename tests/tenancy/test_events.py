"""An event and its act are one; the relay sends what waits, whoever dies in between."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from celery import current_app, shared_task
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from enterprises.models import Enterprise
from lib.identifiers import uuid7
from tenancy.events import Event
from tenancy.models import OutboxEvent
from tenancy.scopes import Kind, current_scope, park_scope, platform_scope
from tenancy.services import MOST_ATTEMPTS, forget_sent_events, relay_events
from tenancy.tasks import PlatformTask, TenantTask
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db


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
        event.publish(park_id=1)
        other.publish(park_id=2)
    assert relay() == 1
    assert waiting() == 1
    event.disconnect(broken)
    assert relay() == 1
    assert received == [{"park_id": 1}, {"park_id": 1}]
    del Event.registry[other.name]


def test_event_that_always_fails_is_left_for_a_person(scene, heard):
    event, _, _ = heard

    def broken(sender, signal, **payload):
        raise RuntimeError("bug")

    event.connect(broken)
    with park_scope(scene.ours.park.pk):
        event.publish(park_id=1)
    for _ in range(MOST_ATTEMPTS + 2):
        relay()
    with platform_scope():
        stuck = OutboxEvent.objects.get(name=event.name)
    assert (stuck.attempts, stuck.dispatched_at) == (MOST_ATTEMPTS, None)
    assert "bug" in stuck.last_error


def test_sent_events_are_forgotten_after_a_month(scene, heard):
    event, _, _ = heard
    with park_scope(scene.ours.park.pk):
        event.publish(park_id=1)
    relay()
    with platform_scope():
        assert forget_sent_events(timezone.now() + timedelta(days=29)) == 0
        assert forget_sent_events(timezone.now() + timedelta(days=31)) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_event_outside_a_transaction_is_refused(heard):
    with pytest.raises(transaction.TransactionManagementError, match="outside a transaction"):
        heard[0].publish(park_id=1)


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


@shared_task(base=TenantTask, name="tests.names_seen")
def names_seen(park_id, enterprise_id=None):
    return current_scope().kind, sorted(Enterprise.objects.values_list("name_en", flat=True))


@shared_task(base=TenantTask, name="tests.writes_and_fails")
def writes_and_fails(park_id):
    EnterpriseFactory(park_id=park_id)
    raise ZeroDivisionError


def test_tenant_task_sees_its_park(scene):
    assert names_seen(park_id=scene.ours.park.pk) == (Kind.OFFICIAL, ["OURS first firm", "OURS second firm"])
    assert names_seen(str(scene.others.park.pk))[1] == ["OTHERS first firm", "OTHERS second firm"]


def test_tenant_task_of_an_enterprise_sees_that_enterprise(scene):
    seen = names_seen(park_id=scene.ours.park.pk, enterprise_id=str(scene.ours.firm.enterprise.pk))
    assert seen == (Kind.ENTERPRISE, ["OURS first firm"])


def test_tenant_task_that_fails_leaves_nothing_behind(scene):
    with pytest.raises(ZeroDivisionError):
        writes_and_fails(scene.ours.park.pk)
    assert len(names_seen(scene.ours.park.pk)[1]) == 2


def test_tenant_task_must_take_a_park():
    def forgetful(enterprise_id):
        return enterprise_id

    with pytest.raises(TypeError, match="must take park_id"):
        current_app.task(base=TenantTask, name="tests.no_park", lazy=False)(forgetful)


def test_every_task_of_the_project_enters_a_scope():
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith(("celery.", "tests."))}
    assert "tenancy.tasks.relay_events" in ours
    assert [name for name, task in ours.items() if not isinstance(task, TenantTask | PlatformTask)] == []
