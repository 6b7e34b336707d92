"""Meters and channels: who enters, changes and retires them, and what stands against it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from energy.choices import Commodity, Flow, Unit
from energy.models import Channel, Meter
from energy.services import meters as services
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.models import AuditEvent
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.energy.cases import bring_in, totals
from tests.factories.measured import day_of, feed, meter
from tests.factories.metering import feed_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FACTS = {
    "serial": "M-1101",
    "name": "Main intake A",
    "location": "Substation 3",
    "commodity": Commodity.ELECTRICITY,
    "starts_on": date(2026, 1, 1),
}
DRAWN = {"code": "E1", "flow": Flow.IMPORT, "unit": Unit.KWH, "multiplier": Decimal(80)}


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side):
    return actor(side.firm.people[Role.ENERGY_MANAGER])


def enter(by, side, enterprise, facts=FACTS, channel=DRAWN):
    with open_scope(by.scope):
        return services.enter_meter(by, park=side.park, enterprise=enterprise, facts=facts, channel=channel, now=NOW)


def act(by, service, *args, **kwargs):
    with open_scope(by.scope):
        return service(by, *args, **kwargs)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1989, 12, 31), date(2100, 1, 1)])
@pytest.mark.parametrize("row", ["meter", "channel"])
def test_day_of_another_age_is_refused(side, row, day):
    with park_scope(side.park.pk), pytest.raises(IntegrityError, match=f"{row}_of_this_age"), transaction.atomic():
        type(getattr(side.firm, row)).objects.filter(pk=getattr(side.firm, row).pk).update(starts_on=day)


def test_meter_is_entered_with_its_channel(side, manager):
    entered = enter(manager, side, side.firm.enterprise)

    with park_scope(side.park.pk):
        held = Meter.objects.get(pk=entered.pk)
        counted = held.channels.get()
        (event,) = AuditEvent.objects.of_row("energy_meter", held.pk)
    assert (held.serial, held.enterprise_id, held.ends_on) == ("M-1101", side.firm.enterprise.pk, None)
    assert (counted.code, counted.multiplier, counted.interval_minutes) == ("E1", Decimal(80), 15)
    assert counted.enterprise_id == side.firm.enterprise.pk
    assert event.user_name == manager.name


def test_meter_of_the_park_is_no_enterprises_business(side, manager, own_manager):
    entered = enter(manager, side, None)

    with open_scope(own_manager.scope):
        assert not Meter.objects.filter(pk=entered.pk).exists()
        assert not Channel.objects.filter(meter_id=entered.pk).exists()
    with pytest.raises(PermissionDenied):
        enter(own_manager, side, None, {**FACTS, "serial": "M-9"})


def test_energy_manager_of_an_enterprise_enters_its_own_and_no_others(side, own_manager):
    assert enter(own_manager, side, side.firm.enterprise).enterprise_id == side.firm.enterprise.pk
    with pytest.raises(PermissionDenied):
        enter(own_manager, side, side.neighbour.enterprise, {**FACTS, "serial": "M-9"})


@pytest.mark.parametrize(
    ("place", "role"),
    [
        *(("staff", role) for role in sorted(PARK_ROLES - {Role.PARK_ENERGY_MANAGER})),
        *(("firm", role) for role in sorted(ENTERPRISE_ROLES - {Role.ENERGY_MANAGER})),
    ],
)
def test_others_enter_and_change_no_meter(side, place, role):
    people = side.staff if place == "staff" else side.firm.people
    by = actor(people[role])
    with pytest.raises(PermissionDenied):
        enter(by, side, side.firm.enterprise)
    with pytest.raises(PermissionDenied):
        act(by, services.change_meter, side.firm.meter, changes={"name": "Mine"})
    with pytest.raises(PermissionDenied):
        act(by, services.retire_meter, side.firm.meter, ends_on=date(2026, 12, 1), today=TODAY)
    with pytest.raises(PermissionDenied):
        act(by, services.change_channel, side.firm.channel, changes={"multiplier": Decimal(2)})


def test_serial_number_is_in_service_once(side, manager, own_manager):
    first = enter(manager, side, side.neighbour.enterprise)
    with pytest.raises(services.SerialTaken) as told:
        enter(own_manager, side, side.firm.enterprise)
    assert told.value.field == "serial"

    act(manager, services.retire_meter, first, ends_on=date(2026, 6, 1), today=TODAY)
    with pytest.raises(services.SerialTaken):
        enter(own_manager, side, side.firm.enterprise, {**FACTS, "starts_on": date(2026, 5, 31)})
    assert enter(own_manager, side, side.firm.enterprise, {**FACTS, "starts_on": date(2026, 6, 1)}).serial == "M-1101"


def test_serial_number_with_a_stroke_is_refused_by_the_database(side):
    with park_scope(side.park.pk), pytest.raises(IntegrityError, match="meter_serial_without_stroke"):
        meter(side.park, side.firm.enterprise, serial="S8/E1")


def test_feed_of_another_owner_may_have_the_same_name(side):
    with park_scope(side.park.pk):
        feed(side.park, side.firm.enterprise, name="Gateway")
        feed(side.park, None, name="Gateway")
        feed(side.park, side.neighbour.enterprise, name="Gateway")
        for owner in (side.firm.enterprise, None):
            with pytest.raises(IntegrityError, match="feed_name_once"), transaction.atomic():
                feed(side.park, owner, name="Gateway")


@pytest.mark.parametrize(
    ("commodity", "wrong", "field"),
    [
        (Commodity.WATER, {"unit": Unit.KWH}, "unit"),
        (Commodity.WATER, {"flow": Flow.CHARGE, "unit": Unit.CUBIC_METRE}, "flow"),
        (Commodity.ENVIRONMENT, {"flow": Flow.IMPORT, "unit": Unit.CELSIUS}, "flow"),
        (Commodity.ENVIRONMENT, {"flow": Flow.STATE, "unit": Unit.CELSIUS, "kind": "register"}, "kind"),
        (Commodity.ELECTRICITY, {"lowest": 5.0, "highest": 5.0}, "highest"),
        (Commodity.ELECTRICITY, {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}, "ends_on"),
    ],
)
def test_channel_that_does_not_fit_its_meter_is_refused(side, manager, commodity, wrong, field):
    with pytest.raises(services.DoesNotFit) as told:
        enter(manager, side, None, {**FACTS, "commodity": commodity}, wrong)
    assert told.value.field == field
    with park_scope(side.park.pk):
        assert not Meter.objects.filter(serial="M-1101").exists()


def test_codes_of_a_meter_differ(side, manager):
    entered = enter(manager, side, None)
    act(manager, services.add_channel, entered, facts={**DRAWN, "code": "B1", "flow": Flow.EXPORT}, now=NOW)
    with pytest.raises(services.ChannelCodeTaken):
        act(manager, services.add_channel, entered, facts=DRAWN, now=NOW)


def test_what_readings_mean_by_stays(side, manager):
    counted = side.firm.channel
    with park_scope(side.park.pk):
        day_of(counted, date(2026, 11, 3), [1.0] * 96)
    for changes in ({"interval_minutes": 30}, {"unit": Unit.KVARH}, {"flow": Flow.EXPORT}, {"kind": "register"}):
        with pytest.raises(services.HasReadings) as told:
            act(manager, services.change_channel, counted, changes=changes)
        assert told.value.field == next(iter(changes))
    changed = act(manager, services.change_channel, counted, changes={"multiplier": Decimal(2), "unit": Unit.KWH})
    assert changed.multiplier == 2


def test_meter_begins_before_its_readings_and_ends_after_them(side, manager):
    head = side.firm.meter
    with park_scope(side.park.pk):
        day_of(side.firm.channel, date(2026, 11, 3), [1.0] * 96)
    with pytest.raises(services.HasReadings):
        act(manager, services.change_meter, head, changes={"starts_on": date(2026, 11, 4)})
    with pytest.raises(services.HasReadings):
        act(manager, services.retire_meter, head, ends_on=date(2026, 11, 3), today=TODAY)
    retired = act(manager, services.retire_meter, head, ends_on=date(2026, 11, 4), today=TODAY)
    assert retired.ends_on == date(2026, 11, 4)
    assert act(manager, services.retire_meter, head, ends_on=date(2026, 11, 4), today=TODAY).ends_on == date(
        2026, 11, 4
    )
    with pytest.raises(services.MeterRetired):
        act(manager, services.retire_meter, head, ends_on=date(2026, 11, 5), today=TODAY)


@pytest.mark.parametrize(
    ("changes", "field"), [({"starts_on": date(2026, 11, 4)}, "starts_on"), ({"ends_on": date(2026, 11, 3)}, "ends_on")]
)
def test_time_in_service_of_a_channel_leaves_no_reading_out(side, manager, changes, field):
    counted = side.firm.channel
    with park_scope(side.park.pk):
        day_of(counted, date(2026, 11, 3), [1.0] * 96)
    with pytest.raises(services.HasReadings) as told:
        act(manager, services.change_channel, counted, changes=changes)
    assert told.value.field == field
    around = {"starts_on": date(2026, 11, 3), "ends_on": date(2026, 11, 4)}
    assert act(manager, services.change_channel, counted, changes=around).ends_on == date(2026, 11, 4)


def test_what_states_of_a_dial_mean_by_stays(side, manager):
    entered = enter(manager, side, None, FACTS, {**DRAWN, "kind": "register", "interval_minutes": 60})
    with park_scope(side.park.pk):
        counted = entered.channels.get()
        bring_in(feed_of(side.park), "meter,time,value\nM-1101,2026-11-03 00:00,1000\n")
        assert totals(counted) == {}
    with pytest.raises(services.HasReadings) as told:
        act(manager, services.change_channel, counted, changes={"unit": Unit.KVARH})
    assert told.value.field == "unit"
    with pytest.raises(services.HasReadings):
        act(manager, services.change_channel, counted, changes={"starts_on": date(2026, 11, 4)})
    # A state at the midnight of the end closes the day before.
    assert act(manager, services.retire_meter, entered, ends_on=date(2026, 11, 3), today=TODAY).ends_on == date(
        2026, 11, 3
    )


def test_serial_number_is_never_taken_for_a_channel_of_another_meter(side, manager, own_manager):
    enter(manager, side, None, {**FACTS, "serial": "S8"})
    with pytest.raises(services.DoesNotFit) as told:
        enter(own_manager, side, side.firm.enterprise, {**FACTS, "serial": "S8/E1"})
    assert told.value.field == "serial"
    with pytest.raises(services.DoesNotFit):
        act(own_manager, services.change_meter, side.firm.meter, changes={"serial": "S8/E1"})


def test_channel_is_not_in_service_before_its_meter(side, manager):
    entered = enter(manager, side, None, FACTS, {**DRAWN, "starts_on": date(2020, 1, 1)})
    with park_scope(side.park.pk):
        assert entered.channels.get().service_starts_on == date(2026, 1, 1)


def test_retired_meter_changes_no_more(side, manager):
    act(manager, services.retire_meter, side.firm.meter, ends_on=date(2026, 11, 4), today=TODAY)
    for service, row, given in (
        (services.change_meter, side.firm.meter, {"changes": {"name": "New"}}),
        (services.add_channel, side.firm.meter, {"facts": {"code": "B1"}, "now": NOW}),
        (services.change_channel, side.firm.channel, {"changes": {"multiplier": Decimal(2)}}),
    ):
        with pytest.raises(services.MeterRetired):
            act(manager, service, row, **given)


def test_meter_cannot_end_before_it_began(side, manager):
    with pytest.raises(services.DoesNotFit):
        act(manager, services.retire_meter, side.firm.meter, ends_on=date(2024, 12, 31), today=TODAY)


def test_change_without_a_difference_leaves_no_trace(side, manager):
    with park_scope(side.park.pk):
        before = AuditEvent.objects.of_row("energy_meter", side.firm.meter.pk).count()
    act(manager, services.change_meter, side.firm.meter, changes={"name": side.firm.meter.name})
    with park_scope(side.park.pk):
        assert AuditEvent.objects.of_row("energy_meter", side.firm.meter.pk).count() == before


def test_channel_cannot_hang_on_a_meter_of_another_park(scene):
    """What the services keep apart the database does as well."""
    theirs = scene.others.firm.meter
    with pytest.raises(IntegrityError), park_scope(scene.ours.park.pk):
        Channel.objects.create(park=scene.ours.park, meter_id=theirs.pk, code="X")
        connection.check_constraints()
