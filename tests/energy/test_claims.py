"""Serial numbers that enterprises enter: claims that the park confirms before its own files fill them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from energy.choices import Commodity, Flow, Unit
from energy.models import Meter, RegisterDay, RejectedReading
from energy.services import meters as services
from enterprises.models import DeclaredInterest
from enterprises.services.ground import NotImpartial
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, open_scope, park_scope
from tests.clients import actor
from tests.energy.cases import bring_in, counts, rejected, totals
from tests.enterprises.test_api import call
from tests.factories.measured import meter
from tests.factories.metering import feed_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SERIAL = "ZZ-777"
FACTS = {
    "serial": SERIAL,
    "name": "Claimed",
    "location": "",
    "commodity": Commodity.ELECTRICITY,
    "starts_on": date(2026, 1, 1),
}
DRAWN = {"flow": Flow.IMPORT, "unit": Unit.KWH, "interval_minutes": 60}
FILE = f"meter,time,value\n{SERIAL},2026-11-03 00:00,2\n{SERIAL},2026-11-03 01:00,3\n"
TAKEN = "This serial number cannot be entered for this time. Ask the energy manager of the park, who sees why."


@pytest.fixture
def manager(side):
    return actor(side.staff[Role.PARK_ENERGY_MANAGER])


@pytest.fixture
def own_manager(side):
    return actor(side.firm.people[Role.ENERGY_MANAGER])


def enter(by, side, enterprise, channel=None, **facts):
    with open_scope(by.scope):
        facts, told = {**FACTS, **facts}, {**DRAWN, **(channel or {})}
        return services.enter_meter(by, park=side.park, enterprise=enterprise, facts=facts, channel=told, now=NOW)


def act(by, service, *args, **kwargs):
    with open_scope(by.scope):
        return service(by, *args, **kwargs)


@pytest.fixture
def claim(side, own_manager):
    """A meter that the enterprise entered."""
    return enter(own_manager, side, side.firm.enterprise)


def confirmed_by(meter_row, side):
    with park_scope(side.park.pk):
        held = Meter.objects.get(pk=meter_row.pk)
        return held.confirmed_at, held.confirmed_by_id, held.confirmed_by_name


# What the park's files fill


def test_files_of_the_park_fill_a_claim_once_it_is_confirmed(side, manager, claim):
    with park_scope(side.park.pk):
        gateway = feed_of(side.park)
        refused = bring_in(gateway, FILE)
        assert counts(refused) == (2, 0, 0, 2)
        assert rejected(refused) == [(2, 0, "unconfirmed_meter", 2, "")]
        assert totals(claim.channels.get()) == {}
    with enterprise_scope(side.park.pk, side.firm.enterprise.pk):
        assert not RejectedReading.objects.exists()

    act(manager, services.confirm_meter, claim, now=NOW)

    with park_scope(side.park.pk):
        assert counts(bring_in(gateway, FILE)) == (2, 2, 0, 0)
        assert totals(claim.channels.get()) == {"2026-11-03": 5.0}


def test_files_of_the_enterprise_fill_its_claim(side, claim):
    with park_scope(side.park.pk):
        row = bring_in(feed_of(side.park, enterprise=side.firm.enterprise), FILE)
        assert counts(row) == (2, 2, 0, 0)
        assert totals(claim.channels.get()) == {"2026-11-03": 5.0}


def test_claim_of_a_later_time_leaves_the_owner_of_before_alone(side, manager, own_manager):
    before = enter(manager, side, side.neighbour.enterprise)
    act(manager, services.retire_meter, before, ends_on=date(2026, 11, 3), today=TODAY)
    enter(own_manager, side, side.firm.enterprise, starts_on=date(2026, 11, 3))
    content = f"meter,time,value\n{SERIAL},2026-11-02 23:00,7\n{SERIAL},2026-11-03 00:00,8\n"
    with park_scope(side.park.pk):
        row = bring_in(feed_of(side.park), content)
        assert counts(row) == (2, 1, 0, 1)
        assert row.rejected_by_rule == {"unconfirmed_meter": 1}
        assert totals(before.channels.get()) == {"2026-11-02": 7.0}


@pytest.mark.parametrize("stamp", ["start", "end"])
def test_claimed_register_gets_no_state_at_the_midnight_of_a_change(side, manager, own_manager, stamp):
    """The state that closes the last day of a confirmed owner does not open the first one of a claim."""
    dial = {"kind": "register"}
    before = enter(manager, side, side.neighbour.enterprise, channel=dial)
    act(manager, services.retire_meter, before, ends_on=date(2026, 11, 3), today=TODAY)
    after = enter(own_manager, side, side.firm.enterprise, channel=dial, starts_on=date(2026, 11, 3))
    times = ("2026-11-02 23:00", "2026-11-03 00:00", "2026-11-03 01:00")
    content = "meter,time,value\n" + "".join(
        f"{SERIAL},{at},{state}\n" for at, state in zip(times, (100, 101, 103), strict=True)
    )

    with park_scope(side.park.pk):
        row = bring_in(feed_of(side.park, mapping={"stamp": stamp}), content)

        assert set(row.rejected_by_rule) == {"unconfirmed_meter"}
        assert not RegisterDay.objects.filter(channel__meter=after).exists()


# Who confirms


def test_meters_that_officials_enter_need_no_confirmation(side, manager):
    theirs = enter(manager, side, side.firm.enterprise)
    own = enter(manager, side, None, serial="ZZ-778")
    assert confirmed_by(theirs, side) == (NOW, manager.user_id, manager.name)
    assert confirmed_by(own, side) == (None, None, "")
    assert (theirs.is_to_confirm, own.is_to_confirm) == (False, False)
    # Nothing to say of a meter of the park itself.
    assert act(manager, services.confirm_meter, own, now=NOW).confirmed_at is None


def test_confirmation_says_who_and_when_once(side, manager, claim):
    assert claim.is_to_confirm
    act(manager, services.confirm_meter, claim, now=NOW)
    act(manager, services.confirm_meter, claim, now=NOW + timedelta(days=1))
    assert confirmed_by(claim, side) == (NOW, manager.user_id, manager.name)
    with park_scope(side.park.pk):
        _entered, confirmed = AuditEvent.objects.of_row("energy_meter", claim.pk).order_by("id")
    assert confirmed.user_name == manager.name
    differing = {name for name, value in confirmed.after.items() if confirmed.before[name] != value}
    assert differing == {"confirmed_at", "confirmed_by_id", "confirmed_by_name"}


@pytest.mark.parametrize(
    ("place", "role"),
    [
        *(("staff", role) for role in sorted(PARK_ROLES - {Role.PARK_ENERGY_MANAGER})),
        *(("firm", role) for role in sorted(ENTERPRISE_ROLES)),
    ],
)
def test_others_confirm_no_meter(side, claim, place, role):
    by = actor((side.staff if place == "staff" else side.firm.people)[role])
    with pytest.raises(PermissionDenied):
        act(by, services.confirm_meter, claim, now=NOW)


def test_official_with_an_interest_confirms_nothing(side, manager, claim):
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user_id=manager.user_id, reason="Shares"
        )
    with pytest.raises(NotImpartial):
        act(manager, services.confirm_meter, claim, now=NOW)


@pytest.mark.parametrize(
    ("changes", "is_kept"),
    [
        ({"name": "Renamed"}, True),
        ({"starts_on": date(2026, 2, 1)}, True),
        ({"starts_on": date(2025, 12, 31)}, False),
        ({"serial": "ZZ-778"}, False),
    ],
)
def test_enterprise_that_claims_more_waits_again(side, manager, own_manager, claim, changes, is_kept):
    act(manager, services.confirm_meter, claim, now=NOW)
    assert act(own_manager, services.change_meter, claim, changes=changes).is_to_confirm is not is_kept
    assert (confirmed_by(claim, side) == (NOW, manager.user_id, manager.name)) is is_kept


def test_official_corrects_a_number_without_a_second_confirmation(side, manager, claim):
    act(manager, services.confirm_meter, claim, now=NOW)
    act(manager, services.change_meter, claim, changes={"serial": "ZZ-778"})
    assert confirmed_by(claim, side) == (NOW, manager.user_id, manager.name)


# What the database holds


def test_enterprise_confirms_nothing_in_the_database(side, own_manager, claim):
    held = Meter.objects.filter(pk=claim.pk)
    with pytest.raises(IntegrityError, match="the park confirms"), open_scope(own_manager.scope):
        held.update(confirmed_at=NOW, confirmed_by_id=own_manager.user_id)
    with pytest.raises(IntegrityError, match="the park confirms"), open_scope(own_manager.scope):
        meter(side.park, side.firm.enterprise, serial="ZZ-779", confirmed_at=NOW)


@pytest.mark.parametrize("changes", [{"serial": "ZZ-778"}, {"starts_on": date(2025, 12, 31)}, {"confirmed_at": NOW}])
def test_confirmation_covers_no_more_than_it_did_in_the_database(side, own_manager, changes):
    held = Meter.objects.filter(pk=side.firm.meter.pk)
    with open_scope(own_manager.scope):
        held.update(name="Renamed", starts_on=date(2026, 1, 1))
        with pytest.raises(IntegrityError, match="the park confirms"), transaction.atomic():
            held.update(**{"starts_on": date(2026, 1, 1), **changes})


def test_official_confirms_in_their_own_name(side, manager, own_manager, claim):
    with pytest.raises(IntegrityError, match="the park confirms"), open_scope(manager.scope):
        Meter.objects.filter(pk=claim.pk).update(confirmed_at=NOW, confirmed_by_id=own_manager.user_id)


# What a clash tells


def test_clash_tells_an_enterprise_the_same_whoever_has_the_number(side, manager, own_manager):
    enter(manager, side, None, serial="OF-THE-PARK")
    enter(manager, side, side.neighbour.enterprise, serial="OF-ANOTHER")
    mine = enter(own_manager, side, side.firm.enterprise, serial="MINE")
    told = set()
    for serial in ("OF-THE-PARK", "OF-ANOTHER", "MINE"):
        with pytest.raises(services.SerialTaken) as refused:
            enter(own_manager, side, side.firm.enterprise, serial=serial)
        told.add((refused.value.message, refused.value.field))
    with pytest.raises(services.SerialTaken) as refused:
        act(own_manager, services.change_meter, mine, changes={"serial": "OF-ANOTHER"})
    assert told | {(refused.value.message, refused.value.field)} == {(TAKEN, "serial")}


def test_clash_tells_an_official_which_meter_has_the_number(side, manager, claim):
    with pytest.raises(services.SerialTaken) as refused:
        enter(manager, side, side.neighbour.enterprise)
    assert refused.value.message == "“Claimed” of OURS first firm has this serial number at that time."
    enter(manager, side, None, serial="ZZ-778", name="Street lights")
    with pytest.raises(services.SerialTaken) as refused:
        act(manager, services.change_meter, claim, changes={"serial": "ZZ-778"})
    assert refused.value.message == "“Street lights” of the park has this serial number at that time."


def test_enterprise_tries_few_numbers_a_day(side, manager, own_manager):
    enter(manager, side, None)
    mine = [enter(own_manager, side, side.firm.enterprise, serial=f"FREE-{number}") for number in range(12)]
    for _try in range(10):
        with pytest.raises(services.SerialTaken):
            enter(own_manager, side, side.firm.enterprise)
    # Not even a number that nobody has: that it is free would be an answer too.
    with pytest.raises(services.TooManyClashes):
        enter(own_manager, side, side.firm.enterprise, serial="FREE")
    with pytest.raises(services.TooManyClashes):
        act(own_manager, services.change_meter, mine[0], changes={"serial": "FREE"})
    # The neighbour has tries of its own, and the park needs none.
    theirs = actor(side.neighbour.people[Role.ENERGY_MANAGER])
    assert enter(theirs, side, side.neighbour.enterprise, serial="FREE").serial == "FREE"
    for _try in range(11):
        with pytest.raises(services.SerialTaken):
            enter(manager, side, side.firm.enterprise)


def test_enterprise_without_tries_keeps_what_claims_nothing(side, manager, own_manager):
    """A name, a later first day, the end of service: none of them asks whether somebody has the number."""
    enter(manager, side, None)
    mine = enter(own_manager, side, side.firm.enterprise, serial="FREE")
    for _try in range(10):
        with pytest.raises(services.SerialTaken):
            enter(own_manager, side, side.firm.enterprise)

    changes = {"name": "Boiler house", "location": "Hall 2", "starts_on": date(2026, 2, 1)}
    changed = act(own_manager, services.change_meter, mine, changes=changes)
    assert (changed.name, changed.location, changed.starts_on) == ("Boiler house", "Hall 2", date(2026, 2, 1))
    for ends_on in (date(2026, 12, 5), date(2026, 12, 1)):
        assert act(own_manager, services.retire_meter, mine, ends_on=ends_on, today=TODAY).ends_on == ends_on
    with pytest.raises(services.TooManyClashes):
        act(own_manager, services.retire_meter, mine, ends_on=date(2026, 12, 2), today=TODAY)
    other = enter(manager, side, side.firm.enterprise, serial="FREE-2")
    with pytest.raises(services.TooManyClashes):
        act(own_manager, services.change_meter, other, changes={"starts_on": date(2025, 12, 31)})


def test_park_frees_a_number_that_somebody_took(side, manager, own_manager, claim):
    """With its readings of before, by another number; from a day on, by taking it out of service."""
    act(manager, services.change_meter, claim, changes={"serial": "ZZ-777-W"})
    other = enter(manager, side, side.neighbour.enterprise)
    assert (other.serial, other.starts_on) == (SERIAL, date(2026, 1, 1))
    act(manager, services.retire_meter, other, ends_on=TODAY, today=TODAY)
    assert enter(manager, side, None, starts_on=TODAY).serial == SERIAL


# The last day


def test_last_day_that_lies_ahead_is_corrected(side, manager, own_manager):
    slip = enter(manager, side, side.firm.enterprise)
    act(own_manager, services.retire_meter, slip, ends_on=date(2062, 6, 1), today=TODAY)
    corrected = act(own_manager, services.retire_meter, slip, ends_on=date(2026, 6, 1), today=TODAY)
    assert (corrected.ends_on, corrected.is_to_confirm) == (date(2026, 6, 1), False)
    assert enter(manager, side, side.neighbour.enterprise, starts_on=date(2026, 6, 1)).serial == SERIAL
    with pytest.raises(services.MeterRetired):
        act(manager, services.retire_meter, slip, ends_on=date(2026, 5, 1), today=TODAY)


def test_last_day_is_corrected_until_it_comes(side, manager):
    going = enter(manager, side, side.firm.enterprise)
    for today, ends_on in ((TODAY, date(2026, 11, 24)), (date(2026, 11, 23), date(2026, 11, 25))):
        assert act(manager, services.retire_meter, going, ends_on=ends_on, today=today).ends_on == ends_on
    with pytest.raises(services.MeterRetired):
        act(manager, services.retire_meter, going, ends_on=date(2026, 11, 26), today=date(2026, 11, 25))


def test_later_last_day_is_claimed_anew_and_takes_nobodys_time(side, manager, own_manager):
    going = enter(manager, side, side.firm.enterprise)
    act(manager, services.retire_meter, going, ends_on=date(2026, 12, 1), today=TODAY)
    enter(manager, side, side.neighbour.enterprise, starts_on=date(2026, 12, 5))
    with pytest.raises(services.SerialTaken):
        act(own_manager, services.retire_meter, going, ends_on=date(2026, 12, 6), today=TODAY)
    later = act(own_manager, services.retire_meter, going, ends_on=date(2026, 12, 5), today=TODAY)
    assert later.is_to_confirm
    # The park may still say that it is theirs, of the days that are over.
    assert not act(manager, services.confirm_meter, going, now=NOW).is_to_confirm


def test_official_with_an_interest_only_shortens_a_time(side, manager):
    """What they may not confirm they do not prolong either; to take it out of service asks for less."""
    going = enter(manager, side, side.firm.enterprise)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user_id=manager.user_id, reason="Shares"
        )
    for ends_on in (date(2026, 12, 5), date(2026, 12, 1)):
        assert act(manager, services.retire_meter, going, ends_on=ends_on, today=TODAY).ends_on == ends_on
    with pytest.raises(NotImpartial):
        act(manager, services.retire_meter, going, ends_on=date(2027, 12, 1), today=TODAY)
    with park_scope(side.park.pk):
        assert Meter.objects.get(pk=going.pk).ends_on == date(2026, 12, 1)


@pytest.mark.parametrize(("hour", "refused"), [("00:00", False), ("10:00", True)])
def test_state_within_a_day_keeps_the_day_in_service(side, manager, hour, refused):
    with open_scope(manager.scope):
        dial = services.enter_meter(
            manager, park=side.park, enterprise=None, facts=FACTS, channel={**DRAWN, "kind": "register"}, now=NOW
        )
    with park_scope(side.park.pk):
        bring_in(feed_of(side.park), f"meter,time,value\n{SERIAL},2026-11-03 {hour},1000\n")
    if refused:
        with pytest.raises(services.HasReadings) as told:
            act(manager, services.retire_meter, dial, ends_on=date(2026, 11, 3), today=TODAY)
        assert told.value.message == "Readings are kept until 2026-11-03."
        act(manager, services.retire_meter, dial, ends_on=date(2026, 11, 4), today=TODAY)
    else:
        act(manager, services.retire_meter, dial, ends_on=date(2026, 11, 3), today=TODAY)


# The pages and the API


def test_park_finds_and_confirms_what_waits(side, client_of, claim):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    listed = client.get(reverse("energy:meter_list") + "?confirmation=to_confirm")
    assertContains(listed, "To confirm (1)")
    assertContains(listed, ">Claimed</a>")
    assertNotContains(listed, "OURS first firm meter")
    address = reverse("energy:meter_detail", args=[claim.pk])
    assertContains(client.get(address), "Confirm the meter")
    assertRedirects(client.post(reverse("energy:meter_confirm", args=[claim.pk])), address)
    shown = client.get(address)
    assertContains(shown, "Confirmed by the park")
    assertContains(shown, side.staff[Role.PARK_ENERGY_MANAGER].user.name)
    assertNotContains(shown, reverse("energy:meter_confirm", args=[claim.pk]))
    assertNotContains(client.get(reverse("energy:meter_list")), "To confirm")


def test_enterprise_is_told_that_its_meter_waits(side, client_of, claim):
    client = client_of(side.firm.people[Role.ENERGY_MANAGER])
    shown = client.get(reverse("energy:meter_detail", args=[claim.pk]))
    assertContains(shown, "once its energy manager has confirmed the serial number")
    assertNotContains(shown, reverse("energy:meter_confirm", args=[claim.pk]))
    assert client.post(reverse("energy:meter_confirm", args=[claim.pk])).status_code == 403


def test_page_offers_to_correct_a_last_day_that_lies_ahead(side, client_of, manager):
    client = client_of(side.staff[Role.PARK_ENERGY_MANAGER])
    act(manager, services.retire_meter, side.firm.meter, ends_on=date(2099, 1, 1), today=TODAY)
    detail = reverse("energy:meter_detail", args=[side.firm.meter.pk])
    form = reverse("energy:meter_retire", args=[side.firm.meter.pk])
    assertContains(client.get(detail), "Correct the last day")
    assertContains(client.get(form), 'value="2099-01-01"')
    assertRedirects(client.post(form, {"ends_on": "2026-06-01"}), detail)
    assertNotContains(client.get(detail), form)


def test_api_says_which_meters_wait(side, claim):
    rows = call(side.staff[Role.PARK_ENERGY_MANAGER])("GET", "/meters/").json()["results"]
    told = {row["name"]: (row["is_to_confirm"], row["confirmed_at"] is None) for row in rows}
    assert told == {
        "Claimed": (True, True),
        "OURS first firm meter": (False, False),
        "OURS second firm meter": (False, False),
    }
