"""Tariffs: who keeps them, what stays as it was, and what a channel costs by them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from energy.choices import Flow, Unit
from energy.models import Tariff, TariffAssignment, TariffVersion
from energy.queries.tariff_use import use_by_period
from energy.queries.tariffs import costs_of
from energy.services import tariffs as services
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.factories.measured import ESTIMATED, MEASURED, channel, day_of, meter
from tests.factories.tariffs import FACTS, SEASONS, assignment, tariff_version

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
TERMS = {
    "starts_on": date(2026, 1, 1),
    "ends_on": None,
    "charge_basis": "none",
    "capacity_kva": None,
    "power_factor_standard": "",
}


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


def act(by, service, *args, **kwargs):
    with open_scope(by.scope):
        return service(by, *args, **kwargs)


def add(by, side, name="Industry, 10 kV", **facts):
    told = {**FACTS, **facts}
    return act(by, services.add_tariff, park=side.park, name=name, time_zone="Asia/Shanghai", facts=told, now=NOW)


def standing(side):
    """Number, state and days of every version of the only tariff that the test made."""
    with park_scope(side.park.pk):
        rows = TariffVersion.objects.filter(tariff__name="Industry, 10 kV").order_by("number")
        return [(row.number, row.state, str(row.starts_on), str(row.ends_on)) for row in rows]


def test_version_holds_until_the_next_one_begins(side, manager):
    first = add(manager, side)
    tariff = first.tariff
    act(manager, services.put_in_force, first, seen=first.terms_digest)
    for starts_on in (date(2026, 7, 1), date(2026, 3, 1), date(2026, 7, 1)):
        draft = act(manager, services.draft_version, tariff, facts={**FACTS, "starts_on": starts_on}, now=NOW)
        act(manager, services.put_in_force, draft, seen=draft.terms_digest)

    assert standing(side) == [
        (1, "in_force", "2025-01-01", "2026-03-01"),
        (2, "replaced", "2026-07-01", "None"),
        (3, "in_force", "2026-03-01", "2026-07-01"),
        (4, "in_force", "2026-07-01", "None"),
    ]


def test_draft_changes_and_what_is_in_force_does_not(side, manager):
    draft = add(manager, side)
    draft = act(manager, services.change_draft, draft, facts={**FACTS, "price_flat": Decimal("0.61")})
    version = act(manager, services.put_in_force, draft, seen=draft.terms_digest)

    with pytest.raises(services.NoDraft):
        act(manager, services.change_draft, version, facts=FACTS)
    with pytest.raises(services.NoDraft):
        act(manager, services.put_in_force, version, seen=version.terms_digest)
    with park_scope(side.park.pk):
        assert TariffVersion.objects.get(pk=version.pk).price_flat == Decimal("0.61")
        with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
            TariffVersion.objects.filter(pk=version.pk).update(price_flat=Decimal("0.62"))


def test_two_versions_never_hold_on_one_day(side):
    with park_scope(side.park.pk):
        version = tariff_version(side.park)
        other = TariffVersion.objects.create(
            park=side.park, tariff=version.tariff, number=2, **{**FACTS, "starts_on": date(2026, 1, 1)}
        )
        other.state = "in_force"
        with pytest.raises(IntegrityError, match="tariff_version_one_a_day"), transaction.atomic():
            other.save()


def test_second_draft_is_refused(side, manager):
    version = add(manager, side)

    with pytest.raises(services.DraftWaits):
        act(manager, services.draft_version, version.tariff, facts=FACTS, now=NOW)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"price_sharp": None}, "price_sharp"),
        ({"seasons": [{**SEASONS[0], "months": list(range(1, 12))}]}, None),
        ({"seasons": [SEASONS[0], {**SEASONS[0], "months": [7]}]}, None),
    ],
)
def test_tariff_that_leaves_hours_without_price_is_refused(side, manager, facts, field):
    with pytest.raises(services.TariffUnfit) as refused:
        add(manager, side, **facts)

    assert refused.value.field == field


def test_name_is_given_once_in_a_park(side, manager):
    add(manager, side)

    with pytest.raises(services.TariffNameTaken):
        add(manager, side)


@pytest.mark.parametrize("role", sorted((PARK_ROLES | ENTERPRISE_ROLES) - {Role.PARK_ENERGY_MANAGER}))
def test_others_keep_no_tariffs(side, role):
    people = side.staff if role in PARK_ROLES else side.firm.people

    with pytest.raises(PermissionDenied):
        add(actor(people[role]), side)


def test_enterprise_reads_tariffs_in_force_and_its_own_assignments(side, manager):
    add(manager, side)
    with park_scope(side.park.pk):
        other = tariff_version(side.park, "In force").tariff
    own = actor(side.firm.people[Role.ENERGY_MANAGER])
    act(manager, services.assign_tariff, side.neighbour.channel, other, facts=TERMS, now=NOW)

    with open_scope(own.scope):
        assert set(Tariff.objects.values_list("name", flat=True)) >= {"Industry, 10 kV", "In force"}
        assert not TariffVersion.objects.filter(tariff__name="Industry, 10 kV").exists()
        assert TariffVersion.objects.filter(tariff__name="In force").exists()
        assert not TariffAssignment.objects.filter(channel_id=side.neighbour.channel.pk).exists()
    with park_scope(side.park.pk):
        assert TariffAssignment.objects.filter(channel_id=side.neighbour.channel.pk).exists()


def test_assignments_follow_each_other_and_the_same_day_is_corrected(side, manager):
    with park_scope(side.park.pk):
        tariff = tariff_version(side.park).tariff
        other = tariff_version(side.park, "Other").tariff
        mine = channel(meter(side.park))
    for what, starts_on in ((tariff, date(2026, 1, 1)), (other, date(2026, 6, 1)), (tariff, date(2026, 3, 1))):
        act(manager, services.assign_tariff, mine, what, facts={**TERMS, "starts_on": starts_on}, now=NOW)
    changed = {**TERMS, "starts_on": date(2026, 6, 1), "charge_basis": "capacity", "capacity_kva": Decimal(630)}
    act(manager, services.assign_tariff, mine, other, facts=changed, now=NOW)

    with park_scope(side.park.pk):
        rows = TariffAssignment.objects.filter(channel=mine).order_by("starts_on")
        said = [(row.tariff_id, str(row.starts_on), str(row.ends_on), row.charge_basis) for row in rows]
    assert said == [
        (tariff.pk, "2026-01-01", "2026-03-01", "none"),
        (tariff.pk, "2026-03-01", "2026-06-01", "none"),
        (other.pk, "2026-06-01", "None", "capacity"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
        ({"charge_basis": "capacity"}, "capacity_kva"),
    ],
)
def test_assignment_that_makes_no_sense_is_refused(side, manager, changes, field):
    with park_scope(side.park.pk):
        tariff = tariff_version(side.park).tariff
        mine = channel(meter(side.park))

    with pytest.raises(services.NotCharged) as refused:
        act(manager, services.assign_tariff, mine, tariff, facts={**TERMS, **changes}, now=NOW)

    assert refused.value.field == field


def test_tariff_prices_electricity_and_only_once_in_force(side, manager):
    draft = add(manager, side)
    with park_scope(side.park.pk):
        tariff = tariff_version(side.park, "Other").tariff
        mine = channel(meter(side.park))
        water = channel(meter(side.park, commodity="water"), unit=Unit.CUBIC_METRE)

    for what, of in ((draft.tariff, mine), (tariff, water)):
        with pytest.raises(services.NotCharged):
            act(manager, services.assign_tariff, of, what, facts=TERMS, now=NOW)


@pytest.fixture
def mine(park):
    return channel(meter(park), interval_minutes=60)


def month_of(mine, month, zone="Asia/Shanghai", today=TODAY, **facts):
    """The statement of a month; facts: of the assignment."""
    version = tariff_version(mine.park)
    assignment(mine, version.tariff, **facts)
    behind = date(month.year, month.month + 1, 1)
    (cost,) = costs_of(mine, month, behind, zone_name=zone, today=today)
    return cost


def test_day_costs_what_its_periods_do(mine):
    """A Monday with 10 kWh an hour: 8 h valley, 4 h peak, 8 h flat, 4 h sharp."""
    day_of(mine, date(2026, 6, 1), [10.0] * 24)

    cost = month_of(mine, date(2026, 6, 1))

    assert [(line.period, str(line.quantity), str(line.amount)) for line in cost.lines] == [
        ("sharp", "40.000", "48.00"),
        ("peak", "40.000", "40.00"),
        ("flat", "80.000", "48.00"),
        ("valley", "80.000", "24.00"),
        ("deep", "0.000", "0.00"),
    ]
    assert (str(cost.total), str(cost.total_kwh)) == ("160.00", "240.000")
    assert (cost.present, cost.measured, cost.expected) == (24, 24, 720)
    assert (cost.charged_days, cost.days) == (30, 30)


def test_holiday_and_its_weekend_are_deep_and_the_worked_sunday_is_not(mine):
    """Labour Day 2026 is off from Friday 1 to Tuesday 5 May; Saturday 9 May is worked instead."""
    for day in (1, 2, 3, 4, 5, 6, 9, 10):
        day_of(mine, date(2026, 5, day), [1.0] * 24)

    cost = month_of(mine, date(2026, 5, 1))

    assert cost.use_kwh["deep"] == Decimal("120.000")
    assert cost.total_kwh == Decimal("192.000")


@pytest.mark.parametrize("zone", ["Asia/Urumqi"])
def test_month_of_urumqi_is_cut_at_midnight_in_beijing(mine, zone):
    """The last two hours of its 31 May, by its own clock, are June by the clock of the tariff."""
    day_of(mine, date(2026, 5, 31), [1.0] * 22 + [5.0, 7.0])
    day_of(mine, date(2026, 6, 30), [1.0] * 22 + [50.0, 70.0])

    cost = month_of(mine, date(2026, 6, 1), zone)

    assert cost.use_kwh["valley"] == Decimal("12.000") + Decimal("6.000")
    assert cost.total_kwh == Decimal("34.000")


@pytest.mark.parametrize("zone", ["Europe/London"])
@pytest.mark.parametrize(
    ("day", "hours", "valley"), [(date(2026, 3, 29), 23, "7.000"), (date(2026, 10, 25), 25, "9.000")]
)
def test_clock_change_loses_and_doubles_no_hour(mine, zone, day, hours, valley):
    day_of(mine, day, [1.0] * hours)
    version = tariff_version(mine.park, time_zone=zone)
    assignment(mine, version.tariff)

    (cost,) = costs_of(mine, day.replace(day=1), date(2026, day.month + 1, 1), zone_name=zone, today=TODAY)

    assert (str(cost.use_kwh["valley"]), str(cost.total_kwh)) == (valley, f"{hours}.000")
    assert cost.expected == (31 * 24 - 1 if day.month == 3 else 31 * 24 + 1)


def test_two_part_month_with_power_factor(mine):
    """4 MWh and 3 Mvarh make 0.80, ten hundredths below 0.90: 5 % more on energy and demand."""
    reactive = channel(mine.meter, code="Q", unit=Unit.KVARH, interval_minutes=60)
    back = channel(mine.meter, code="Q-", unit=Unit.KVARH, flow=Flow.EXPORT, interval_minutes=60)
    day_of(mine, date(2026, 6, 1), [100.0] * 8 + [400.0] * 8)
    day_of(reactive, date(2026, 6, 1), [250.0] * 8)
    day_of(back, date(2026, 6, 1), [125.0] * 8)

    cost = month_of(mine, date(2026, 6, 1), charge_basis="demand", power_factor_standard="0.90")

    told = [(line.kind, line.period, str(line.quantity), str(line.amount)) for line in cost.lines if line.amount]
    assert told == [
        ("energy", "peak", "1600.000", "1600.00"),
        ("energy", "flat", "1600.000", "960.00"),
        ("energy", "valley", "800.000", "240.00"),
        ("demand", "", "400.000", "16000.00"),
        ("adjustment", "", "18800.00", "940.00"),
    ]
    assert (str(cost.power_factor), str(cost.demand_kw), str(cost.total)) == ("0.80", "400.000", "19740.00")
    assert cost.demand_at.isoformat() == "2026-06-01T08:00:00+08:00"


def test_factor_that_nothing_measures_is_said_and_not_guessed(mine):
    day_of(mine, date(2026, 6, 1), [1.0] * 24)

    cost = month_of(mine, date(2026, 6, 1), power_factor_standard="0.90")

    assert (cost.power_factor, cost.is_factor_unknown, str(cost.total)) == (None, True, "16.00")


def test_month_with_two_versions_and_a_late_start_is_charged_by_its_days(mine):
    """Charged from 11 June by 1000 kVA; from 21 June on, a Sunday of a holiday, the capacity costs 30 instead of 25."""
    version = tariff_version(mine.park)
    TariffVersion.objects.filter(pk=version.pk).update(ends_on=date(2026, 6, 21))
    second = TariffVersion.objects.create(
        park=mine.park,
        tariff=version.tariff,
        number=2,
        **{**FACTS, "starts_on": date(2026, 6, 21), "capacity_price_per_kva": Decimal(30)},
    )
    second.state = "in_force"
    second.save()
    assignment(mine, version.tariff, starts_on=date(2026, 6, 11), charge_basis="capacity", capacity_kva=Decimal(1000))
    for day in (1, 11, 21):
        day_of(mine, date(2026, 6, day), [None] * 23 + [day * 1.0])

    june, july = costs_of(mine, date(2026, 6, 1), date(2026, 7, 2), zone_name="Asia/Shanghai", today=date(2026, 7, 2))

    told = [
        (line.kind, line.version_number, str(line.quantity), str(line.amount)) for line in june.lines if line.amount
    ]
    assert told == [
        ("energy", 1, "11.000", "6.60"),
        ("capacity", 1, "1000.000", "8333.33"),
        ("energy", 2, "21.000", "4.20"),
        ("capacity", 2, "1000.000", "10000.00"),
    ]
    assert (june.charged_days, june.days, str(june.total)) == (20, 30, "18344.13")
    assert str(july.total) == "967.74"
    assert (june.expected, june.present) == (480, 2)


def test_estimates_count_and_are_told_from_what_was_measured(mine):
    day_of(mine, date(2026, 6, 1), [1.0, 1.0, None] + [1.0] * 21, [MEASURED, ESTIMATED, 0] + [MEASURED] * 21)

    cost = month_of(mine, date(2026, 6, 1), today=date(2026, 6, 2))

    assert (cost.present, cost.measured, cost.expected) == (23, 22, 24)
    assert cost.total_kwh == Decimal("23.000")


def test_channel_without_tariff_costs_nothing_and_says_so(mine):
    day_of(mine, date(2026, 6, 1), [1.0] * 24)

    (cost,) = costs_of(mine, date(2026, 6, 1), date(2026, 7, 1), zone_name="Asia/Shanghai", today=TODAY)

    assert (cost.lines, cost.charged_days, cost.days, cost.completeness_percent) == ([], 0, 30, None)


def test_use_of_all_channels_by_period_is_that_of_their_statements(side):
    """A Monday of 10 kWh an hour, and from its second day on 4 kWh an hour of another channel in hours."""
    with park_scope(side.park.pk):
        tariff = side.tariff_version.tariff
        day_of(side.firm.channel, date(2026, 6, 1), [2.5] * 96)
        hourly = channel(side.neighbour.meter, code="H", interval_minutes=60)
        assignment(hourly, tariff, starts_on=date(2026, 6, 2))
        for day in (1, 2):
            day_of(hourly, date(2026, 6, day), [4.0] * 24)
    told = {}
    for who in (side.staff[Role.AUDITOR], side.neighbour.people[Role.OWNER]):
        by = actor(who)
        with open_scope(by.scope):
            uses = use_by_period(by, tariff, date(2026, 6, 1), zone_name="Asia/Shanghai", today=date(2026, 6, 3))
            told[by.is_official] = {
                use.assignment.channel_id: (use.use_kwh["valley"], sum(use.use_kwh.values()), use.present, use.expected)
                for use in uses
            }

    of_neighbour = {hourly.pk: (32.0, 96.0, 24, 24), side.neighbour.channel.pk: (0.0, 0.0, 0, 192)}
    assert told == {True: {side.firm.channel.pk: (80.0, 240.0, 96, 192), **of_neighbour}, False: of_neighbour}
