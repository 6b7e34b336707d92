"""An import that is undone leaves what there would be without it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from energy.calculations import flags
from energy.choices import ImportState, QualityRule, Severity
from energy.models import (
    ImportUndo,
    IntervalBlock,
    IntervalBlockRevision,
    MonthTotal,
    ReadingAct,
    ReadingImport,
    ReadingIssue,
    ReadingTrace,
    RegisterDay,
)
from energy.queries.register import last_days
from energy.services import quality, undoing
from energy.services.readings import ImportNotNow, resume_import, take_in_file
from tenancy.models import OutboxEvent
from tenancy.scopes import platform_scope
from tests.energy.cases import NOW, bring_in, clock, counts, held, take_in
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value\n"


def hours(*told, serial="M1", day="2026-03-02"):
    return HEAD + "".join(f"{serial},{day} {hour:02}:00,{value}\n" for hour, value in told)


def undo(official, row, reason="wrong file"):
    """The undoing, ended."""
    asked = undoing.ask_to_undo(official, ReadingImport.objects.get(pk=row.pk), reason=reason, now=NOW)
    for _step in undoing.undo_steps(asked.pk, clock):
        pass
    return ImportUndo.objects.get(pk=asked.pk)


@pytest.fixture
def channel(park):
    return meter_with_channel(park, interval_minutes=60)


@pytest.fixture
def feed(park):
    return feed_of(park)


def day_of(channel, count=6, day="2026-03-02"):
    return held(channel)[day][:count]


def test_file_that_brought_all_of_it_leaves_nothing(official, channel, feed):
    row = bring_in(feed, hours((0, 1), (1, 2)))
    assert MonthTotal.objects.get().total == 3.0

    done = undo(official, row)

    row.refresh_from_db()
    assert (row.state, done.readings_restored, done.readings_kept) == (ImportState.UNDONE, 2, 0)
    assert (done.reason, done.by_name, done.finished_at) == ("wrong file", official.name, NOW)
    block, month, kept = IntervalBlock.objects.get(), MonthTotal.objects.get(), IntervalBlockRevision.objects.get()
    assert (block.values, bytes(block.flags)) == ([None] * 24, bytes(24))
    assert (block.total, block.peak, block.present_count, block.revision) == (None, None, 0, 2)
    assert (month.total, month.peak, month.present_count, month.measured_count) == (None, None, 0, 0)
    assert (kept.values[:2], kept.import_id, kept.replaced_by_import_id) == ([1.0, 2.0], row.pk, done.pk)
    assert last_days([channel.meter_id]) == {}


def test_what_it_added_and_what_it_replaced_are_as_before(official, channel, feed):
    bring_in(feed, hours((0, 1), (1, 2)))
    before = list(IntervalBlock.objects.values("values", "flags", "total", "peak", "present_count", "measured_count"))
    months = list(MonthTotal.objects.values())
    row = bring_in(feed, hours((1, 7), (2, 8)))
    assert day_of(channel) == [1.0, 7.0, 8.0, None, None, None]

    assert undo(official, row).readings_restored == 2

    after = list(IntervalBlock.objects.values("values", "flags", "total", "peak", "present_count", "measured_count"))
    assert (after, list(MonthTotal.objects.values())) == (before, months)


def test_what_later_files_said_stays(official, channel, feed):
    bring_in(feed, hours((0, 1), (1, 1), (2, 1)))
    row = bring_in(feed, hours((0, 5), (1, 5), (2, 5), (3, 5)))
    # One value is another, one the same: whoever said it last stands for it.
    bring_in(feed, hours((1, 6), (2, 5)))

    done = undo(official, row)

    assert day_of(channel) == [1.0, 6.0, 5.0, None, None, None]
    assert (done.readings_restored, done.readings_kept) == (2, 2)


def test_imports_are_undone_in_any_order(official, channel, feed):
    first, second, third = (bring_in(feed, hours((0, n), (n, n))) for n in (1, 2, 3))

    undo(official, second)
    assert day_of(channel) == [3.0, 1.0, None, 3.0, None, None]
    undo(official, third)
    assert day_of(channel) == [1.0, 1.0, None, None, None, None]
    undo(official, first)
    assert day_of(channel) == [None] * 6


def test_same_file_comes_again_after_it_was_undone(official, channel, feed):
    row = bring_in(feed, hours((0, 1)))
    undo(official, row)

    again = bring_in(feed, hours((0, 1)))

    assert (again.pk != row.pk, counts(again), day_of(channel, 2)) == (True, (1, 1, 0, 0), [1.0, None])
    undo(official, again)
    assert day_of(channel, 2) == [None, None]


def test_file_found_at_its_source_time_and_again_does_not_come_back(official, channel, feed):
    row = bring_in(feed, hours((0, 1)))
    undo(official, row)

    upload = ContentFile(hours((0, 1)).encode(), "a.csv")
    assert take_in_file(feed=feed, upload=upload, name="a.csv", by=None, now=NOW, once=True).pk == row.pk


def test_import_is_undone_once(official, channel, feed):
    row = bring_in(feed, hours((0, 1)))
    done = undo(official, row)

    with pytest.raises(undoing.UndoneAlready):
        undo(official, row)
    with pytest.raises(ImportNotNow):
        resume_import(row, now=NOW)
    for _step in undoing.undo_steps(done.pk, clock):
        raise AssertionError("nothing is left to do")
    assert IntervalBlockRevision.objects.count() == 1


def test_what_cannot_be_undone_is_refused(official, channel, feed):
    waiting = take_in(feed, hours((0, 1)))
    with pytest.raises(undoing.NotUndoable, match="at work"):
        undo(official, waiting)

    nothing = bring_in(feed, HEAD + "M1,soon,1\n")
    with pytest.raises(undoing.NotUndoable, match="stored nothing"):
        undo(official, nothing)

    of_before = bring_in(feed, hours((0, 2)))
    ReadingImport.objects.filter(pk=of_before.pk).update(is_traced=False)
    with pytest.raises(undoing.NotUndoable, match="before the portal"):
        undo(official, of_before)
    assert day_of(channel, 1) == [2.0]


def test_worker_that_went_is_asked_again(official, channel, feed):
    asked = undoing.ask_to_undo(official, bring_in(feed, hours((0, 1))), reason="wrong", now=NOW)
    with pytest.raises(undoing.NotUndoable):
        undoing.go_on_with_undo(official, asked, now=NOW + timedelta(minutes=1))

    undoing.go_on_with_undo(official, asked, now=NOW + timedelta(hours=1))

    with platform_scope():
        asks = OutboxEvent.objects.filter(name="energy.import_undo_asked")
        assert [each.payload["import_undo_id"] for each in asks] == [str(asked.pk)] * 2


def test_undoing_whose_worker_died_is_taken_up_unasked(official, channel, feed, park):
    asked = undoing.ask_to_undo(official, bring_in(feed, hours((0, 1))), reason="wrong", now=NOW)
    late = NOW + timedelta(hours=1)

    taken_up = [undoing.take_up_abandoned(park.pk, now) for now in (NOW, late, late)]

    assert taken_up == [0, 1, 0]
    with platform_scope():
        asks = OutboxEvent.objects.filter(name="energy.import_undo_asked")
        assert [each.payload["import_undo_id"] for each in asks] == [str(asked.pk)] * 2


def test_undoing_that_ends_every_worker_waits_for_a_person(official, channel, feed, park):
    asked = undoing.ask_to_undo(official, bring_in(feed, hours((0, 1))), reason="wrong", now=NOW)
    looks, now = [], NOW
    for _death in range(7):
        steps = undoing.undo_steps(asked.pk, lambda at=now: at)
        next(steps)
        steps.close()
        now += timedelta(minutes=6)
        looks.append(undoing.take_up_abandoned(park.pk, now))
    assert looks == [1, 1, 1, 1, 0, 0, 0]

    undoing.go_on_with_undo(official, asked, now=now)
    for _step in undoing.undo_steps(asked.pk, lambda: now):
        pass
    asked.refresh_from_db()
    assert (asked.finished_at, asked.taken_up) == (now, 0)


def test_whoever_used_the_readings_is_told(official, channel, feed, park):
    row = bring_in(feed, hours((0, 1)) + hours((5, 2), day="2026-03-04").removeprefix(HEAD))

    undo(official, row)

    with platform_scope():
        told = OutboxEvent.objects.get(name="energy.readings_corrected").payload
    assert told == {
        "park_id": park.pk,
        "channel_id": str(channel.pk),
        "first_day": "2026-03-02",
        "last_day": "2026-03-04",
    }


def test_whoever_used_many_channels_is_told_in_one_statement(official, feed, park):
    for serial in "ABC":
        meter_with_channel(park, serial, interval_minutes=60)
    row = bring_in(feed, HEAD + "".join(f"{serial},2026-03-02 00:00,1\n" for serial in "ABC"))

    with CaptureQueriesContext(connection) as asked:
        undo(official, row)

    told = [each["sql"] for each in asked if "energy.readings_corrected" in each["sql"]]
    assert len(told) == 1
    with platform_scope():
        assert OutboxEvent.objects.filter(name="energy.readings_corrected").count() == 3


def dials():
    return {(row.channel_id, row.day): row.states for row in RegisterDay.objects.all()}


def uses(channel):
    return {day: values for day, values in held(channel).items() if any(value is not None for value in values)}


def test_states_of_a_dial_are_taken_back_and_its_uses_follow(official, park, feed):
    channel = meter_with_channel(park, "R", kind="register", interval_minutes=60)
    bring_in(feed, hours((0, 100), (6, 106), serial="R"))
    before = dials(), uses(channel)
    assert before[1] == {"2026-03-02": [1.0] * 6 + [None] * 18}
    row = bring_in(feed, hours((2, 105), (9, 109), serial="R") + hours((3, 200), serial="R", day="2026-04-05")[17:])
    assert uses(channel)["2026-03-02"][:9] == [2.5, 2.5, 0.25, 0.25, 0.25, 0.25, 1.0, 1.0, 1.0]

    undo(official, row)

    assert (dials(), uses(channel)) == before
    block = IntervalBlock.objects.get(day="2026-03-02")
    assert bytes(block.flags)[:6] == bytes([flags.ESTIMATED] * 6)


def test_state_that_looked_like_a_reset_is_taken_back(official, park, feed):
    channel = meter_with_channel(park, "R", kind="register", interval_minutes=60)
    bring_in(feed, hours((0, 100), (1, 101), (3, 103), serial="R"))
    before = dials(), uses(channel)
    row = bring_in(feed, hours((4, 7), (5, 9), serial="R"))
    assert uses(channel) != before[1]

    undo(official, row)

    assert (dials(), uses(channel)) == before


def test_trace_of_a_fresh_file_takes_next_to_nothing(channel, feed):
    body = HEAD + "".join(
        f"M1,2026-{month:02}-{day:02} {hour:02}:00,{day * hour + 0.25}\n"
        for month in range(1, 11)
        for day in range(1, 29)
        for hour in range(24)
    )
    row = bring_in(feed, body)

    trace = ReadingTrace.objects.get(reading_import=row)

    assert (trace.added_count, trace.corrected_count, trace.confirmed_count) == (6720, 0, 0)
    assert len(bytes(trace.cells)) < 6720 / 20


def edit(official, channel, values, day="2026-03-02"):
    """By hand, through an issue of its own; the act."""
    issue = ReadingIssue.objects.create(
        park=channel.park, channel=channel, day=day, rule=QualityRule.SUSPECT, severity=Severity.NOTICE,
        places=list(values), fingerprint="x",
    )  # fmt: skip
    issue.refresh_from_db()
    told = {"expected_round": issue.round, "values": values, "reason": "seen", "now": NOW}
    quality.edit_issue(official, issue, **told)
    return ReadingAct.objects.get(issue=issue)


def take_back(official, act):
    act.issue.refresh_from_db()
    quality.undo_act(official, act, expected_round=act.issue.round, now=NOW + timedelta(hours=1))


def test_what_a_person_wrote_since_stays_until_that_is_undone(official, channel, feed):
    bring_in(feed, hours((0, 1)))
    row = bring_in(feed, hours((0, 5), (1, 5), (2, 5)))
    act = edit(official, channel, {0: 9.0, 1: 9.0})

    done = undo(official, row)

    assert (day_of(channel, 3), done.readings_kept) == ([9.0, 9.0, None], 2)
    take_back(official, act)
    assert day_of(channel, 3) == [1.0, None, None]


def test_what_a_person_wrote_before_stands_again(official, channel, feed):
    bring_in(feed, hours((0, 1)))
    edit(official, channel, {0: 9.0})
    row = bring_in(feed, hours((0, 5)))
    assert day_of(channel, 1) == [5.0]

    undo(official, row)

    assert day_of(channel, 1) == [9.0]
    assert bytes(IntervalBlock.objects.get().flags)[0] == flags.EDITED


def test_what_a_person_wrote_into_a_register_stays_until_that_is_undone(official, park, feed):
    channel = meter_with_channel(park, "R", kind="register", interval_minutes=60)
    bring_in(feed, hours((0, 100), (4, 104), serial="R"))
    row = bring_in(feed, hours((2, 103), serial="R"))
    assert day_of(channel, 4) == [1.5, 1.5, 0.5, 0.5]
    act = edit(official, channel, {1: 7.0})

    undo(official, row)

    assert day_of(channel, 4) == [1.0, 7.0, 1.0, 1.0]
    take_back(official, act)
    assert day_of(channel, 4) == [1.0, 1.0, 1.0, 1.0]


def test_what_a_person_wrote_into_a_register_before_stands_again(official, park, feed):
    channel = meter_with_channel(park, "R", kind="register", interval_minutes=60)
    bring_in(feed, hours((0, 100), (1, 101), serial="R"))
    edit(official, channel, {1: 7.0})
    row = bring_in(feed, hours((2, 103), serial="R"))
    assert day_of(channel, 3) == [1.0, 2.0, None]

    undo(official, row)

    assert day_of(channel, 3) == [1.0, 7.0, None]
