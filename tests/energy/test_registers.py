from __future__ import annotations

from datetime import UTC, datetime

from energy.calculations import flags
from energy.models import IntervalBlock, RegisterState
from tests.energy.cases import bring_in, counts, held, rejected
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value\n"


def states(*told):
    return HEAD + "".join(f"M1,2026-03-02 {hour:02}:00,{state}\n" for hour, state in told)


def register(park, **facts):
    return meter_with_channel(park, interval_minutes=60, kind="register", **facts)


def test_differences_of_states_are_exact(park):
    channel = register(park, multiplier=40)

    row = bring_in(feed_of(park), states((0, "99999.70"), (1, "99999.80"), (2, "100000.10")))

    # (99999.80 - 99999.70) * 40 = 4, (100000.10 - 99999.80) * 40 = 12; the first state of a used meter gives nothing.
    assert counts(row) == (3, 3, 0, 0)
    assert held(channel) == {"2026-03-02": [4.0, 12.0] + [None] * 22}
    assert bytes(IntervalBlock.objects.get().flags)[:3] == bytes([flags.MEASURED, flags.MEASURED, flags.MISSING])


def test_dial_rolls_over(park):
    channel = register(park, dial_limit=1000)

    bring_in(feed_of(park), states((0, "998.5"), (1, "1.25"), (2, "3")))

    assert held(channel)["2026-03-02"][:3] == [2.75, 1.75, None]


def test_register_that_was_set_back_begins_anew(park):
    channel = register(park, dial_limit=1000)

    row = bring_in(feed_of(park), states((0, "500"), (1, "501"), (2, "20"), (3, "22")))

    assert held(channel)["2026-03-02"][:4] == [1.0, None, 2.0, None]
    assert rejected(row) == [(4, 3, "register_reset", 1, "20")]
    assert counts(row) == (4, 3, 0, 1)


def test_use_of_an_outage_is_spread_and_marked(park):
    channel = register(park)

    bring_in(feed_of(park), states((0, "10"), (1, "11"), (4, "21"), (5, "22")))

    # 10 kWh over three hours: 3.333333333 twice, and what is left in the third.
    assert held(channel)["2026-03-02"][:6] == [1.0, 3.333333333, 3.333333333, 3.333333334, 1.0, None]
    marks = [flags.MEASURED, flags.ESTIMATED, flags.ESTIMATED, flags.ESTIMATED, flags.MEASURED, flags.MISSING]
    assert list(bytes(IntervalBlock.objects.get().flags)[:6]) == marks


def test_next_file_goes_on_from_the_last_state(park):
    channel = register(park)
    feed = feed_of(park)
    bring_in(feed, states((0, "10"), (1, "11")))

    row = bring_in(feed, states((2, "13"), (3, "16")))

    assert counts(row) == (2, 2, 0, 0)
    assert held(channel)["2026-03-02"][:4] == [1.0, 2.0, 3.0, None]
    last = RegisterState.objects.get()
    assert (last.at, last.state) == (datetime(2026, 3, 1, 19, tzinfo=UTC), 16.0)


def test_same_states_again_change_nothing(park):
    register(park)
    feed = feed_of(park)
    bring_in(feed, states((0, "10"), (1, "11"), (3, "12")))
    before = list(IntervalBlock.objects.values()), list(RegisterState.objects.values())

    row = bring_in(feed, states((0, "10"), (1, "11"), (3, "12")), again=True)

    assert counts(row) == (3, 0, 3, 0)
    assert (list(IntervalBlock.objects.values()), list(RegisterState.objects.values())) == before


def test_of_two_states_at_one_time_the_last_stands(park):
    channel = register(park)

    row = bring_in(feed_of(park), states((0, "10"), (1, "99"), (1, "11"), (1, "11")))

    assert held(channel)["2026-03-02"][:2] == [1.0, None]
    assert rejected(row) == [(3, 3, "duplicate", 1, "99")]
    assert counts(row) == (4, 2, 1, 1)
