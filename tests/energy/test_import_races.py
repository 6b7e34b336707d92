"""Two workers, or a worker and a person, at one meter: real connections, one of which is stopped where it matters."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connections

from energy import events, receivers
from energy.choices import Flow, Unit
from energy.models import Channel
from energy.services import meters as services
from energy.services.readings import import_steps, pipeline
from parks.choices import Role
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.energy.cases import NOW, clock, counts, take_in, totals
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
HEAD = "meter,time,value\n"
LONGEST = 30


@pytest.fixture(autouse=True)
def _worker_elsewhere():
    events.reading_import_queued.disconnect(dispatch_uid="energy.import_file")
    yield
    receivers.connect()


def states(day, told):
    return HEAD + "".join(f"M1,2026-03-{day:02} {hour:02}:00,{state}\n" for hour, state in told)


class Worker(threading.Thread):
    """Does an import, or any act, on a connection of its own; `error` is what it raised."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.error = act, None

    def run(self):
        try:
            self.act()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        finally:
            connections.close_all()


def at_work(park, row):
    def act():
        steps = import_steps(row.pk, clock)
        is_over = False
        while not is_over:
            with park_scope(park.pk):
                is_over = next(steps, pipeline) is pipeline

    return act


@contextmanager
def stopped_before(monkeypatch, name, worker):
    """While this lasts, the worker waits before the first call of a function of the pipeline, until told to go on."""
    has_come, go_on, real = threading.Event(), threading.Event(), getattr(pipeline, name)

    def slow(*args, **kwargs):
        if threading.current_thread() is worker and not has_come.is_set():
            has_come.set()
            go_on.wait(LONGEST)
        return real(*args, **kwargs)

    monkeypatch.setattr(pipeline, name, slow)
    worker.start()
    assert has_come.wait(LONGEST)
    yield
    go_on.set()
    worker.join(LONGEST)
    assert not worker.is_alive()


def is_waiting(thread):
    """Whether a thread is kept up for as long as it takes to be sure of it."""
    thread.join(1.5)
    return thread.is_alive()


def test_two_files_of_one_register_come_one_after_the_other(monkeypatch):
    park = ParkFactory(time_zone="Asia/Shanghai")
    with park_scope(park.pk):
        channel = meter_with_channel(park, interval_minutes=60, kind="register")
        feed = feed_of(park)
        one = take_in(feed, states(1, [(hour, 10 * hour) for hour in range(24)]), "1.csv")
        two = take_in(feed, states(2, [(hour, 240 + 20 * hour) for hour in range(24)]), "2.csv")
    first, second = Worker(at_work(park, one)), Worker(at_work(park, two))

    # The first has its channels and is about to lay out what it read from the dial.
    with stopped_before(monkeypatch, "lay_out", first):
        second.start()
        is_kept_up = is_waiting(second)
    second.join(LONGEST)

    assert (first.error, second.error, is_kept_up) == (None, None, True)
    with park_scope(park.pk):
        # 0 to 240 on the first day, up to 700 at the last state of the second.
        assert totals(channel) == {"2026-03-01": 240.0, "2026-03-02": 460.0}
        one.refresh_from_db()
        two.refresh_from_db()
        assert (counts(one), counts(two)) == ((24, 24, 0, 0), (24, 24, 0, 0))


@pytest.fixture
def shared(side):
    """A meter of the park that a file with a reading waits for, and who may change it."""
    manager = actor(side.staff[Role.PARK_ENERGY_MANAGER])
    facts = {
        "serial": "M1",
        "name": "Main intake",
        "location": "",
        "commodity": "electricity",
        "starts_on": date(2026, 1, 1),
    }
    drawn = {"flow": Flow.IMPORT, "unit": Unit.KWH, "interval_minutes": 60}
    with open_scope(manager.scope):
        meter = services.enter_meter(manager, park=side.park, enterprise=None, facts=facts, channel=drawn, now=NOW)
    with park_scope(side.park.pk):
        row = take_in(feed_of(side.park), HEAD + "M1,2026-03-02 00:00,7\n")
    return manager, meter, row


def test_meter_stays_as_it_is_while_readings_of_it_come_in(side, shared, monkeypatch):
    manager, meter, row = shared
    refused = []

    def change():
        with open_scope(manager.scope):
            try:
                services.change_channel(manager, meter.channels.get(), changes={"unit": Unit.KVARH})
            except services.HasReadings as refusal:
                refused.append(refusal.code)

    worker, person = Worker(at_work(side.park, row)), Worker(change)
    with stopped_before(monkeypatch, "with_channels", worker):
        person.start()
        is_kept_up = is_waiting(person)
    person.join(LONGEST)

    assert (worker.error, person.error, is_kept_up, refused) == (None, None, True, ["has_readings"])
    with park_scope(side.park.pk):
        assert (Channel.objects.get(meter=meter).unit, totals(meter.channels.get())) == ("kWh", {"2026-03-02": 7.0})


def test_readings_wait_for_who_changes_the_meter_and_see_what_was_changed(side, shared):
    manager, meter, row = shared
    worker = Worker(at_work(side.park, row))

    with open_scope(manager.scope):
        services.retire_meter(manager, meter, ends_on=date(2026, 3, 2), today=date(2026, 3, 2))
        worker.start()
        is_kept_up = is_waiting(worker)
    worker.join(LONGEST)

    assert (worker.error, is_kept_up) == (None, True)
    with park_scope(side.park.pk):
        row.refresh_from_db()
        assert (counts(row), row.rejected_by_rule) == ((1, 0, 0, 1), {"outside_validity": 1})
        assert totals(meter.channels.get()) == {}
