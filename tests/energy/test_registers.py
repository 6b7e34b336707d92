from __future__ import annotations

from datetime import date

from energy.calculations import flags
from energy.models import Channel, IntervalBlock, IntervalBlockRevision, MonthTotal, RegisterDay
from tests.energy.cases import bring_in, counts, held, rejected
from tests.factories.metering import feed_of, meter_with_channel

HEAD = "meter,time,value\n"


def states(*told, day=2):
    return HEAD + "".join(f"M1,2026-03-{day:02} {hour:02}:00,{state}\n" for hour, state in told)


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
    kept = RegisterDay.objects.get()
    assert (kept.day, kept.states, bytes(kept.flags)) == (
        date(2026, 3, 2),
        [10.0, 11.0, 13.0, 16.0] + [None] * 20,
        bytes([flags.MEASURED] * 4 + [flags.MISSING] * 20),
    )


def test_same_states_again_change_nothing(park):
    register(park)
    feed = feed_of(park)
    bring_in(feed, states((0, "10"), (1, "11"), (3, "12")))
    before = list(IntervalBlock.objects.values()), list(RegisterDay.objects.values())

    row = bring_in(feed, states((0, "10"), (1, "11"), (3, "12")), again=True)

    assert counts(row) == (3, 0, 3, 0)
    assert (list(IntervalBlock.objects.values()), list(RegisterDay.objects.values())) == before


def test_of_two_states_at_one_time_the_last_stands(park):
    channel = register(park)

    row = bring_in(feed_of(park), states((0, "10"), (1, "99"), (1, "11"), (1, "11")))

    assert held(channel)["2026-03-02"][:2] == [1.0, None]
    assert rejected(row) == [(3, 3, "duplicate", 1, "99")]
    assert counts(row) == (4, 2, 1, 1)


def test_late_day_closes_the_gap_that_was_spread(park):
    channel = register(park)
    feed = feed_of(park)
    every_hour = {day: [(hour, 100 * (24 * day + hour)) for hour in range(24)] for day in (1, 2, 3)}
    bring_in(feed, states(*every_hour[1], day=1))
    bring_in(feed, states(*every_hour[3], day=3))

    row = bring_in(feed, states(*every_hour[2], day=2))

    # 100 kWh an hour from the first state, 2,400, to the last, 9,500: 71 intervals, each measured.
    assert counts(row) == (24, 24, 0, 0)
    days = {block.day.day: (block.total, block.measured_count) for block in IntervalBlock.objects.all()}
    assert days == {1: (2400.0, 24), 2: (2400.0, 24), 3: (2300.0, 23)}
    assert MonthTotal.objects.get().total == 7100.0
    assert held(channel)["2026-03-02"] == [100.0] * 24


def test_corrected_state_changes_the_uses_on_both_sides(park):
    channel = register(park)
    feed = feed_of(park)
    bring_in(feed, states((0, "100"), (1, "110")))
    bring_in(feed, states((2, "130")))

    row = bring_in(feed, states((1, "119")))

    assert counts(row) == (1, 1, 0, 0)
    assert held(channel)["2026-03-02"][:3] == [19.0, 11.0, None]
    assert IntervalBlockRevision.objects.filter(replaced_by_import_id=row.pk).count() == 1


def test_wrong_zero_is_left_out_also_where_the_next_state_comes_later(park):
    channel = register(park, dial_limit=1_000_000)
    feed = feed_of(park)

    first = bring_in(feed, states((0, "700000"), (1, "0")))
    assert (counts(first), held(channel)) == ((2, 1, 0, 1), {})
    row = bring_in(feed, states((2, "700001"), (3, "700003")))

    # The one kilowatt-hour from 0:00 to 2:00 over two intervals, then two in one.
    assert counts(row) == (2, 2, 0, 0)
    assert held(channel)["2026-03-02"][:4] == [0.5, 0.5, 2.0, None]
    marks = [flags.ESTIMATED, flags.ESTIMATED, flags.MEASURED, flags.MISSING]
    assert list(bytes(IntervalBlock.objects.get().flags)[:4]) == marks
    assert rejected(first) == [(3, 3, "register_reset", 1, "0")]


def test_exchanged_meter_is_no_rollover(park):
    channel = register(park, dial_limit=1_000_000)

    row = bring_in(feed_of(park), states((0, "700000"), (1, "3"), (2, "5")))

    # A rollover would have been a use of 300,003 kWh within an hour.
    assert rejected(row) == [(3, 3, "register_reset", 1, "3")]
    assert held(channel)["2026-03-02"][:3] == [None, 2.0, None]


def test_rollover_beyond_the_rated_power_is_none(park):
    channel = register(park, dial_limit=1000, rated_power_kw=50)

    row = bring_in(feed_of(park), states((0, "960"), (1, "9.5"), (2, "12")))

    # 49.5 kWh within an hour are less than 50 kW; as the next file says, 60 kWh are more.
    assert (counts(row), held(channel)["2026-03-02"][:2]) == ((3, 3, 0, 0), [49.5, 2.5])
    assert rejected(bring_in(feed_of(park, name="Other"), states((1, "20"), (2, "21")))) == [
        (2, 3, "register_reset", 1, "20")
    ]
    assert held(channel)["2026-03-02"][:3] == [None, 1.0, None]


def test_state_of_the_future_moves_no_dial(park):
    channel = register(park)
    feed = feed_of(park)
    row = bring_in(feed, HEAD + "M1,2026-03-02 00:00,10\nM1,2027-03-02 00:00,99\n")
    assert (counts(row), row.rejected_by_rule) == ((2, 1, 0, 1), {"future": 1})

    bring_in(feed, states((1, "11")))

    assert held(channel) == {"2026-03-02": [1.0] + [None] * 23}


def test_multiplier_that_was_wrong_is_mended_by_the_same_file_again(park):
    channel = register(park, multiplier=10)
    feed = feed_of(park)
    content = states((0, "10"), (1, "11"), (2, "13"))
    bring_in(feed, content)
    Channel.objects.filter(pk=channel.pk).update(multiplier=80)

    row = bring_in(feed, content, again=True)

    assert counts(row) == (3, 2, 1, 0)
    assert held(channel)["2026-03-02"][:3] == [80.0, 160.0, None]
