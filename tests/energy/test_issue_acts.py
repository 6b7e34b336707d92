"""What people decide of an issue: nothing is lost, one of two at once decides, and everything can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from accounts.models import OutgoingMail
from energy.choices import ChannelKind, IssueState
from energy.models import IntervalBlock, IntervalBlockRevision, MonthTotal, ReadingAct, ReadingIssue
from energy.services import quality
from energy.services.quality.acts import ImpossibleValue, NothingToUndo
from energy.tasks import tell_of_question
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.energy.cases import NOW, bring_in
from tests.factories import measured
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.people import ParkFactory, person
from tests.factories.quality import FIRST, check, usual, usual_days, with_changes

DAY = FIRST + timedelta(days=10)
MISSING, MEASURED, ESTIMATED, EDITED = 0, 1, 2, 3
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def channel(park):
    return meter_with_channel(park, interval_minutes=60, rated_power_kw=Decimal(100))


def with_gap(channel, places, days=16):
    usual_days(channel, days, changed={DAY: with_changes(DAY, dict.fromkeys(places))})
    check(channel, DAY)
    return ReadingIssue.objects.get(channel=channel, day=DAY)


def kept(channel, day=DAY):
    block = IntervalBlock.objects.get(channel=channel, day=day)
    return block.values, list(bytes(block.flags)), block.present_count, block.measured_count


def estimate(official, issue, total=None, now=NOW):
    return quality.estimate_issue(official, issue, expected_round=issue.round, total=total, reason="", now=now)


def undo(official, issue, now=LATER):
    act = ReadingAct.objects.filter(issue=issue, undone_at=None).latest("at")
    return quality.undo_act(official, act, expected_round=issue.round, now=now)


def test_short_gap_is_drawn_and_marked(official, channel):
    issue = estimate(official, with_gap(channel, [5, 6]))
    values, marks, present, measured = kept(channel)
    # 11.7 at four o'clock, 12.9 at seven: a third of the way each.
    assert (values[4], values[5], values[6], values[7]) == (11.7, 12.1, 12.5, 12.9)
    assert (marks[5], marks[6], present, measured) == (ESTIMATED, ESTIMATED, 24, 22)
    assert issue.state == IssueState.ESTIMATED
    (act,) = ReadingAct.objects.filter(issue=issue)
    assert (act.before, act.before_flags, act.after, act.methods) == ([None, None], [0, 0], [12.1, 12.5], ["line"])
    month = MonthTotal.objects.get(channel=channel, month=DAY.replace(day=1))
    assert (month.present_count, month.measured_count) == (16 * 24, 16 * 24 - 2)


@pytest.mark.parametrize("total", [1e12 * 2, 1e300])
def test_estimate_beyond_any_meter_is_refused(official, channel, total):
    issue = with_gap(channel, [5, 6])
    with pytest.raises(ImpossibleValue):
        estimate(official, issue, total=total)
    assert (kept(channel)[0][5], ReadingAct.objects.count()) == (None, 0)


def test_long_gap_is_as_on_days_like_it(official, channel):
    issue = estimate(official, with_gap(channel, range(6, 18)))
    values, _marks, _present, _measured = kept(channel)
    assert values == usual(DAY), "each working day is like the other"
    assert ReadingAct.objects.get(issue=issue).methods == ["like_days"]


def test_weekend_is_no_reference_of_a_working_day(official, channel):
    saturday = FIRST + timedelta(days=12)
    usual_days(channel, 16, changed={saturday: with_changes(saturday, dict.fromkeys(range(6, 18)))})
    check(channel, saturday)
    estimate(official, ReadingIssue.objects.get(day=saturday))
    assert kept(channel, saturday)[0] == usual(saturday)


def test_estimate_comes_to_the_known_total(official, channel):
    issue = estimate(official, with_gap(channel, range(6, 10)), total=100.0)
    values, _marks, _present, _measured = kept(channel)
    part = usual(DAY)[6:10]
    assert [round(value, 6) for value in values[6:10]] == [round(100 * each / sum(part), 6) for each in part]
    assert abs(sum(values[6:10]) - 100.0) < 1e-6
    assert ReadingAct.objects.get(issue=issue).methods == ["like_days", "total"]


def test_register_of_the_meter_tells_the_total(official, park, channel):
    """The dial went from 1000 to 1020 while nothing came: 20 × 3 kWh in four hours."""
    type(channel).objects.filter(pk=channel.pk).update(code="E1")
    meter_with_channel(park, code="E2", interval_minutes=60, kind=ChannelKind.REGISTER, multiplier=Decimal(3))
    feed = feed_of(park)
    issue = with_gap(channel, range(6, 10))
    bring_in(feed, f"meter,time,value\nM1/E2,{DAY} 06:00,1000\nM1/E2,{DAY} 10:00,1020\n")
    estimate(official, issue)
    assert abs(sum(kept(channel)[0][6:10]) - 60.0) < 1e-6


def test_too_little_is_known_for_an_estimate(official, channel):
    issue = with_gap(channel, range(6, 18), days=11)
    others = IntervalBlock.objects.filter(channel=channel, day__lt=DAY)
    assert others.update(flags=bytes([ESTIMATED] * 24)) == 10
    with pytest.raises(quality.NoEstimate):
        estimate(official, issue)
    assert ReadingAct.objects.count() == 0


def test_edit_keeps_what_was_and_undo_puts_it_back(official, channel):
    usual_days(channel, 16, changed={DAY: with_changes(DAY, {12: 90.0})})
    check(channel, DAY)
    before = kept(channel)
    issue = ReadingIssue.objects.get(channel=channel)
    assert (issue.rule, issue.places) == ("spike", [12])
    issue = quality.edit_issue(official, issue, expected_round=1, values={12: 14.8}, reason="The dial says so", now=NOW)
    values, marks, present, measured = kept(channel)
    assert (values[12], marks[12], present, measured) == (14.8, EDITED, 24, 23)
    (revision,) = IntervalBlockRevision.objects.filter(channel=channel, day=DAY)
    assert revision.values[12] == 90.0
    undone = undo(official, issue)
    assert kept(channel) == before
    assert undone.state == IssueState.OPEN
    act = ReadingAct.objects.get()
    assert (act.before, act.after, act.undone_by_name, act.undone_at) == ([90.0], [14.8], official.name, LATER)


def test_day_that_never_came_is_estimated_and_taken_back(official, channel):
    usual_days(channel, 16, changed={DAY: None})
    check(channel, DAY + timedelta(days=1))
    issue = estimate(official, ReadingIssue.objects.get(day=DAY))
    assert kept(channel) == (usual(DAY), [ESTIMATED] * 24, 24, 0)
    undo(official, issue)
    assert kept(channel) == ([None] * 24, [MISSING] * 24, 0, 0)
    assert ReadingIssue.objects.get(day=DAY).state == IssueState.OPEN


def test_same_reading_brought_again_does_not_take_an_edit_back(official, park, channel):
    usual_days(channel, 16, changed={DAY: with_changes(DAY, {12: 90.0})})
    check(channel, DAY)
    issue = ReadingIssue.objects.get(channel=channel)
    quality.edit_issue(official, issue, expected_round=1, values={12: 14.8}, reason="dial", now=NOW)
    feed = feed_of(park)
    bring_in(feed, f"meter,time,value\nM1,{DAY} 12:00,90\n")
    check(channel, DAY)
    assert (kept(channel)[0][12], kept(channel)[1][12]) == (14.8, EDITED)
    bring_in(feed, f"meter,time,value\nM1,{DAY} 12:00,15.1\n")
    check(channel, DAY)
    assert (kept(channel)[0][12], kept(channel)[1][12]) == (15.1, MEASURED), "another value is news"


def test_undo_leaves_what_a_file_brought_since(official, park, channel):
    issue = estimate(official, with_gap(channel, [5, 6]))
    bring_in(feed_of(park), f"meter,time,value\nM1,{DAY} 05:00,12.0\n")
    check(channel, DAY)
    undo(official, issue)
    values, marks, _present, _measured = kept(channel)
    assert (values[5], marks[5], values[6], marks[6]) == (12.0, MEASURED, None, MISSING)
    issue.refresh_from_db()
    assert (issue.state, issue.places) == (IssueState.OPEN, [6])


def test_accepted_is_not_asked_again_until_something_else_is_found(official, park, channel):
    issue = with_gap(channel, [5, 6])
    issue = quality.accept_issue(official, issue, expected_round=1, reason="Works holiday", now=NOW)
    check(channel, DAY)
    issue.refresh_from_db()
    assert (issue.state, issue.round) == (IssueState.ACCEPTED, 2)
    bring_in(feed_of(park), f"meter,time,value\nM1,{DAY} 05:00,12.0\n")
    check(channel, DAY)
    issue.refresh_from_db()
    assert (issue.state, issue.places, issue.round) == (IssueState.OPEN, [6], 3)


def test_readings_are_asked_for_with_three_working_days(official, channel):
    issue = with_gap(channel, [5, 6])
    issue = quality.ask_again(official, issue, expected_round=1, reason="", now=NOW)
    # NOW is a Sunday.
    assert (issue.state, issue.due_on.isoformat()) == (IssueState.ASKED, "2026-11-25")
    estimate(official, issue)
    issue.refresh_from_db()
    assert (issue.state, issue.due_on) == (IssueState.ESTIMATED, None)


def test_keepers_of_the_meter_are_told_once_that_readings_are_asked_for(side):
    manager = actor(side.staff[Role.PARK_ENERGY_MANAGER])
    with park_scope(side.park.pk):
        channel = measured.channel(measured.meter(side.park, side.firm.enterprise, name="Furnace"), interval_minutes=60)
        issue = with_gap(channel, [5, 6])
    with open_scope(manager.scope):
        quality.ask_again(manager, issue, expected_round=1, reason="Send the file of noon", now=NOW)
    for _run in range(2):
        tell_of_question.run(park_id=side.park.pk, reading_issue_id=str(issue.pk))
    (mail,) = OutgoingMail.objects.filter(kind="energy.own_readings_asked")
    assert mail.address == side.firm.people[Role.ENERGY_MANAGER].user.email
    assert "Furnace" in mail.subject
    for told in ("2026-10-22", "2026-11-25", "Send the file of noon"):
        assert told in mail.text


def test_earlier_act_is_not_undone_before_a_later_one(official, channel):
    issue = quality.ask_again(official, with_gap(channel, [5, 6]), expected_round=1, reason="", now=NOW)
    first = ReadingAct.objects.get()
    issue = estimate(official, issue, now=LATER)
    with pytest.raises(NothingToUndo):
        quality.undo_act(official, first, expected_round=issue.round, now=LATER)
    undo(official, issue)
    issue.refresh_from_db()
    act = ReadingAct.objects.latest("at")
    with pytest.raises(NothingToUndo):
        quality.undo_act(official, act, expected_round=issue.round, now=LATER)


@pytest.mark.parametrize("values", [{}, {7: 1.0}, {5: float("nan")}, {5: 1e12}])
def test_impossible_edit_is_refused(official, channel, values):
    issue = with_gap(channel, [5, 6])
    with pytest.raises(ImpossibleValue):
        quality.edit_issue(official, issue, expected_round=1, values=values, reason="x", now=NOW)


def test_old_page_decides_nothing(official, channel):
    issue = with_gap(channel, [5, 6])
    quality.accept_issue(official, issue, expected_round=1, reason="", now=NOW)
    for act in (
        lambda: quality.accept_issue(official, issue, expected_round=1, reason="", now=NOW),
        lambda: quality.ask_again(official, issue, expected_round=2, reason="", now=NOW),
        lambda: estimate(official, issue),
    ):
        with pytest.raises(quality.IssueChanged):
            act()
    assert kept(channel)[1][5] == MISSING


def test_act_is_in_the_trail_and_cannot_be_rewritten(official, channel):
    issue = estimate(official, with_gap(channel, [5, 6]))
    act = ReadingAct.objects.get(issue=issue)
    (event,) = AuditEvent.objects.filter(table_name="energy_readingact")
    assert (event.after["before"], event.after["after"], event.user_name) == ([None, None], [12.1, 12.5], "")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReadingAct.objects.filter(pk=act.pk).update(before=[1.0, 2.0])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM energy_readingact")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PARK_ADMINISTRATOR])
def test_others_of_the_park_decide_nothing(official, channel, role):
    other = replace(official, roles=frozenset({role}))
    issue = with_gap(channel, [5, 6])
    with pytest.raises(PermissionDenied):
        quality.accept_issue(other, issue, expected_round=1, reason="", now=NOW)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_at_once_one_decides_and_the_other_is_told():
    park = ParkFactory(time_zone="Asia/Shanghai")
    people = [actor(person(Role.PARK_ENERGY_MANAGER, park)) for _each in range(2)]
    with park_scope(park.pk):
        channel = meter_with_channel(park, interval_minutes=60)
        issue = with_gap(channel, [5, 6])
    told: list[str] = []
    start = Barrier(2)

    def decide(who, values):
        try:
            start.wait()
            with open_scope(who.scope):
                quality.edit_issue(who, issue, expected_round=1, values=values, reason="dial", now=NOW)
            told.append("decided")
        except quality.IssueChanged as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [
        Thread(target=decide, args=(who, {5: value, 6: value})) for who, value in zip(people, (1.0, 2.0), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["decided", "issue_changed"]
    with park_scope(park.pk):
        (act,) = ReadingAct.objects.all()
        assert kept(channel)[0][5:7] == act.after
        assert IntervalBlockRevision.objects.count() == 1


def test_act_that_was_undone_stays_so_whatever_code_writes_it(official, channel):
    undo(official, estimate(official, with_gap(channel, [5, 6])))
    with pytest.raises(DatabaseError, match="undone once"), transaction.atomic():
        ReadingAct.objects.update(undone_at=None, undone_by=None, undone_by_name="")
