"""Meters below head meters: where they hang, who learns of it, and what is lost between them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from energy.calculations.balance import losses_percent, signs_of
from energy.choices import ChannelKind, Commodity, Flow, Unit
from energy.models import SubMeter
from energy.queries import day_curves, totals, use
from energy.queries.hierarchy import node_of, tree_of
from energy.services.hierarchy import CannotHangThere, place_meter
from energy.services.meters import retire_meter
from enterprises.models import DeclaredInterest
from enterprises.services.ground import NotImpartial
from parks.choices import Role
from tenancy.scopes import enterprise_scope, open_scope, park_scope
from tests.clients import actor
from tests.factories.measured import channel, day_of, meter

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
MONTH = date(2026, 10, 1)
ZONE = "Asia/Shanghai"


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side):
    return actor(side.firm.people[Role.ENERGY_MANAGER])


def hang(by, below, head, day=MONTH):
    with open_scope(by.scope):
        return place_meter(by, below, head=head, starts_on=day, now=NOW)


def made(side, name, enterprise=None, **facts):
    with park_scope(side.park.pk):
        return meter(side.park, enterprise, name=name, **facts)


def counted(of, values, **facts):
    """A channel with a day of each total, from the first of the month on, hourly."""
    told = channel(of, interval_minutes=60, **facts)
    for step, total in enumerate(values):
        day_of(told, MONTH + timedelta(days=step), [total / 24] * 24)
    return told


def standing(side, below):
    with park_scope(side.park.pk):
        rows = SubMeter.objects.filter(meter=below).order_by("starts_on", "created_at")
        return [(row.head.name, str(row.starts_on), str(row.ends_on)) for row in rows]


def lines(roots):
    return [
        (node.depth, node.meter.name, node.use.total and round(node.use.total, 6), node.lost and round(node.lost, 6))
        for root in roots
        for node in root.walk()
    ]


# Where a meter hangs


def test_meter_moves_from_one_head_to_another(side, manager):
    first, second, below = (made(side, name) for name in ("A", "B", "C"))
    hang(manager, below, first)
    hang(manager, below, first, date(2026, 10, 9))
    assert standing(side, below) == [("A", "2026-10-01", "None")]
    hang(manager, below, second, date(2026, 10, 20))
    assert standing(side, below) == [("A", "2026-10-01", "2026-10-20"), ("B", "2026-10-20", "None")]
    hang(manager, below, first, date(2026, 10, 20))
    assert ("B", "2026-10-20", "2026-10-20") in standing(side, below)
    assert ("A", "2026-10-20", "None") in standing(side, below)
    hang(manager, below, None, date(2026, 10, 25))
    assert ("A", "2026-10-20", "2026-10-25") in standing(side, below)


def test_meter_hangs_below_none_that_hangs_below_it(side, manager):
    top, middle, low = (made(side, name) for name in ("A", "B", "C"))
    hang(manager, middle, top)
    hang(manager, low, middle)
    for head in (low, top):
        with pytest.raises(CannotHangThere, match="none hangs below itself"):
            hang(manager, top, head)


def test_circle_needs_a_day_on_which_it_closes(side, manager):
    one, other = made(side, "A"), made(side, "B")
    hang(manager, one, other)
    hang(manager, one, None, date(2026, 10, 15))
    hang(manager, other, one, date(2026, 10, 15))
    assert standing(side, other) == [("A", "2026-10-15", "None")]
    with pytest.raises(CannotHangThere):
        hang(manager, one, other, date(2026, 10, 20))


def test_database_refuses_what_no_service_asks(side):
    park = side.park
    with park_scope(park.pk):
        power, water = meter(park, name="A"), meter(park, name="B", commodity=Commodity.WATER)
        own, other = meter(park, side.firm.enterprise), meter(park, side.neighbour.enterprise)
        for told in (
            {"meter": power, "head": power},
            {"meter": water, "head": power},
            {"meter": own, "head": other, "enterprise": side.firm.enterprise},
            {"meter": own, "head": power, "enterprise": side.firm.enterprise},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                SubMeter.objects.create(park=park, starts_on=MONTH, **told)
        SubMeter.objects.create(park=park, meter=own, head=power, starts_on=MONTH)
        with pytest.raises(IntegrityError, match="sub_meter_below_one"), transaction.atomic():
            SubMeter.objects.create(park=park, meter=own, head=other, starts_on=date(2026, 12, 1))


def test_other_commodity_and_days_out_of_service_are_refused(side, manager):
    below = made(side, "A")
    for head in (made(side, "W", commodity=Commodity.WATER), made(side, "Old", ends_on=date(2026, 1, 1))):
        with pytest.raises(CannotHangThere):
            hang(manager, below, head)
    with pytest.raises(CannotHangThere):
        hang(manager, below, made(side, "New", starts_on=date(2026, 11, 1)))


# Who learns of it


def test_enterprise_places_its_own_and_learns_of_no_other(side, manager, own_manager):
    firm = side.firm.enterprise
    own_head, own_below, of_park = made(side, "Own A", firm), made(side, "Own B", firm), made(side, "Of the park")
    hang(own_manager, own_below, own_head)
    hang(manager, own_head, of_park)
    with enterprise_scope(side.park.pk, firm.pk):
        seen = list(SubMeter.objects.values_list("meter__name", "head__name"))
    assert seen == [("Own B", "Own A")]
    with open_scope(own_manager.scope):
        assert [root.meter.name for root in tree_of(own_manager, MONTH, ZONE, TODAY)] == ["Own A"]
    with open_scope(manager.scope):
        (root,) = tree_of(manager, MONTH, ZONE, TODAY)
        assert [(node.depth, node.meter.name) for node in root.walk()] == [
            (0, "Of the park"),
            (1, "Own A"),
            (2, "Own B"),
        ]
    with pytest.raises(CannotHangThere, match="The park keeps"):
        hang(own_manager, own_head, side_head(side, own_manager))
    with pytest.raises(PermissionDenied):
        hang(own_manager, own_below, of_park)
    with pytest.raises(PermissionDenied):
        hang(own_manager, made(side, "Of a neighbour", side.neighbour.enterprise), own_head)


def side_head(side, own_manager):
    return made(side, "Own C", side.firm.enterprise)


@pytest.mark.parametrize("role", [Role.PARK_ADMINISTRATOR, Role.AUDITOR])
def test_others_place_nothing(side, role):
    with pytest.raises(PermissionDenied):
        hang(actor(side.staff[role]), made(side, "A"), made(side, "B"))


def test_official_with_a_tie_hangs_nothing_below_a_meter_of_the_enterprise(side, manager):
    head, below = made(side, "Own A", side.firm.enterprise), made(side, "B", side.neighbour.enterprise)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user_id=manager.user_id, reason="Shares"
        )
    for placed in ((below, head), (head, below)):
        with pytest.raises(NotImpartial):
            hang(manager, *placed)
    assert standing(side, below) == []


# What is lost


def test_losses_of_a_month_written_out(side, manager):
    """100 kWh a day for 31 days pass the head; 60 and 37 of them those below: 3 kWh a day are lost, 3 %."""
    head, one, other = (made(side, name) for name in ("Head", "One", "Two"))
    with park_scope(side.park.pk):
        for of, total in ((head, 100.0), (one, 60.0), (other, 37.0)):
            counted(of, [total] * 31)
    hang(manager, one, head)
    hang(manager, other, head)
    with open_scope(manager.scope):
        (root,) = tree_of(manager, MONTH, ZONE, TODAY)
    assert lines([root]) == [(0, "Head", 3100.0, 93.0), (1, "One", 1860.0, None), (1, "Two", 1147.0, None)]
    assert round(root.lost_percent, 9) == 3.0
    assert root.completeness_percent == 100.0


def test_meter_counts_below_a_head_on_the_days_that_it_hangs_there(side, manager):
    """Ten days below the first head and 21 below the second."""
    first, second, below = (made(side, name) for name in ("A", "B", "C"))
    with park_scope(side.park.pk):
        for of in (first, second, below):
            counted(of, [10.0] * 31)
    hang(manager, below, first)
    hang(manager, below, second, date(2026, 10, 11))
    with open_scope(manager.scope):
        roots = tree_of(manager, MONTH, ZONE, TODAY)
    assert lines(roots) == [
        (0, "A", 310.0, 210.0),
        (1, "C", 100.0, None),
        (0, "B", 310.0, 100.0),
        (1, "C", 210.0, None),
    ]


def test_what_a_plant_gives_need_not_pass_the_head(side, manager):
    """The head draws 50, the roof gives 30, the hall takes 79: 1 is lost. A register beside it counts nothing."""
    head, hall, roof = (made(side, name) for name in ("Head", "Hall", "Roof"))
    with park_scope(side.park.pk):
        counted(head, [55.0], flow=Flow.IMPORT, code="1")
        counted(head, [5.0], flow=Flow.EXPORT, code="2")
        counted(hall, [79.0], code="E1")
        counted(hall, [78.0], code="R1", kind=ChannelKind.REGISTER)
        counted(roof, [30.0], flow=Flow.GENERATION)
    hang(manager, hall, head)
    hang(manager, roof, head)
    with open_scope(manager.scope):
        (root,) = tree_of(manager, MONTH, ZONE, TODAY)
    assert lines([root]) == [(0, "Head", 50.0, 1.0), (1, "Hall", 79.0, None), (1, "Roof", -30.0, None)]


def test_difference_is_as_complete_as_its_lesser_side(side, manager):
    head, below = made(side, "Head"), made(side, "Below")
    with park_scope(side.park.pk):
        counted(head, [10.0] * 31)
        counted(below, [9.0] * 15)
    hang(manager, below, head)
    with open_scope(manager.scope):
        root = node_of(manager, head, MONTH, ZONE, TODAY)
    assert round(root.completeness_percent, 2) == round(15 / 31 * 100, 2)


def test_tree_asks_as_much_for_many_meters_as_for_one(side, manager, django_assert_num_queries):
    head = made(side, "Head")
    for count in (1, 12):
        for number in range(count):
            below = made(side, f"{count} {number}")
            with park_scope(side.park.pk):
                counted(below, [1.0])
            hang(manager, below, head)
        with open_scope(manager.scope), django_assert_num_queries(3):
            tree_of(manager, MONTH, ZONE, TODAY)


@given(flows=st.sets(st.sampled_from([flow.value for flow in Flow])))
def test_network_decides_where_there_is_one(flows):
    signs = signs_of(flows)
    assert set(signs) <= flows
    if {Flow.IMPORT, Flow.EXPORT} & flows:
        assert set(signs) <= {Flow.IMPORT, Flow.EXPORT}


@given(head=st.floats(0.001, 1e9), below=st.floats(-1e9, 1e9))
def test_losses_and_what_is_below_make_up_the_head(head, below):
    percent = losses_percent(head, below)
    assert percent is not None
    assert abs(head * percent / 100 + below - head) <= 1e-9 * (head + abs(below))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4)), st.integers(0, 30)), max_size=25
    )
)
def test_no_day_has_a_circle_or_two_heads(side, manager, acts):
    """Whatever is asked in whatever order: on each day every meter hangs below one at most, and never below itself."""
    with transaction.atomic():
        meters = [made(side, f"{number}") for number in range(5)]
        for below, head, day in acts:
            try:
                hang(manager, meters[below], None if head is None else meters[head], MONTH + timedelta(days=day))
            except CannotHangThere:
                continue
        with park_scope(side.park.pk):
            rows = list(SubMeter.objects.filter(meter__in=meters))
        for day in (MONTH + timedelta(days=step) for step in range(32)):
            held = [row for row in rows if row.starts_on <= day and (row.ends_on is None or row.ends_on > day)]
            above = {row.meter_id: row.head_id for row in held}
            assert len(above) == len(held)
            for start in above:
                place, steps = above.get(start), 0
                while place is not None:
                    assert place != start
                    place, steps = above.get(place), steps + 1
                    assert steps <= len(above)
        transaction.set_rollback(True)


# Counted once


def test_what_hangs_below_a_head_is_counted_once(side, manager):
    """The park's feeder counts 3,100 kWh in October, of which 1,860 pass an enterprise's meter from the first day on,
    and 10 a day that of a neighbour, which hangs there from the 11th on: 21 of its 31 days are in the feeder's."""
    series = use.Series(Commodity.ELECTRICITY, Flow.IMPORT, "kWh")
    with park_scope(side.park.pk):
        head = meter(side.park, name="Feeder")
        one, other = meter(side.park, side.firm.enterprise), meter(side.park, side.neighbour.enterprise)
        for of, total in ((head, 100.0), (one, 60.0), (other, 10.0)):
            counted(of, [total] * 31)
    hang(manager, one, head)
    hang(manager, other, head, date(2026, 10, 11))
    with open_scope(manager.scope):
        (month,) = use.months_of_series(manager, series, [MONTH], ZONE, TODAY)
        users = use.users_of_series(manager, series, MONTH, ZONE, TODAY, by="enterprise_id")
    assert round(month.total, 6) == 3100 + 100
    assert (month.present, month.measured) == (31 * 24 + 10 * 24,) * 2
    told = {user.owner_id: round(user.use.total, 6) for user in users if user.use.total is not None}
    assert told == {None: 3100 - 1860 - 210, side.firm.enterprise.pk: 1860, side.neighbour.enterprise.pk: 310}
    assert sum(told.values()) == round(month.total, 6)


