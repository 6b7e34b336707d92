"""Energy assets: who keeps them, what stands against it, and what is made of their readings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from energy.calculations.asset_doubts import DoubtKind
from energy.calculations.asset_kpis import Nameplate, kpi_of
from energy.choices import AssetKind, AssetKpi, AssetRole, Commodity, Flow, Unit
from energy.models import Asset, AssetChannel, AssetMember, IntervalBlock
from energy.queries.assets import days, kpis, register
from energy.services import assets as services
from energy.services import meters
from enterprises.services.ground import NotNow
from lib.identifiers import uuid7
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.models import AuditEvent
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.factories.assets import asset, link, membership
from tests.factories.measured import MEASURED, MISSING, channel, day_of, meter

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ZONE = "Asia/Shanghai"
FACTS = {
    "name": "Roof of hall 3",
    "location": "Hall 3",
    "starts_on": date(2026, 1, 1),
    "peak_power_kwp": Decimal(100),
    "tilt_degrees": Decimal(10),
}


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side):
    return actor(side.firm.people[Role.ENERGY_MANAGER])


def act(by, service, *args, **kwargs):
    with open_scope(by.scope):
        return service(by, *args, **kwargs)


def enter(by, side, enterprise, kind=AssetKind.PV, **facts):
    told = {**FACTS, **facts}
    return act(by, services.enter_asset, park=side.park, enterprise=enterprise, kind=kind, facts=told, now=NOW)


def counted(side, enterprise=None, flow=Flow.GENERATION, unit=Unit.KWH, commodity=Commodity.ELECTRICITY, **facts):
    with park_scope(side.park.pk):
        return channel(meter(side.park, enterprise, commodity=commodity), flow=flow, unit=unit, **facts)


# Who keeps them


def test_asset_is_entered_with_its_nameplate_and_told_in_the_trail(side, manager):
    entered = enter(manager, side, side.firm.enterprise)
    with park_scope(side.park.pk):
        held = Asset.objects.get(pk=entered.pk)
        (event,) = AuditEvent.objects.of_row("energy_asset", held.pk)
    assert (held.name, held.enterprise_id, held.peak_power_kwp) == (
        "Roof of hall 3",
        side.firm.enterprise.pk,
        Decimal(100),
    )
    assert event.user_name == manager.name


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ENERGY_MANAGER}))
def test_other_officials_enter_no_asset(side, role):
    with pytest.raises(PermissionDenied):
        enter(actor(side.staff[role]), side, side.firm.enterprise)


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES - {Role.ENERGY_MANAGER}))
def test_other_people_of_an_enterprise_enter_no_asset(side, role):
    with pytest.raises(PermissionDenied):
        enter(actor(side.firm.people[role]), side, side.firm.enterprise)


def test_energy_manager_of_an_enterprise_keeps_its_own_alone(side, own_manager):
    assert enter(own_manager, side, side.firm.enterprise).enterprise_id == side.firm.enterprise.pk
    for other in (None, side.neighbour.enterprise):
        with pytest.raises(PermissionDenied):
            enter(own_manager, side, other)
    with pytest.raises(PermissionDenied):
        act(own_manager, services.change_asset, side.neighbour.asset_member.microgrid, changes={"name": "Mine"})


def test_asset_of_the_park_is_no_enterprises_business(side, manager, own_manager):
    entered = enter(manager, side, None)
    with open_scope(own_manager.scope):
        assert not Asset.objects.filter(pk=entered.pk).exists()


def test_people_of_a_suspended_enterprise_change_nothing(side, own_manager):
    with park_scope(side.park.pk):
        side.firm.enterprise.status = "suspended"
        side.firm.enterprise.save(update_fields=["status"])
    with pytest.raises(NotNow):
        enter(own_manager, side, side.firm.enterprise)


# What stands against it


def test_kind_says_which_figures_are_needed(side, manager):
    with pytest.raises(services.AssetUnfit) as refused:
        enter(manager, side, None, peak_power_kwp=None)
    assert refused.value.field == "peak_power_kwp"
    with pytest.raises(services.AssetUnfit):
        enter(manager, side, None, AssetKind.STORAGE, power_kw=Decimal(500))
    with (
        park_scope(side.park.pk),
        pytest.raises(IntegrityError, match="asset_names_its_capacity"),
        transaction.atomic(),
    ):
        asset(side.park, kind=AssetKind.CHARGING, connectors=None)


def test_figures_of_another_kind_are_left_out(side, manager):
    entered = enter(manager, side, None, connectors=8)
    assert entered.connectors is None


def test_retired_asset_does_not_change(side, manager):
    entered = enter(manager, side, None)
    until = TODAY - timedelta(days=1)
    act(manager, services.retire_asset, entered, ends_on=until, today=TODAY)
    assert act(manager, services.retire_asset, entered, ends_on=until, today=TODAY).ends_on == until
    with pytest.raises(services.AssetRetired):
        act(manager, services.retire_asset, entered, ends_on=TODAY, today=TODAY)
    with pytest.raises(services.AssetRetired):
        act(manager, services.change_asset, entered, changes={"name": "Other"})
    with pytest.raises(services.AssetRetired):
        act(manager, services.link_channel, entered, counted(side), role="generation", starts_on=TODAY, now=NOW)


def test_last_day_that_lies_ahead_is_corrected(side, manager):
    entered = enter(manager, side, None)
    act(manager, services.retire_asset, entered, ends_on=date(2026, 12, 31), today=TODAY)
    assert act(manager, services.retire_asset, entered, ends_on=date(2027, 1, 31), today=TODAY).ends_on == date(
        2027, 1, 31
    )
    with pytest.raises(services.AssetUnfit):
        act(manager, services.retire_asset, entered, ends_on=date(2025, 1, 1), today=TODAY)


@pytest.mark.parametrize(
    ("role", "facts", "fits"),
    [
        ("generation", {}, True),
        ("generation", {"flow": Flow.IMPORT}, False),
        ("generation", {"unit": Unit.KVARH}, False),
        ("irradiance", {"commodity": "environment", "flow": Flow.STATE, "unit": Unit.WATT_PER_SQUARE_METRE}, True),
        ("irradiance", {"commodity": "environment", "flow": Flow.STATE, "unit": Unit.CELSIUS}, False),
        ("export", {"flow": Flow.EXPORT}, True),
        ("charge", {"flow": Flow.CHARGE}, False),
    ],
)
def test_channel_fits_the_role_and_the_role_the_kind(side, manager, role, facts, fits):
    entered, measured = enter(manager, side, None), counted(side, **facts)
    if fits:
        linked = act(manager, services.link_channel, entered, measured, role=role, starts_on=TODAY, now=NOW)
        assert (linked.role, linked.starts_on) == (role, TODAY)
    else:
        with pytest.raises(services.ChannelUnfit):
            act(manager, services.link_channel, entered, measured, role=role, starts_on=TODAY, now=NOW)


def test_asset_of_an_enterprise_is_measured_by_its_own_channels(side, manager):
    entered = enter(manager, side, side.firm.enterprise)
    for owner in (None, side.neighbour.enterprise):
        with pytest.raises(services.ChannelUnfit):
            act(
                manager,
                services.link_channel,
                entered,
                counted(side, owner),
                role="generation",
                starts_on=TODAY,
                now=NOW,
            )
    own = counted(side, side.firm.enterprise)
    linked = act(manager, services.link_channel, entered, own, role="generation", starts_on=TODAY, now=NOW)
    assert linked.enterprise_id == side.firm.enterprise.pk


def test_channel_measures_a_role_once_and_again_after_it_ended(side, manager):
    entered, measured = enter(manager, side, None), counted(side)

    def linked(starts_on):
        return act(manager, services.link_channel, entered, measured, role="generation", starts_on=starts_on, now=NOW)

    first = linked(date(2026, 2, 1))
    with pytest.raises(services.ChannelUnfit):
        linked(date(2026, 3, 1))
    act(manager, services.end_link, first, ends_on=date(2026, 3, 1))
    linked(date(2026, 3, 1))
    with pytest.raises(services.ChannelUnfit):
        act(manager, services.end_link, first, ends_on=date(2026, 1, 1))
    with park_scope(side.park.pk):
        assert AssetChannel.objects.filter(asset=entered).lasting().count() == 2


@pytest.mark.parametrize("changes", [{"flow": Flow.EXPORT}, {"unit": Unit.KVARH}])
def test_channel_that_measures_an_asset_counts_on_what_it_counted(side, manager, own_manager, changes):
    # The park's asset is measured by a channel of an enterprise, which does not see that.
    entered, measured = enter(manager, side, None), counted(side, side.firm.enterprise)
    linked = act(manager, services.link_channel, entered, measured, role="generation", starts_on=TODAY, now=NOW)
    for by in (manager, own_manager):
        with pytest.raises(meters.DoesNotFit) as refused:
            act(by, meters.change_channel, measured, changes={**changes, "multiplier": Decimal(2)})
        assert refused.value.field == next(iter(changes))
        act(by, meters.change_channel, measured, changes={"flow": Flow.GENERATION, "multiplier": Decimal(3)})
    act(manager, services.end_link, linked, ends_on=TODAY)
    changed = act(own_manager, meters.change_channel, measured, changes=changes)
    assert (changed.flow, changed.unit) == (changes.get("flow", "generation"), changes.get("unit", Unit.KWH))


def test_channel_is_linked_as_it_is_and_not_as_it_was_read(side, manager):
    entered, measured = enter(manager, side, None), counted(side)
    act(manager, meters.change_channel, measured, changes={"flow": Flow.IMPORT})
    assert measured.flow == Flow.GENERATION, "as it stood when it was looked up"
    with pytest.raises(services.ChannelUnfit):
        act(manager, services.link_channel, entered, measured, role="generation", starts_on=TODAY, now=NOW)


def test_link_that_was_a_mistake_ends_on_its_first_day(side, manager):
    entered = enter(manager, side, None)
    first = act(manager, services.link_channel, entered, counted(side), role="generation", starts_on=TODAY, now=NOW)
    act(manager, services.end_link, first, ends_on=TODAY)
    with park_scope(side.park.pk):
        assert not AssetChannel.objects.filter(asset=entered).lasting().exists()


def test_asset_belongs_to_one_microgrid_at_a_time(side, manager):
    one, other = (enter(manager, side, None, AssetKind.MICROGRID, name=name) for name in ("North", "South"))
    roof = enter(manager, side, None)
    row = act(manager, services.add_member, one, roof, starts_on=TODAY, now=NOW)
    with pytest.raises(services.MemberUnfit):
        act(manager, services.add_member, other, roof, starts_on=TODAY, now=NOW)
    act(manager, services.end_member, row, ends_on=TODAY + timedelta(days=5))
    act(manager, services.add_member, other, roof, starts_on=TODAY + timedelta(days=5), now=NOW)
    with pytest.raises(services.MemberUnfit):
        act(manager, services.add_member, one, other, starts_on=TODAY, now=NOW)
    with park_scope(side.park.pk):
        assert AssetMember.objects.filter(member=roof).count() == 2


def test_microgrid_of_an_enterprise_has_its_own_assets(side, manager):
    grid = enter(manager, side, side.firm.enterprise, AssetKind.MICROGRID)
    with pytest.raises(services.MemberUnfit):
        act(manager, services.add_member, grid, enter(manager, side, None), starts_on=TODAY, now=NOW)


# What is made of their readings


def use_of(side, of, first, behind):
    with park_scope(side.park.pk):
        row = register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).get(pk=of.pk)
        return days.uses_of([row], first, behind, ZONE)[of.pk]


def test_days_are_those_of_the_link_and_of_the_service_of_the_channel(side):
    measured = counted(side, starts_on=date(2026, 3, 2))
    with park_scope(side.park.pk):
        roof = asset(side.park)
        link(roof, measured, AssetRole.GENERATION, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 4))
        for day in (2, 3, 4):
            day_of(measured, date(2026, 3, day), [1.0] * 96)
    used = use_of(side, roof, date(2026, 3, 1), date(2026, 3, 10)).days["generation"]
    assert sorted(used) == [date(2026, 3, 2), date(2026, 3, 3)], (
        "not the first, of before, nor the fourth, when it ended"
    )
    assert used[date(2026, 3, 2)].amount == 96.0


def test_channels_of_one_role_are_added_up_and_a_day_is_whole_when_both_are(side):
    one, other = counted(side), counted(side)
    with park_scope(side.park.pk):
        roof = asset(side.park)
        for each in (one, other):
            link(roof, each, AssetRole.GENERATION, starts_on=date(2026, 3, 1))
        day_of(one, date(2026, 3, 1), [1.0] * 96)
        day_of(other, date(2026, 3, 1), [2.0] * 96)
        day_of(one, date(2026, 3, 2), [1.0] * 96)
    used = use_of(side, roof, date(2026, 3, 1), date(2026, 3, 3)).days["generation"]
    first, second = used.values()
    assert (first.amount, first.expected, first.is_whole) == (288.0, 192, True)
    assert (second.amount, second.measured, second.is_whole) == (96.0, 96, False)


def test_irradiation_is_the_mean_over_the_hours_of_the_day(side):
    sensor = counted(side, commodity="environment", flow=Flow.STATE, unit=Unit.WATT_PER_SQUARE_METRE)
    with park_scope(side.park.pk):
        roof = asset(side.park)
        link(roof, sensor, AssetRole.IRRADIANCE)
        block = day_of(sensor, date(2026, 3, 1), [250.0] * 96)
        type(block).objects.filter(channel=sensor).update(total=250.0)
    used = use_of(side, roof, date(2026, 3, 1), date(2026, 3, 2)).days["irradiance"]
    # 250 W/m2 x 24 h = 6 kWh/m2.
    assert used[date(2026, 3, 1)].amount == 6.0


def test_state_of_charge_changes_from_midnight_to_midnight(side):
    gauge = counted(side, commodity="environment", flow=Flow.STATE, unit=Unit.PERCENT, interval_minutes=60)
    with park_scope(side.park.pk):
        store = asset(side.park, kind=AssetKind.STORAGE)
        link(store, gauge, AssetRole.STATE_OF_CHARGE)
        for day, first in ((1, 20.0), (2, 35.0), (3, 30.0)):
            day_of(gauge, date(2026, 3, day), [first] + [50.0] * 23)
    used = use_of(side, store, date(2026, 3, 1), date(2026, 3, 4)).days["state_of_charge"]
    # From 20 to 35, from 35 to 30; of the last day the end is not known.
    assert [each.amount for each in used.values()] == [15.0, -5.0, None]


def test_microgrid_has_the_generation_of_its_members_unless_it_is_measured_itself(side):
    generation, own = counted(side), counted(side)
    with park_scope(side.park.pk):
        roof, grid = asset(side.park), asset(side.park, kind=AssetKind.MICROGRID)
        link(roof, generation, AssetRole.GENERATION)
        membership(grid, roof, starts_on=date(2026, 3, 2))
        for day in (1, 2):
            day_of(generation, date(2026, 3, day), [1.0] * 96)
            day_of(own, date(2026, 3, day), [3.0] * 96)
    span = (date(2026, 3, 1), date(2026, 3, 3))
    used = use_of(side, grid, *span)
    assert {day.day: each.amount for day, each in used.days["generation"].items()} == {2: 96.0}
    with park_scope(side.park.pk):
        link(grid, own, AssetRole.GENERATION)
    used = use_of(side, grid, *span)
    assert {day.day: each.amount for day, each in used.days["generation"].items()} == {1: 288.0, 2: 288.0}


def test_channel_that_members_share_counts_once(side):
    generation, exported = counted(side), counted(side, flow=Flow.EXPORT)
    with park_scope(side.park.pk):
        grid = asset(side.park, kind=AssetKind.MICROGRID)
        link(grid, exported, AssetRole.EXPORT)
        for kind in (AssetKind.PV, AssetKind.BUILDING):
            member = asset(side.park, kind=kind)
            link(member, generation, AssetRole.GENERATION)
            membership(grid, member)
        day_of(generation, date(2026, 3, 1), [10.0] * 95 + [50.0])
        day_of(exported, date(2026, 3, 1), [3.0] * 95 + [15.0])
    used = use_of(side, grid, date(2026, 3, 1), date(2026, 3, 2))
    assert used.total("generation") == 1000.0
    # (1,000 - 300) / 1,000: with the roof twice it would be 85 %.
    assert kpi_of(AssetKpi.SELF_CONSUMPTION, Nameplate(AssetKind.MICROGRID), used).value == 70.0


def test_members_measure_a_microgrid_on_the_days_on_which_nothing_of_its_own_does(side):
    generation, own = counted(side), counted(side)
    with park_scope(side.park.pk):
        roof, grid = asset(side.park), asset(side.park, kind=AssetKind.MICROGRID)
        link(roof, generation, AssetRole.GENERATION)
        membership(grid, roof)
        link(grid, own, AssetRole.GENERATION, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 3))
        for day in (1, 2, 3):
            day_of(generation, date(2026, 3, day), [1.0] * 96)
            day_of(own, date(2026, 3, day), [3.0] * 96)
    used = use_of(side, grid, date(2026, 3, 1), date(2026, 3, 4))
    assert [each.amount for each in used.days["generation"].values()] == [96.0, 288.0, 96.0]


def fill(measured, first, behind, value):
    """Days of 24 measured hours: the blocks alone, from which indicators are made."""
    IntervalBlock.objects.bulk_create(
        IntervalBlock(
            park_id=measured.park_id,
            channel=measured,
            day=first + timedelta(days=place),
            values=[value] * 24,
            flags=bytes([MEASURED] * 24),
            total=value * 24,
            peak=value,
            present_count=24,
            measured_count=24,
            import_id=uuid7(),
        )
        for place in range((behind - first).days)
    )


@pytest.mark.parametrize(
    ("peak_power", "starts_on", "kinds"),
    [
        # 24 kWh a day for 365 days: 8,760 kWh. Of 25 kWp 350 kWh/kWp: a third of what is usual. Of 8.76 kWp 1,000.
        (25, date(2025, 1, 1), [DoubtKind.TOO_LOW]),
        (Decimal("8.76"), date(2025, 1, 1), []),
        # In service since the spring: a part of a year says little.
        (25, date(2026, 3, 1), []),
    ],
)
def test_yield_of_the_last_365_days_is_judged(side, peak_power, starts_on, kinds):
    measured = counted(side, interval_minutes=60)
    with park_scope(side.park.pk):
        roof = asset(side.park, peak_power_kwp=peak_power, starts_on=starts_on)
        link(roof, measured, AssetRole.GENERATION)
        fill(measured, max(starts_on, date(2025, 11, 22)), TODAY, 1.0)
        row = register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).get(pk=roof.pk)
        headline = kpis.headlines([row], TODAY, ZONE)[roof.pk]
        told = kpis.year_of(row, 2026, TODAY, ZONE)
    assert [doubt.kind for doubt in headline.doubts] == kinds
    assert told.doubts == headline.doubts
    # 1 January to 21 November 2026 are 325 days; since the first of March 266.
    over = 325 if starts_on.year == 2025 else 266
    assert headline.kpi.kind == AssetKpi.SPECIFIC_YIELD
    assert headline.kpi.value == pytest.approx(over * 24 / float(peak_power))
    assert told.kpis[0].value == pytest.approx(headline.kpi.value)
    assert sum(month.kpis[0].value or 0 for month in told.months) == pytest.approx(headline.kpi.value)
    assert len(told.months) == 11


@pytest.mark.parametrize(
    ("entered_on", "ends_on", "is_judged", "is_known"),
    [
        (date(2025, 1, 1), None, True, True),
        # The meter is known for 82 of 365 days: what it did not count before is no fault of the array.
        (date(2026, 9, 1), None, True, False),
        # It went on 1 June, or three days ago, or goes today.
        (date(2025, 1, 1), date(2026, 11, 19), False, True),
        (date(2025, 1, 1), date(2026, 6, 1), False, False),
        (date(2025, 1, 1), TODAY, True, True),
    ],
)
def test_part_of_a_year_is_not_judged_as_a_year(side, entered_on, ends_on, is_judged, is_known):
    measured = counted(side, interval_minutes=60)
    with park_scope(side.park.pk):
        roof = asset(side.park, peak_power_kwp=25, starts_on=date(2023, 1, 1), ends_on=ends_on)
        link(roof, measured, AssetRole.GENERATION, starts_on=entered_on)
        fill(measured, max(entered_on, date(2025, 11, 22)), TODAY, 1.0)
        row = register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).get(pk=roof.pk)
        headline = kpis.headlines([row], TODAY, ZONE)[roof.pk]
        told = kpis.year_of(row, 2026, TODAY, ZONE)
    expected = [DoubtKind.TOO_LOW] if is_judged and is_known else []
    assert [doubt.kind for doubt in headline.doubts] == [doubt.kind for doubt in told.doubts] == expected
    assert (told.is_judged, told.is_known) == (is_judged, is_known)


def test_days_of_many_assets_are_read_in_parts(side, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(kpis, "AT_ONCE", 2)
    with park_scope(side.park.pk):
        for _place in range(3):
            measured = channel(meter(side.park), flow=Flow.GENERATION)
            link(asset(side.park), measured, AssetRole.GENERATION)
        rows = list(register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).filter(enterprise=None))
        parts = -(-len(rows) // 2)
        assert parts > 1
        with django_assert_num_queries(parts):
            assert set(kpis.headlines(rows, TODAY, ZONE)) == {row.pk for row in rows}


def test_hours_at_the_export_limit(side):
    exported = counted(side, flow=Flow.EXPORT)
    with park_scope(side.park.pk):
        roof = asset(side.park, export_limit_kw=60)
        link(roof, exported, AssetRole.EXPORT)
        # 60 kW are 15 kWh a quarter; 8 quarters reach it.
        day_of(exported, date(2026, 3, 1), [15.0] * 8 + [14.0] * 87 + [None], [MEASURED] * 95 + [MISSING])
        row = register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).get(pk=roof.pk)
        assert days.hours_at_export_limit(row, date(2026, 3, 1), date(2026, 4, 1)) == 2.0
        other = asset(side.park)
        row = register.assets(actor(side.staff[Role.PARK_ENERGY_MANAGER])).get(pk=other.pk)
        assert days.hours_at_export_limit(row, date(2026, 3, 1), date(2026, 4, 1)) is None


def test_channel_is_found_by_its_name_in_files(side, manager):
    with park_scope(side.park.pk):
        first = meter(side.park, serial="X-1", ends_on=date(2026, 1, 1))
        channel(first, code="E1")
        later = meter(side.park, serial="X-1", starts_on=date(2026, 1, 1))
        generated, drawn = channel(later, code="E1"), channel(later, code="E2")
        only = channel(meter(side.park, serial="Y-2"))
        assert register.channel_named(manager, "X-1/E1") == generated
        assert register.channel_named(manager, "X-1/E2") == drawn
        assert register.channel_named(manager, "X-1") is None, "the meter has two"
        assert register.channel_named(manager, " Y-2 ") == only
        assert register.channel_named(manager, "Z-3") is None
