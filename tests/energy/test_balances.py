"""Sums of sub-meters against their head meter, and registers against the intervals beside them, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.clock import EPOCH
from energy.choices import ChannelKind, QualityRule, Severity
from energy.models import ReadingIssue, RegisterDay, RuleSetting
from energy.services import quality
from energy.services.hierarchy import place_meter
from energy.services.meters import retire_meter
from energy.tasks import follow_readings
from lib.identifiers import uuid7
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, open_scope, park_scope, platform_scope
from tests.clients import actor
from tests.energy.cases import NOW
from tests.factories.measured import ESTIMATED, MEASURED, channel, day_of, meter
from tests.factories.quality import FIRST, check

pytestmark = pytest.mark.django_db
DAY = FIRST + timedelta(days=3)


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def head(side):
    with park_scope(side.park.pk):
        return channel(meter(side.park, name="Head", serial="P-110"), interval_minutes=60)


def below(side, manager, head, enterprise=None, **facts):
    with park_scope(side.park.pk):
        own = channel(meter(side.park, enterprise, name="Below"), interval_minutes=60, **facts)
    with open_scope(manager.scope):
        place_meter(manager, own.meter, head=head.meter, starts_on=FIRST, now=NOW)
    return own


def read(of, total, day=DAY, count=24, flags=None):
    day_of(of, day, [total / count] * count + [None] * (24 - count), flags)


def look(side, *channels, day=DAY, now=NOW):
    number = (day - EPOCH).days
    quality.check_balances(side.park, {each.pk: (number, number) for each in channels}, now=now)


def found(rule=None):
    rows = ReadingIssue.objects.exclude(fingerprint="x").order_by("day", "rule")
    rows = rows.filter(rule=rule) if rule else rows
    return [(row.channel.meter.name, row.day.isoformat(), row.rule, row.state) for row in rows]


@pytest.mark.parametrize(
    ("totals", "rule"),
    [
        ((60.0, 32.0), None),
        ((60.0, 31.9), "sub_losses"),
        ((60.0, 41.0), None),
        ((60.0, 41.1), "sub_surplus"),
    ],
)
def test_sum_of_a_day_is_held_against_the_head(side, manager, head, totals, rule):
    """100 kWh pass the head. Up to 8 % of it may be lost, and those below may count 1 % more."""
    subs = [below(side, manager, head) for _total in totals]
    with park_scope(side.park.pk):
        read(head, 100.0)
        for sub, total in zip(subs, totals, strict=True):
            read(sub, total)
        look(side, subs[0])
        assert found() == ([("Head", DAY.isoformat(), rule, "open")] if rule else [])


def test_nothing_passes_a_head_that_counts_nothing(side, manager, head):
    sub = below(side, manager, head)
    with park_scope(side.park.pk):
        read(head, 0.0)
        read(sub, 5.0)
        look(side, head)
        assert found() == [("Head", DAY.isoformat(), "sub_surplus", "open")]


def test_day_that_is_not_complete_says_nothing(side, manager, head):
    one, other = below(side, manager, head), below(side, manager, head)
    with park_scope(side.park.pk):
        read(head, 100.0)
        read(one, 50.0)
        look(side, one)
        assert found() == []
        read(other, 20.0, count=23)
        look(side, other)
        assert found() == []
        estimated = DAY + timedelta(days=1)
        read(head, 100.0, estimated)
        read(one, 50.0, estimated)
        read(other, 20.0, estimated, flags=[ESTIMATED] * 2 + [MEASURED] * 22)
        look(side, other, day=estimated)
        assert found() == []


def test_meter_out_of_service_does_not_silence_its_head(side, manager, head):
    one, gone = below(side, manager, head), below(side, manager, head)
    with open_scope(manager.scope):
        retire_meter(manager, gone.meter, ends_on=DAY, today=NOW.date())
    with park_scope(side.park.pk):
        read(head, 100.0)
        read(one, 50.0)
        look(side, one)
        assert found() == [("Head", DAY.isoformat(), "sub_losses", "open")]


def test_day_that_is_not_over_says_nothing(side, manager, head):
    sub, today = below(side, manager, head), date(2026, 11, 22)
    with park_scope(side.park.pk):
        read(head, 100.0, today)
        read(sub, 10.0, today)
        look(side, sub, day=today)
        assert found() == []
        look(side, sub, day=today, now=NOW + timedelta(days=1))
        assert [row[2] for row in found()] == ["sub_losses"]


def test_second_look_changes_nothing_and_new_readings_settle_it(side, manager, head):
    sub = below(side, manager, head)
    with park_scope(side.park.pk):
        read(head, 100.0)
        read(sub, 50.0)
        look(side, sub)
        before = list(ReadingIssue.objects.order_by("pk").values())
        look(side, head, now=NOW + timedelta(hours=1))
        assert list(ReadingIssue.objects.order_by("pk").values()) == before
        check(head, DAY)
        assert found("sub_losses") == [("Head", DAY.isoformat(), "sub_losses", "open")]
        sub.meter.placements.update(ends_on=FIRST)
        look(side, sub)
        look(side, head)
        assert found("sub_losses") == [("Head", DAY.isoformat(), "sub_losses", "open")]


def test_thresholds_are_those_of_the_head_channel(side, manager, head):
    sub = below(side, manager, head)
    with open_scope(manager.scope):
        settings = dict(quality.rules_of(head))
        settings[QualityRule.SUB_LOSSES] = RuleSetting(True, Severity.CRITICAL, 30, "%")
        quality.write_rules(manager, head, settings=settings)
        for step, lost in enumerate((29.0, 31.0)):
            read(head, 100.0, DAY + timedelta(days=step))
            read(sub, 100.0 - lost, DAY + timedelta(days=step))
            look(side, sub, day=DAY + timedelta(days=step))
        assert [(row.day, row.severity) for row in ReadingIssue.objects.filter(rule="sub_losses")] == [
            (DAY + timedelta(days=1), "critical")
        ]


def test_issue_on_meters_of_several_is_the_parks(side, manager):
    """The head meter is an enterprise's; a tenant's meter hangs below it, of which it learns nothing."""
    firm = side.firm.enterprise
    with park_scope(side.park.pk):
        head = channel(meter(side.park, firm, name="Own head"), interval_minutes=60)
    own, of_other = below(side, manager, head, firm), below(side, manager, head, side.neighbour.enterprise)
    with park_scope(side.park.pk):
        for of, total in ((head, 100.0), (own, 30.0), (of_other, 30.0)):
            read(of, total)
        look(side, own)
        assert [row[2] for row in found()] == ["sub_losses"]
    with enterprise_scope(side.park.pk, firm.pk):
        assert not ReadingIssue.objects.filter(rule="sub_losses").exists()


def test_issue_that_comes_to_tell_of_others_becomes_the_parks(side, manager):
    firm = side.firm.enterprise
    with park_scope(side.park.pk):
        head = channel(meter(side.park, firm, name="Own head"), interval_minutes=60)
    own = below(side, manager, head, firm)
    with park_scope(side.park.pk):
        read(head, 100.0)
        read(own, 30.0)
        look(side, own)
    with enterprise_scope(side.park.pk, firm.pk):
        assert found("sub_losses")

    of_other = below(side, manager, head, side.neighbour.enterprise)
    with park_scope(side.park.pk):
        read(of_other, 30.0)
        look(side, own)
        assert [row[2:] for row in found()] == [("sub_losses", "open")]
    with enterprise_scope(side.park.pk, firm.pk):
        assert not found("sub_losses")


def test_readings_that_others_hang_on_are_announced_and_followed(side, manager, head):
    sub = below(side, manager, head)
    with park_scope(side.park.pk):
        alone = channel(meter(side.park, name="Alone"), interval_minutes=60)
        for of, total in ((head, 100.0), (sub, 50.0), (alone, 1.0)):
            read(of, total)
        check(alone, DAY)
        check(sub, DAY)
    with platform_scope():
        told = [row.payload for row in OutboxEvent.objects.filter(name="energy.readings_looked_at")]
    number = (DAY - EPOCH).days
    assert [row["spans"] for row in told] == [{str(sub.pk): [number, number]}]
    with park_scope(side.park.pk):
        follow_readings.run(park_id=side.park.pk, spans=told[0]["spans"])
        assert [row[2] for row in found("sub_losses")] == ["sub_losses"]


# Registers


def register(side, of, states, multiplier=1, code="R", **facts):
    with park_scope(side.park.pk):
        told = channel(of.meter, code=code, kind=ChannelKind.REGISTER, multiplier=Decimal(multiplier), **facts)
        for step, state in enumerate(states):
            RegisterDay.objects.create(
                park=side.park,
                channel=told,
                day=DAY + timedelta(days=step),
                states=[state] + [None] * 95,
                import_id=uuid7(),
                flags=bytes([1] + [0] * 95),
            )
    return told


@pytest.mark.parametrize(
    ("states", "multiplier", "total", "is_found"),
    [
        ((1000.5, 1010.5), 80, 800.0, False),
        ((1000.5, 1010.5), 80, 791.9, True),
        ((1000.0, 1010.0), 80, 780.0, False),
        ((1000.0, 1010.0), 80, 719.0, True),
        ((995.25, 5.25), 1, 10.0, False),
        ((995.25, 5.25), 1, 10.2, True),
        ((1010.5, 1000.5), 1, 10.0, False),
        ((1000.0, 1000.0), 80, 800.0, True),
        ((1000.0, 1000.0), 80, 79.0, False),
        ((1000.5, 1000.5), 80, 0.0, False),
    ],
)
def test_register_is_held_against_the_intervals(side, head, states, multiplier, total, is_found):
    """(1010.5 - 1000.5) × 80 = 800 kWh; 791.9 is 1.01 % less. A dial of whole units may be off by one of them, 80 kWh.
    One of 1,000 rolls over from 995.25 to 5.25: 10 kWh. Of one that went back nothing is said. One that stands still
    while more passes than it can be off by has stopped."""
    register(side, head, states, multiplier, dial_limit=Decimal(1000) if multiplier == 1 and states[0] < 1000 else None)
    with park_scope(side.park.pk):
        read(head, total)
        look(side, head)
        assert [row[2] for row in found()] == (["register_gap"] if is_found else [])


def test_registers_that_share_a_flow_are_not_held_against_all_of_it(side, head):
    """The hours of a tariff are counted by a register each: 4 kWh and 6 kWh of the 10 kWh of the intervals."""
    for code, used in (("1.8.1", 4.0), ("1.8.2", 6.0)):
        register(side, head, (1000.5, 1000.5 + used), code=code)
    with park_scope(side.park.pk):
        read(head, 10.0)
        look(side, head)
        assert found() == []


# The page


def test_page_shows_the_arithmetic_and_offers_no_estimate(side, manager, head, client_of):
    sub = below(side, manager, head)
    with park_scope(side.park.pk):
        read(head, 100.0)
        read(sub, 87.5)
        look(side, sub)
        issue = ReadingIssue.objects.get(rule="sub_losses")
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    shown = client.get(f"/readings/issues/{issue.pk}/")
    for words in ("87.50", "12.50", "P-110", "High losses to the sub-meters"):
        assertContains(shown, words)
    assertNotContains(shown, f"/readings/issues/{issue.pk}/estimate/")
    assertContains(client.get("/readings/issues/"), "whole day")
    with open_scope(manager.scope), pytest.raises(quality.acts.OfWholeDay):
        quality.edit_issue(manager, issue, expected_round=1, values={0: 1.0}, reason="-", now=NOW)
    with open_scope(manager.scope), pytest.raises(quality.acts.OfWholeDay):
        quality.estimate_issue(manager, issue, expected_round=1, total=None, reason="-", now=NOW)
    accepted = client.post(f"/readings/issues/{issue.pk}/accept/", {"round": 1, "reason": "Known losses"})
    assert accepted.status_code == 302