def test_what_is_worked_out_of_a_head_counts_nothing_below_it_again(side, manager, client_of):
    """The head has no device of its own: its sum is worked out, and is in no sum. What its sub-meters count is."""
    series = use.Series(Commodity.ELECTRICITY, Flow.IMPORT, "kWh")
    firm = side.firm.enterprise
    head, below = made(side, "Own A", firm), made(side, "Below", side.neighbour.enterprise)
    with park_scope(side.park.pk):
        counted(head, [60.0] * 31, kind=ChannelKind.VIRTUAL)
        counted(below, [60.0] * 31)
    hang(manager, below, head)
    with open_scope(manager.scope):
        (month,) = use.months_of_series(manager, series, [MONTH], ZONE, TODAY)
        users = use.users_of_series(manager, series, MONTH, ZONE, TODAY, by="enterprise_id")
        curves = day_curves.curves_of_day(manager, Commodity.ELECTRICITY, Unit.KWH, MONTH, zone_name=ZONE, today=TODAY)
    assert round(month.total, 6) == 1860
    assert {user.owner_id: round(user.use.total, 6) for user in users if user.use.total} == {
        side.neighbour.enterprise.pk: 1860
    }
    assert round(curves[Flow.IMPORT].curve.total, 6) == 60
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    for name in ("energy_overview", "energy_flows"):
        assertContains(client.get(page(name) + "?month=2026-10"), "1,860")


