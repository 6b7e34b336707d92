"""Whatever the order of the files of a register, and however they are cut: held is what the dial says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy.models import IntervalBlock, MonthTotal, RegisterDay
from lib.identifiers import uuid7
from tests.energy.cases import bring_in
from tests.factories.metering import feed_of, meter_with_channel

HOURS = 60
BEGIN = datetime.fromisoformat("2026-03-30 12:00")
WRONG = st.sampled_from([0, 1, 50, 5000])


@st.composite
def dials(draw):
    """The states of a dial at some hours across a month end, those that are wrong, and how files bring them.

    Each file is a list of (hour, state); the last of the files that tell an hour tells it right.
    """
    hours = sorted(draw(st.sets(st.integers(0, HOURS), min_size=1, max_size=14)))
    uses = draw(st.lists(st.integers(0, 40), min_size=len(hours), max_size=len(hours)))
    true = dict(zip(hours, accumulate(uses, initial=100), strict=False))
    faulty = draw(st.dictionaries(st.sampled_from(hours), WRONG, max_size=2))
    told = true | faulty
    order = draw(st.permutations(hours))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=4)) | {0, len(order)})
    files = [[(hour, told[hour]) for hour in order[start:end]] for start, end in pairwise(cuts)]
    before = draw(st.lists(st.tuples(st.sampled_from(hours), WRONG), max_size=3, unique_by=lambda each: each[0]))
    return true, told, [file for file in [before, *files] if file]


def written(serial, file):
    lines = [f"{serial},{BEGIN + timedelta(hours=hour):%Y-%m-%d %H:%M},{state}" for hour, state in file]
    return "\n".join(["meter,time,value", *lines, ""])


def store_of(channel):
    """All that is held, but for days of which nothing is known (any more)."""
    blocks = IntervalBlock.objects.filter(channel=channel).order_by("day")
    return (
        [
            (block.day, block.values, bytes(block.flags), block.total, block.peak, block.measured_count)
            for block in blocks
            if block.present_count
        ],
        list(
            MonthTotal.objects.filter(channel=channel, present_count__gt=0)
            .order_by("month")
            .values_list("month", "total", "peak", "present_count", "measured_count")
        ),
        list(RegisterDay.objects.filter(channel=channel).order_by("day").values_list("day", "states")),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=dials(), limit=st.sampled_from([None, 1000]))
def test_any_order_of_files_holds_what_the_dial_says(park, case, limit):
    true, told, files = case
    mark = uuid7().hex
    facts = {"interval_minutes": 60, "kind": "register", "dial_limit": limit}
    at_once, in_parts = (meter_with_channel(park, name + mark, **facts) for name in "AB")
    feed = feed_of(park, name=mark)

    bring_in(feed, written("A" + mark, sorted(told.items())))
    for file in files:
        row = bring_in(feed, written("B" + mark, file), again=True)
        assert row.readings_read == len(file)
        assert row.readings_stored + row.readings_unchanged + row.readings_rejected == len(file)

    assert store_of(in_parts) == store_of(at_once)
    if true == told:
        states = [true[hour] for hour in sorted(true)]
        sums = [block.total for block in IntervalBlock.objects.filter(channel=in_parts, present_count__gt=0)]
        assert round(sum(sums), 6) == states[-1] - states[0]
    before = store_of(in_parts)
    last = bring_in(feed, written("B" + mark, files[-1]), again=True)
    assert (last.readings_stored, store_of(in_parts)) == (0, before)
