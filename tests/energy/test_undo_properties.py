"""Files, corrections, acts and undoings in any order: what is held is what there would be without the undone files."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy.choices import IssueState, QualityRule, Severity
from energy.models import IntervalBlock, MonthTotal, ReadingIssue, RegisterDay
from energy.services import quality
from lib.identifiers import uuid7
from tests.energy.cases import NOW, bring_in
from tests.energy.test_undo import HEAD, undo
from tests.factories.metering import feed_of, meter_with_channel

DAY = date(2026, 3, 2)
PLACES = list(range(4))
READINGS = st.lists(
    st.tuples(st.sampled_from("AR"), st.integers(0, 1), st.sampled_from(PLACES), st.integers(1, 6)),
    min_size=1,
    max_size=6,
    unique_by=lambda told: told[:3],
)
ACTS = st.dictionaries(st.sampled_from(PLACES), st.integers(11, 13), min_size=1, max_size=2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), READINGS),
        st.tuples(st.just("act"), ACTS),
        st.tuples(st.just("undo"), st.integers(0, 7)),
    ),
    min_size=2,
    max_size=9,
)


class Scene:
    """A meter read by the interval and a dial, and what files and people say of both."""

    def __init__(self, park, official):
        self.official = official
        self.names = {name: f"{name}{uuid7().hex}" for name in "AR"}
        self.value = meter_with_channel(park, self.names["A"], interval_minutes=60)
        self.dial = meter_with_channel(park, self.names["R"], interval_minutes=60, kind="register")
        self.feed = feed_of(park, name=uuid7().hex)
        self.park = park
        self.files = []

    def bring(self, readings):
        at = "".join(
            f"{self.names[name]},{DAY + timedelta(days=day)} {place:02}:00,{value}\n"
            for name, day, place, value in readings
        )
        self.files.append(bring_in(self.feed, HEAD + at, again=True))

    def edit(self, values):
        """By hand, through an issue of its own."""
        issue = ReadingIssue.objects.filter(channel=self.value, day=DAY, rule=QualityRule.SUSPECT).first()
        if issue is None:
            issue = ReadingIssue.objects.create(
                park=self.park, channel=self.value, day=DAY, rule=QualityRule.SUSPECT, severity=Severity.NOTICE,
                places=PLACES, fingerprint="x",
            )  # fmt: skip
        ReadingIssue.objects.filter(pk=issue.pk).update(state=IssueState.OPEN, places=PLACES)
        issue.refresh_from_db()
        given = {place: float(value) for place, value in values.items()}
        quality.edit_issue(
            self.official, issue, expected_round=issue.round, values=given, reason="seen", now=NOW
        )  # fmt: skip

    def held(self):
        """All that is kept of both, but for who changed it last and how often."""
        blocks = {
            (name, block.day): (block.values, bytes(block.flags), block.total, block.peak, block.measured_count)
            for name, channel in (("A", self.value), ("R", self.dial))
            for block in IntervalBlock.objects.filter(channel=channel, present_count__gt=0)
        }
        months = {
            (name, month.month): (month.total, month.peak, month.present_count, month.measured_count)
            for name, channel in (("A", self.value), ("R", self.dial))
            for month in MonthTotal.objects.filter(channel=channel, present_count__gt=0)
        }
        states = {row.day: (row.states, bytes(row.flags)) for row in RegisterDay.objects.filter(channel=self.dial)}
        return blocks, months, states


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_left_is_what_was_never_undone(park, official, steps):
    told, fallen = [step for step in steps if step[0] != "undo"], set()
    real = Scene(park, official)
    for kind, given_ in steps:
        if kind == "file":
            real.bring(given_)
        elif kind == "act":
            real.edit(given_)
        elif real.files and given_ % len(real.files) not in fallen:
            fallen.add(given_ % len(real.files))
            undo(official, real.files[given_ % len(real.files)])

    other, number = Scene(park, official), -1
    for kind, given_ in told:
        if kind == "act":
            other.edit(given_)
            continue
        number += 1
        if number not in fallen:
            other.bring(given_)

    assert real.held() == other.held()