def test_head_out_of_service_counts_nothing_again(side, manager):
    """The feeder is gone from the 11th on: what passes the meter below it is counted there, 21 of 31 days. Two more
    meters of the scene, by quarters of an hour, counted nothing yet."""
    series = use.Series(Commodity.ELECTRICITY, Flow.IMPORT, "kWh")
    with park_scope(side.park.pk):
        head, below = meter(side.park, name="Feeder"), meter(side.park, side.firm.enterprise)
        counted(head, [100.0] * 10)
        counted(below, [60.0] * 31)
    hang(manager, below, head)
    ended, behind = date(2026, 10, 11), date(2026, 10, 12)
    with open_scope(manager.scope):
        retire_meter(manager, head, ends_on=ended, today=TODAY)
        (month,) = use.months_of_series(manager, series, [MONTH], ZONE, TODAY)
        users = use.users_of_series(manager, series, MONTH, ZONE, TODAY, by="enterprise_id")
        told = {"zone_name": ZONE, "today": TODAY}
        days = totals.days_of_series(manager, series, date(2026, 10, 10), behind, **told)
        curves = day_curves.curves_of_day(manager, series.commodity, series.unit, ended, **told)
    assert round(month.total, 6) == 1000 + 21 * 60
    assert (month.present, month.expected) == (31 * 24, 31 * (24 + 2 * 96))
    assert {user.owner_id: round(user.use.total, 6) for user in users if user.use.total} == {
        None: 1000 - 600,
        side.firm.enterprise.pk: 1860,
    }
    assert [(round(each.total, 6), each.expected) for each in days] == [(100, 24 + 2 * 96), (60, 24 + 2 * 96)]
    assert round(curves[Flow.IMPORT].curve.total, 6) == 60


