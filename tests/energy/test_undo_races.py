"""Undoing an import beside other workers, and by workers that are killed: real connections and processes."""

from __future__ import annotations

import threading

import pytest

from energy import events, receivers
from energy.formats import text
from energy.models import ImportUndo, IntervalBlock, MonthTotal, ReadingImport, ReadingTrace, RegisterDay
from energy.services import undoing
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import actor
from tests.energy.cases import NOW, bring_in, clock, counts, take_in
from tests.energy.restarts import content, killed_again_and_again, place
from tests.energy.test_import_races import HEAD, LONGEST, Worker, at_work, is_waiting
from tests.energy.test_undo import day_of, hours
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DEATHS = 10


@pytest.fixture(autouse=True)
def _worker_elsewhere():
    events.reading_import_queued.disconnect(dispatch_uid="energy.import_file")
    events.import_undo_asked.disconnect(dispatch_uid="energy.undo_import")
    yield
    receivers.connect()


def changed():
    """Other readings of the same days, by time as those."""
    return content().replace(",1", ",2").replace("B,", "A,", 300)


def held(park):
    """What stands, but for who said it and how often."""
    with park_scope(park.pk):
        blocks = IntervalBlock.objects.filter(present_count__gt=0).order_by("channel__meter__serial", "day")
        days = [(block.day, block.values, bytes(block.flags), block.total, block.measured_count) for block in blocks]
        months = list(MonthTotal.objects.order_by("total").values_list("month", "total", "peak", "measured_count"))
        return days, months, list(RegisterDay.objects.order_by("day").values_list("day", "states"))


def asked(park, row):
    manager = actor(person(Role.PARK_ENERGY_MANAGER, park))
    with park_scope(park.pk):
        return undoing.ask_to_undo(manager, ReadingImport.objects.get(pk=row.pk), reason="wrong", now=NOW)


def test_killed_at_random_moments_leaves_what_was_before(monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    park, feed = place()
    with park_scope(park.pk):
        bring_in(feed, content())
    before = held(park)
    with park_scope(park.pk):
        row = bring_in(feed, changed(), "changed.csv")
        assert ReadingTrace.objects.filter(reading_import=row).count() > 20
    assert held(park) != before
    undo = asked(park, row)

    deaths, status, errors = killed_again_and_again("undo_import", park, undo, deaths=DEATHS, longest=0.2)
    assert (deaths >= 3, status) == (True, 0), errors[-2000:]
    assert held(park) == before
    with park_scope(park.pk):
        done = ImportUndo.objects.get()
        assert (done.finished_at is not None, done.readings_kept) == (True, 0)
        assert ReadingImport.objects.get(pk=row.pk).state == "undone"


def undoing_it(park, undo):
    def act():
        steps, is_over = undoing.undo_steps(undo.pk, clock), False
        while not is_over:
            with park_scope(park.pk):
                is_over = next(steps, undoing) is undoing

    return act


@pytest.fixture
def wrong():
    """A park with a meter, a file that belongs there and one that does not, which is being undone."""
    park = ParkFactory(time_zone="Asia/Shanghai")
    with park_scope(park.pk):
        channel = meter_with_channel(park, interval_minutes=60)
        feed = feed_of(park)
        bring_in(feed, hours((0, 1), (1, 1)))
        row = bring_in(feed, hours((0, 5), (1, 5), (2, 5)))
    return park, channel, feed, asked(park, row)


def stopped_with_its_channels(monkeypatch, worker):
    """The worker waits with its channels in hand, until the event is set."""
    has_come, go_on, real = threading.Event(), threading.Event(), undoing._write_down

    def slow(*args):
        if threading.current_thread() is worker:
            has_come.set()
            go_on.wait(LONGEST)
        return real(*args)

    monkeypatch.setattr(undoing, "_write_down", slow)
    worker.start()
    assert has_come.wait(LONGEST)
    return go_on


def test_file_of_the_same_channel_waits_for_the_undoing(wrong, monkeypatch):
    park, channel, feed, undo = wrong
    with park_scope(park.pk):
        row = take_in(feed, HEAD + "M1,2026-03-02 01:00,7\nM1,2026-03-02 02:00,5\n")
    first, second = Worker(undoing_it(park, undo)), Worker(at_work(park, row))

    go_on = stopped_with_its_channels(monkeypatch, first)
    second.start()
    is_kept_up = is_waiting(second)
    go_on.set()
    first.join(LONGEST), second.join(LONGEST)

    assert (first.error, second.error, is_kept_up) == (None, None, True)
    with park_scope(park.pk):
        row.refresh_from_db()
        assert (day_of(channel, 3), counts(row)) == ([1.0, 7.0, 5.0], (2, 2, 0, 0))


def test_two_workers_undo_once(wrong, monkeypatch):
    park, channel, _feed, undo = wrong
    first, second = (Worker(undoing_it(park, undo)) for _each in range(2))

    go_on = stopped_with_its_channels(monkeypatch, first)
    second.start()
    is_kept_up = is_waiting(second)
    go_on.set()
    first.join(LONGEST), second.join(LONGEST)

    assert (first.error, second.error, is_kept_up) == (None, None, True)
    with park_scope(park.pk):
        assert day_of(channel, 3) == [1.0, 1.0, None]
        assert ImportUndo.objects.get().readings_restored == 3


def test_two_people_at_once_ask_once(wrong):
    park, _channel, feed, _undo = wrong
    with park_scope(park.pk):
        row = bring_in(feed, hours((4, 4)))
    manager = actor(person(Role.PARK_ENERGY_MANAGER, park))
    together = threading.Barrier(2, timeout=LONGEST)

    def ask():
        with park_scope(park.pk):
            seen = ReadingImport.objects.get(pk=row.pk)
            together.wait()
            undoing.ask_to_undo(manager, seen, reason="wrong", now=NOW)

    people = [Worker(ask) for _each in range(2)]
    for each in people:
        each.start()
    for each in people:
        each.join(LONGEST)

    assert sorted(type(each.error).__name__ for each in people) == ["NoneType", "UndoneAlready"]
    with park_scope(park.pk):
        assert ImportUndo.objects.filter(reading_import=row).count() == 1
