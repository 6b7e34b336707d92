"""What the rules find in stored readings, and that finding it again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from energy.choices import QualityRule, Severity
from energy.models import IntervalBlock, ReadingIssue, RuleSetting
from energy.services import quality
from energy.tasks import check_readings
from tests.energy.cases import NOW, bring_in
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.quality import FIRST, check, issues, usual, usual_days, with_changes

DAY = FIRST + timedelta(days=10)


@pytest.fixture
def channel(park):
    return meter_with_channel(park, interval_minutes=60, rated_power_kw=Decimal(100))


def test_each_rule_finds_its_fault(channel):
    found = {
        DAY: with_changes(DAY, {5: None, 6: None}),
        DAY + timedelta(days=1): with_changes(DAY + timedelta(days=1), {8: 100.5, 9: -2.0}),
        DAY + timedelta(days=2): with_changes(DAY + timedelta(days=2), dict.fromkeys(range(3, 7), 7.25)),
        DAY + timedelta(days=4): with_changes(DAY + timedelta(days=4), dict.fromkeys(range(10, 14), 0.0)),
    }
    usual_days(channel, 16, changed=found)
    check(channel, *found)
    assert issues(channel) == [
        ("2026-10-22", "missing", [5, 6], "open"),
        ("2026-10-23", "negative", [9], "open"),
        ("2026-10-23", "over_capacity", [8], "open"),
        ("2026-10-23", "spike", [8], "open"),
        ("2026-10-24", "frozen", [3, 4, 5, 6], "open"),
        ("2026-10-26", "zero", [10, 11, 12, 13], "open"),
    ]


def test_days_in_order_have_no_issue(channel):
    usual_days(channel, 30)
    check(channel, *(FIRST + timedelta(days=step) for step in range(30)))
    assert issues(channel) == []


def test_second_look_changes_nothing(channel):
    usual_days(channel, 14, changed={DAY: with_changes(DAY, {5: None, 12: 60.0, 13: 58.0})})
    check(channel, DAY)
    first = list(ReadingIssue.objects.order_by("pk").values())
    assert {row["rule"] for row in first} == {"missing", "spike"}
    check(channel, DAY, now=NOW + timedelta(days=1))
    assert list(ReadingIssue.objects.order_by("pk").values()) == first


def test_day_without_anything_between_two_files_is_missing(channel):
    gone = {DAY + timedelta(days=step): None for step in (1, 2)}
    usual_days(channel, 14, changed=gone)
    check(channel, DAY + timedelta(days=3))
    assert [(day, rule, len(places)) for day, rule, places, _state in issues(channel)] == [
        ("2026-10-23", "missing", 24),
        ("2026-10-24", "missing", 24),
    ]


def test_day_that_is_not_over_misses_nothing(channel):
    today = date(2026, 11, 22)
    usual_days(channel, 1, first=today, changed={today: [*usual(today)[:12], *[None] * 12]})
    check(channel, today)
    assert [issue for issue in issues(channel) if issue[0] == today.isoformat()] == []
    check(channel, today, now=NOW + timedelta(days=1))
    assert ("2026-11-22", "missing", list(range(12, 24)), "open") in issues(channel)


def test_days_out_of_service_miss_nothing(park):
    channel = meter_with_channel(park, interval_minutes=60, starts_on=DAY)
    usual_days(channel, 1, first=DAY)
    check(channel, DAY)
    assert issues(channel) == []


def test_issue_is_settled_when_the_readings_come(park, channel):
    usual_days(channel, 14, changed={DAY: with_changes(DAY, {5: None})})
    check(channel, DAY)
    bring_in(feed_of(park), f"meter,time,value\nM1,{DAY} 05:00,12.3\n")
    check(channel, DAY)
    assert issues(channel) == [("2026-10-22", "missing", [5], "resolved")]


def test_rule_that_is_off_or_wider_finds_less(channel, official):
    usual_days(channel, 14, changed={DAY: with_changes(DAY, {5: None, 12: 60.0})})
    settings = dict(quality.rules_of(channel))
    settings[QualityRule.MISSING] = RuleSetting(True, Severity.WARNING, 60, "min")
    settings[QualityRule.SPIKE] = RuleSetting(False, Severity.WARNING, 180, "%")
    quality.write_rules(official, channel, settings=settings)
    check(channel, DAY)
    assert issues(channel) == []
    assert quality.rules_of(channel) == settings


def test_file_is_looked_at_when_it_is_in(park, channel):
    """Five hours are missing of its second day; a task of it that comes twice changes nothing."""
    rows = [
        f"M1,{day} {hour:02}:00,{usual(day)[hour]}"
        for day in (DAY, DAY + timedelta(days=1))
        for hour in range(24)
        if not (day > DAY and 3 <= hour < 8)
    ]
    taken = bring_in(feed_of(park), "\n".join(["meter,time,value", *rows, ""]))
    blocks = list(IntervalBlock.objects.values())
    for _run in range(2):
        check_readings.run(park_id=park.pk, reading_import_id=str(taken.pk))
        assert [issue for issue in issues(channel) if issue[0] >= DAY.isoformat()] == [
            ("2026-10-23", "missing", [3, 4, 5, 6, 7], "open")
        ]
    assert list(IntervalBlock.objects.values()) == blocks
    assert {row.round for row in ReadingIssue.objects.all()} == {1}