def test_enterprise_reads_its_meters_without_those_below_them(side, own_manager):
    series = use.Series(Commodity.ELECTRICITY, Flow.IMPORT, "kWh")
    firm = side.firm.enterprise
    head, below = made(side, "Own A", firm), made(side, "Own B", firm)
    with park_scope(side.park.pk):
        for of, total in ((head, 100.0), (below, 60.0)):
            counted(of, [total] * 31)
    hang(own_manager, below, head)
    with open_scope(own_manager.scope):
        (month,) = use.months_of_series(own_manager, series, [MONTH], ZONE, TODAY)
        users = use.users_of_series(own_manager, series, MONTH, ZONE, TODAY, by="meter_id")
    assert round(month.total, 6) == 3100
    assert {user.owner_id for user in users if user.use.total} == {head.pk}


def test_register_beside_intervals_counts_nothing_more(side, manager):
    series = use.Series(Commodity.WATER, Flow.IMPORT, "m3")
    with park_scope(side.park.pk):
        of = meter(side.park, commodity=Commodity.WATER)
        counted(of, [24.0], code="E1", unit="m3")
        counted(of, [24.5], code="R1", unit="m3", kind=ChannelKind.REGISTER)
    with open_scope(manager.scope):
        (month,) = use.months_of_series(manager, series, [MONTH], ZONE, TODAY)
    assert round(month.total, 6) == 24


