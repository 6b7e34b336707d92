"""Virtual channels: formulas over other channels, worked out day by day, as good as the worst that they hang on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from energy.calculations.clock import EPOCH
from energy.calculations.virtual import WORSE, coarser, worked_out, worst
from energy.choices import ChannelKind, Flow
from energy.models import Channel, ChannelFormula, IntervalBlock, MonthTotal
from energy.queries import use
from energy.services import meters, virtual
from energy.services.virtual import UnreadableFormula
from energy.tasks import follow_readings, work_out_channel, work_out_days
from enterprises.models import DeclaredInterest
from enterprises.services.ground import NotImpartial
from lib.formulas import read_formula
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import open_scope, park_scope, platform_scope
from tests.clients import actor
from tests.energy.cases import NOW, bring_in, counts
from tests.factories.measured import ESTIMATED, MEASURED, MISSING, channel, day_of, meter
from tests.factories.metering import feed_of
from tests.factories.quality import check

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 15)
NUMBER = (DAY - EPOCH).days
EDITED = 3


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side):
    return actor(side.firm.people[Role.ENERGY_MANAGER])


@pytest.fixture
def inputs(side):
    """The head meter P-110 and a meter M-1 of an enterprise, both hourly."""
    with park_scope(side.park.pk):
        head = channel(meter(side.park, serial="P-110", name="Feeder"), interval_minutes=60)
        below = channel(meter(side.park, side.firm.enterprise, serial="M-1", name="Hall"), interval_minutes=60)
    return head, below


def add(by, of, formula, minutes=60, **facts):
    told = {"code": "V1", "interval_minutes": minutes, **facts}
    with open_scope(by.scope):
        return virtual.add_virtual_channel(by, of, facts=told, formula=formula, now=NOW)


def run(side, made):
    with park_scope(side.park.pk):
        work_out_channel.run(park_id=side.park.pk, channel_id=str(made.pk))


def follow(side, spans):
    """What the worker does of days that changed, until nothing of it is asked for any more."""
    with park_scope(side.park.pk):
        follow_readings.run(park_id=side.park.pk, spans=spans)
    turns = 0
    while True:
        with platform_scope():
            rows = OutboxEvent.objects.filter(name="energy.formula_inputs_changed").order_by("pk")
            told = [row.payload for row in rows[turns:]]
        if not told:
            return turns
        for asked in told:
            turns += 1
            with park_scope(side.park.pk):
                work_out_days.run(
                    **{key: asked[key] for key in ("channel_id", "first_day", "last_day")}, park_id=side.park.pk
                )


def day(made, on=DAY):
    block = IntervalBlock.objects.filter(channel=made, day=on).first()
    return None if block is None else (block.values, list(block.flags))


def test_difference_is_worked_out_and_as_good_as_its_worst_input(side, manager, inputs):
    head, below = inputs
    flags = [MEASURED, ESTIMATED, MEASURED, EDITED, MEASURED, MISSING] + [MEASURED] * 18
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.3, 10.0, 10.0, 10.0, None, 10.0] + [10.0] * 18)
        day_of(below, DAY, [0.1, 4.0, 12.0, 4.0, 4.0, None] + [4.0] * 18, flags)
    made = add(manager, head.meter, "max(0, [P-110] − 0.5 × [M-1])")
    assert made.kind == ChannelKind.VIRTUAL
    run(side, made)
    with park_scope(side.park.pk):
        values, marks = day(made)
        assert values == [10.25, 8.0, 4.0, 8.0, None, None] + [8.0] * 18
        assert marks == [MEASURED, ESTIMATED, MEASURED, EDITED, MISSING, MISSING] + [MEASURED] * 18
        (month,) = MonthTotal.objects.filter(channel=made)
        assert (month.total, month.present_count, month.measured_count) == (174.25, 22, 20)
        (period,) = [row for row in use.months_of_channel(made, DAY, "Asia/Shanghai", DAY) if row.present]
        assert period.total == 174.25


def test_change_of_an_input_is_followed_and_twice_changes_nothing(side, manager, inputs):
    head, below = inputs
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.0] * 24)
        day_of(below, DAY, [4.0] * 24)
    made = add(manager, head.meter, "[P-110] - [M-1]")
    run(side, made)
    with park_scope(side.park.pk):
        bring_in(feed_of(side.park), f"meter,time,value\nM-1,{DAY} 05:00,7\n")
        check(below, DAY)
    with platform_scope():
        (told,) = [row.payload for row in OutboxEvent.objects.filter(name="energy.readings_looked_at")]
    for _twice in range(2):
        follow(side, told["spans"])
        with park_scope(side.park.pk):
            assert day(made)[0][4:7] == [6.0, 3.0, 6.0]
            assert IntervalBlock.objects.get(channel=made, day=DAY).revision == 1


def test_virtual_channel_of_a_virtual_channel_follows_in_its_turn(side, manager, inputs):
    head, _below = inputs
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.0] * 24)
    first = add(manager, head.meter, "2 * [P-110]")
    second = add(manager, head.meter, "[P-110/V1] + 1", code="V2")
    run(side, first)
    with platform_scope():
        (told,) = [row.payload for row in OutboxEvent.objects.filter(name="energy.readings_looked_at")]
    follow(side, told["spans"])
    with park_scope(side.park.pk):
        assert day(second)[0] == [21.0] * 24


def test_no_channel_is_worked_out_from_itself(side, manager, inputs):
    head, _below = inputs
    first = add(manager, head.meter, "[P-110] + 0")
    second = add(manager, head.meter, "[P-110/V1] + 1", code="V2")
    with open_scope(manager.scope), pytest.raises(UnreadableFormula, match="worked out from this one"):
        virtual.change_formula(manager, first, formula="[P-110/V2]")
    with open_scope(manager.scope), pytest.raises(UnreadableFormula):
        virtual.change_formula(manager, second, formula="[P-110/V2]")


def test_inputs_are_those_that_the_owner_may_see(side, manager, own_manager, inputs):
    head, below = inputs
    with pytest.raises(UnreadableFormula, match="No channel is called"):
        add(own_manager, below.meter, "[P-110] - [M-1]")
    with pytest.raises(UnreadableFormula, match="No channel is called"):
        add(manager, below.meter, "[P-110] - [M-1]")
    assert add(own_manager, below.meter, "2 × [M-1]").enterprise_id == side.firm.enterprise.pk
    with pytest.raises(PermissionDenied):
        add(own_manager, head.meter, "[M-1]")
    with park_scope(side.park.pk):
        made = Channel.objects.get(meter=below.meter, code="V1")
        formula = ChannelFormula.objects.get(channel=made)
        formula.inputs = [head.pk]
        with pytest.raises(IntegrityError, match="channels of its owner"), transaction.atomic():
            formula.save()


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "1 + 1",
        "[P-110",
        "[nobody]",
        "[P-110] - ",
        "[P-110] ** 2",
        "__import__('os')[P-110]",
        "[P-110].real",
        "c1 + [P-110]x",
    ],
)
def test_what_is_no_formula_is_refused(side, manager, inputs, formula):
    with pytest.raises(UnreadableFormula):
        add(manager, inputs[0].meter, formula)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("[P-110] + c1", "“c1” names no channel"),
        ("[P-110]5", "“5” touches"),
        ("2 * c[P-110]", "“c” touches"),
        ("2[P-110]", "“2” touches"),
        ("[P-110][M-1]", "touches"),
    ],
)
def test_channel_is_named_in_brackets_alone(side, manager, inputs, formula, words):
    """Inside of the text it is called c1: what is written like that beside it would be taken for it."""
    with pytest.raises(UnreadableFormula, match=words):
        add(manager, inputs[0].meter, formula)


def test_formula_of_an_enterprise_is_changed_by_the_impartial_alone(side, manager, own_manager, inputs):
    """As any other word on its meters: by its own people, and by no official with a tie to it."""
    made = add(own_manager, inputs[1].meter, "[M-1] * 2")
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user_id=manager.user_id, reason="Shares"
        )
    with open_scope(manager.scope), pytest.raises(NotImpartial):
        virtual.change_formula(manager, made, formula="[M-1] * 3")
    with open_scope(own_manager.scope):
        assert virtual.change_formula(own_manager, made, formula="[M-1] * 3").text == "c1 * 3"


def test_formula_that_changes_meanwhile_is_the_one_worked_out(side, manager, inputs, monkeypatch):
    """Somebody writes another one while the worker waits for the channel."""
    head, _below = inputs
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.0] * 24)
    made, hold = add(manager, head.meter, "[P-110] * 2"), virtual.hold_rows

    def held_by_another(*args):
        ChannelFormula.objects.filter(channel=made).update(text="c1 * 3")
        hold(*args)

    monkeypatch.setattr(virtual, "hold_rows", held_by_another)
    run(side, made)
    with park_scope(side.park.pk):
        assert day(made)[0] == [30.0] * 24


def test_what_is_worked_out_keeps_no_meter_in_service(side, manager, inputs):
    """A meter of the park gone, the sum of others that is entered beside it may have later days."""
    head, _below = inputs
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.0] * 24)
        bare = meter(side.park, serial="P-120")
        own = channel(bare, code="E1", interval_minutes=60)
        day_of(own, DAY - timedelta(days=3), [1.0] * 24)
    run(side, add(manager, bare, "[P-110] * 2"))
    with open_scope(manager.scope):
        with pytest.raises(meters.HasReadings):
            meters.retire_meter(manager, bare, ends_on=DAY - timedelta(days=3), today=NOW.date())
        gone = meters.retire_meter(manager, bare, ends_on=DAY - timedelta(days=2), today=NOW.date())
    assert gone.ends_on == DAY - timedelta(days=2)


def test_interval_is_a_multiple_of_those_of_the_inputs(side, manager, inputs):
    with park_scope(side.park.pk):
        quarter = channel(meter(side.park, serial="Q-1"), interval_minutes=15)
        day_of(quarter, DAY, [1.0, 2.0, 3.0, 4.0] + [None] + [1.0] * 91)
    with pytest.raises(UnreadableFormula, match="no multiple"):
        add(manager, inputs[0].meter, "[P-110]", minutes=15)
    made = add(manager, inputs[0].meter, "[Q-1]")
    run(side, made)
    with park_scope(side.park.pk):
        assert day(made)[0][:3] == [10.0, None, 4.0]


def test_interval_stays_while_a_formula_is_worked_out_by_it(side, manager, inputs):
    head, _below = inputs
    made = add(manager, head.meter, "[P-110] * 2")
    for each in (head, made):
        with open_scope(manager.scope), pytest.raises(meters.DoesNotFit, match="by this interval"):
            meters.change_channel(manager, each, changes={"interval_minutes": 5})
    with open_scope(manager.scope), pytest.raises(meters.DoesNotFit, match="different channels"):
        meters.change_channel(manager, made, changes={"kind": ChannelKind.INTERVAL})


def test_files_do_not_fill_it_and_sums_leave_it_out(side, manager, inputs):
    head, _below = inputs
    with park_scope(side.park.pk):
        day_of(head, DAY, [10.0] * 24)
    made = add(manager, head.meter, "[P-110] + 0")
    run(side, made)
    with park_scope(side.park.pk):
        taken = bring_in(feed_of(side.park), f"meter,time,value\nP-110/V1,{DAY} 05:00,7\nP-110,{DAY} 06:00,11\n")
        assert counts(taken) == (2, 1, 0, 1)
    with open_scope(manager.scope):
        series = use.Series("electricity", Flow.IMPORT, "kWh")
        (month,) = use.months_of_series(manager, series, [date(2026, 10, 1)], "Asia/Shanghai", date(2026, 11, 22))
    assert month.total == 241.0


def test_clock_change_days_have_their_own_length(side, manager):
    """A park in London: 23 and 25 hours."""
    with park_scope(side.park.pk):
        source = channel(meter(side.park, serial="L-1"), interval_minutes=60)
    side.park.time_zone = "Europe/London"
    made = add(manager, source.meter, "[L-1] * 2")
    with park_scope(side.park.pk):
        for on, count in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
            day_of(source, on, [1.0] * count)
        for on in (date(2026, 3, 29), date(2026, 10, 25)):
            virtual.work_out_days(side.park, made.pk, on, on, now=NOW)
        assert [len(day(made, on)[0]) for on in (date(2026, 3, 29), date(2026, 10, 25))] == [23, 25]


def test_many_days_are_worked_out_in_turns(side, manager, inputs, monkeypatch):
    head, _below = inputs
    monkeypatch.setattr(virtual, "MOST_DAYS", 2)
    with park_scope(side.park.pk):
        for step in range(5):
            day_of(head, DAY + timedelta(days=step), [10.0] * 24)
    made = add(manager, head.meter, "[P-110] / 2")
    after, turns = None, 0
    with park_scope(side.park.pk):
        while True:
            after, turns = virtual.work_out_all(side.park, made.pk, after=after, now=NOW), turns + 1
            if after is None:
                break
        assert turns == 3
        assert IntervalBlock.objects.filter(channel=made, total=120.0).count() == 5


def test_changed_days_are_followed_in_turns(side, manager, inputs, monkeypatch):
    head, _below = inputs
    monkeypatch.setattr(virtual, "MOST_DAYS", 2)
    with park_scope(side.park.pk):
        for step in range(5):
            day_of(head, DAY + timedelta(days=step), [10.0] * 24)
    made = add(manager, head.meter, "[P-110] / 2")
    assert follow(side, {str(head.pk): [NUMBER, NUMBER + 4]}) == 3
    with park_scope(side.park.pk):
        assert IntervalBlock.objects.filter(channel=made, total=120.0).count() == 5


# The arithmetic

MARKS = st.lists(st.sampled_from(range(5)), min_size=1, max_size=20)


@given(first=MARKS, data=st.data())
def test_interval_is_as_good_as_its_worst_input(first, data):
    second = data.draw(st.lists(st.sampled_from(range(5)), min_size=len(first), max_size=len(first)))
    found = worst(np.array([first, second], dtype=np.uint8)).tolist()
    assert found == [max(pair, key=WORSE.index) for pair in zip(first, second, strict=True)]


CENTS = st.integers(-(10**9), 10**9)


@given(pairs=st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=20))
def test_sums_and_differences_are_exact_to_the_last_decimal(pairs):
    """What is written with three decimals comes out as whole numbers of thousandths would."""
    marks = np.ones(len(pairs), dtype=np.uint8)
    columns = [np.array([pair[place] / 1000 for pair in pairs]) for place in (0, 1)]
    formula = read_formula("c1 - 3 * c2", frozenset({"c1", "c2"}))
    values, _marks = worked_out(formula, {"c1": (columns[0], marks), "c2": (columns[1], marks)})
    assert values.tolist() == [float(Decimal(one - 3 * other) / 1000) for one, other in pairs]


@given(values=st.lists(st.integers(0, 10**6), min_size=1, max_size=10), step=st.sampled_from([1, 2, 3, 4, 12]))
def test_coarser_intervals_keep_the_sum(values, step):
    fine = np.repeat(np.array(values, dtype=float), step)
    found, marks = coarser(fine, np.ones(len(fine), dtype=np.uint8), step, is_state=False)
    assert found.sum() == fine.sum()
    assert marks.tolist() == [1] * len(values)


# The pages


def test_virtual_channel_is_entered_and_changed_by_its_pages(side, manager, inputs, client_of):
    head, _below = inputs
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    address = reverse("energy:virtual_create", args=[head.meter.pk])
    form = {"point": "electricity:import:kWh", "code": "V1", "interval_minutes": "60", "formula": "[P-110] - [nobody]"}
    refused = client.post(address, form)
    assert refused.status_code == 422
    assertContains(refused, "No channel is called [nobody].", status_code=422)
    assert client.post(address, {**form, "formula": "[P-110] - [M-1]"}).status_code == 302
    with park_scope(side.park.pk):
        made = Channel.objects.get(meter=head.meter, code="V1")
    shown = client.get(reverse("energy:channel_detail", args=[made.pk]))
    assertContains(shown, "[P-110] - [M-1]")
    change = reverse("energy:formula_edit", args=[made.pk])
    assertContains(client.get(change), "[P-110] - [M-1]")
    assert client.post(change, {"formula": "[P-110] − 2 × [M-1]"}).status_code == 302
    with park_scope(side.park.pk):
        assert ChannelFormula.objects.get(channel=made).text == "c1 − 2 × c2"
    own = client_of(side.firm.people[Role.ENERGY_MANAGER])
    assert own.get(reverse("energy:channel_detail", args=[made.pk])).status_code == 404
    assertNotContains(client.get(reverse("energy:channel_create", args=[head.meter.pk])), 'value="virtual"')