# The pages


def page(name, *args):
    return reverse(f"energy:{name}", args=args)


def test_meter_is_hung_by_its_page_and_shown_in_the_tree(side, client_of, manager):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    head = made(side, "Feeder 2", serial="P-110")
    with park_scope(side.park.pk):
        counted(head, [100.0] * 31)
        counted(side.firm.meter, [97.0] * 31, code="H")
    address = page("meter_place", side.firm.meter.pk)
    refused = client.post(address, {"head": "none such", "starts_on": "2026-10-01"})
    assert refused.status_code == 422
    assertRedirects(
        client.post(address, {"head": "P-110", "starts_on": "2026-10-01"}), page("meter_detail", side.firm.meter.pk)
    )
    assertContains(client.get(page("meter_detail", side.firm.meter.pk)), "P-110")
    tree = client.get(page("meter_tree") + "?month=2026-10")
    assertContains(tree, "Feeder 2")
    assertContains(tree, "OURS first firm meter")
    assertContains(tree, "93.0")
    assertContains(tree, "3.0")
    assertNotContains(client.get(page("meter_tree") + "?month=2026-10&q=nothing"), "Feeder 2</a>")
    assertContains(client.get(page("meter_tree") + "?month=2026-10&q=first+firm"), "Feeder 2</a>")
    table = client.get(page("meter_tree") + "?month=2026-10&export=csv").content.decode()
    assert "\u3000OURS first firm meter" in table
    own = client_of(side.firm.people[Role.ENERGY_MANAGER])
    for shown in (page("meter_detail", side.firm.meter.pk), page("meter_tree") + "?month=2026-10"):
        assertNotContains(own.get(shown), "P-110")
        assertNotContains(own.get(shown), "Feeder 2")


def test_meter_is_entered_below_a_head(side, client_of):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    made(side, "Feeder 2", serial="P-110")
    form = {
        "owner": "",
        "name": "Hall 7",
        "serial": "M-7",
        "location": "",
        "starts_on": "2026-03-01",
        "head": "P-110",
        "point": "electricity:import:kWh",
        "kind": "interval",
        "interval_minutes": "15",
        "multiplier": "1",
    }
    assert client.post(page("meter_create"), form).status_code == 302
    with park_scope(side.park.pk):
        row = SubMeter.objects.get(meter__serial="M-7")
        assert (row.head.serial, str(row.starts_on)) == ("P-110", "2026-03-01")


def test_api_tells_the_balance_and_hangs_meters(side, client_of):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    head = made(side, "Feeder 2")
    with park_scope(side.park.pk):
        counted(head, [100.0] * 31)
        counted(side.firm.meter, [97.0] * 31, code="H")
    placed = client.post(
        f"/api/v1/meters/{side.firm.meter.pk}/head/",
        {"head": str(head.pk), "starts_on": "2026-10-01"},
        content_type="application/json",
    )
    assert placed.status_code == 200, placed.content
    told = client.get(f"/api/v1/meters/{head.pk}/balance/?month=2026-10-15").json()
    assert (round(told["total"], 6), told["unit"], round(told["losses_percent"], 6)) == (3100, "kWh", 3)
    assert [round(each["total"], 6) for each in told["sub_meters"]] == [3007.0]
    listed = client.get("/api/v1/sub-meters/").json()
    assert [row["head"] for row in listed["results"]] == [str(head.pk)]
    circle = client.post(
        f"/api/v1/meters/{head.pk}/head/",
        {"head": str(side.firm.meter.pk), "starts_on": "2026-10-01"},
        content_type="application/json",
    )
    assert circle.status_code == 409
    assert "cannot_hang_there" in circle.content.decode()
