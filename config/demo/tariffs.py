"""An example tariff of the demo, after the pattern of those of Fujian, and the meters that are charged by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.demo import readings
from energy.calculations.tariff_clock import letters_of
from energy.choices import ChargeBasis, Flow, PowerFactorStandard, Unit
from energy.models import Channel, Feed, Meter, Tariff
from energy.services import meters, tariffs
from lib.periods import local_day
from parks.actors import Actor
from parks.models import CalendarDay, Park
from tenancy.scopes import open_scope

NAME = "Large industry, two-part, 10 kV (example)"
SOURCE = "Invented for this demo after the pattern of Fujian"
VALLEY = [(0, 16)]
PEAK = [(20, 24), (30, 40), (42, 44)]
SHARP = [(22, 24), (34, 36)]
PEAK_OF_SUMMER = [(20, 22), (30, 34), (36, 40), (42, 44)]
MOST_OF_THE_YEAR = letters_of({"P": PEAK, "V": VALLEY})
SUMMER = letters_of({"S": SHARP, "P": PEAK_OF_SUMMER, "V": VALLEY})
HOLIDAY = letters_of({"D": [(20, 30)], "V": VALLEY})
SEASONS = [
    {"months": [1, 2, 3, 4, 5, 6, 10, 11, 12], **dict.fromkeys(("working", "weekend"), MOST_OF_THE_YEAR)},
    {"months": [7, 8, 9], **dict.fromkeys(("working", "weekend"), SUMMER)},
]
PRICES = {
    "price_sharp": Decimal("1.2046"),
    "price_peak": Decimal("1.0387"),
    "price_flat": Decimal("0.6382"),
    "price_valley": Decimal("0.2877"),
    "price_deep": Decimal("0.2014"),
    "levy_per_kwh": Decimal("0.0289"),
    "demand_price_per_kw": Decimal("40.8"),
    "capacity_price_per_kva": Decimal("25.5"),
}
LATER = {"price_peak": Decimal("1.0241"), "price_flat": Decimal("0.6294"), "price_valley": Decimal("0.2839")}
TERMS: dict[str, dict[str, Any]] = {
    "M-1101": {"charge_basis": ChargeBasis.DEMAND},
    "M-1102": {"charge_basis": ChargeBasis.CAPACITY, "capacity_kva": Decimal(8000)},
    "M-2101": {"charge_basis": ChargeBasis.DEMAND, "power_factor_standard": PowerFactorStandard.HIGH},
    "P-001": {},
    "P-030": {},
}
WITH_REACTIVE = "M-2101"
REACTIVE_CODE, REACTIVE_SHARE = "Q", 0.42


def seed_tariffs(park: Park, manager: Actor, now: datetime) -> None:
    """Two versions in force and a draft of the next year. The meters are there, with their readings."""
    today = local_day(now, park.time_zone)
    with open_scope(manager.scope):
        start = Meter.objects.get(serial=WITH_REACTIVE).starts_on
        draft = tariffs.add_tariff(
            manager, park=park, name=NAME, time_zone="Asia/Shanghai", facts=_facts(start), now=now
        )
        tariff = draft.tariff
        tariffs.put_in_force(manager, draft, seen=draft.terms_digest)
        second = tariffs.draft_version(manager, tariff, facts=_facts(date(start.year + 1, 6, 1), **LATER), now=now)
        tariffs.put_in_force(manager, second, seen=second.terms_digest)
        tariffs.draft_version(manager, tariff, facts=_facts(date(today.year + 1, 1, 1), **LATER), now=now)
        for serial, terms in TERMS.items():
            _assign(manager, serial, tariff, start, terms, now)
    _bring_reactive(park, manager, start, today, now)


def _facts(starts_on: date, **prices: Decimal) -> dict[str, Any]:
    seasons = [{**season, "holiday": HOLIDAY} for season in SEASONS]
    return {"starts_on": starts_on, "source": SOURCE, "seasons": seasons, **PRICES, **prices}


def _assign(manager: Actor, serial: str, tariff: Tariff, start: date, terms: dict[str, Any], now: datetime) -> None:
    channel = Channel.objects.select_related("meter", "enterprise").get(meter__serial=serial)
    facts = {
        "starts_on": start,
        "ends_on": None,
        "charge_basis": ChargeBasis.NONE,
        "capacity_kva": None,
        "power_factor_standard": "",
        **terms,
    }
    tariffs.assign_tariff(manager, channel, tariff, facts=facts, now=now)


def _bring_reactive(park: Park, manager: Actor, start: date, today: date, now: datetime) -> None:
    """What a power factor is worked out from."""
    plan = next(plan for plan in readings.METERS if plan.serial == WITH_REACTIVE)
    with open_scope(manager.scope):
        meter = Meter.objects.get(serial=WITH_REACTIVE)
        facts = {
            "code": REACTIVE_CODE,
            "flow": Flow.IMPORT,
            "unit": Unit.KVARH,
            "interval_minutes": plan.minutes,
            "highest": plan.full,
        }
        meters.add_channel(manager, meter, facts=facts, now=now)
        exceptions = dict(CalendarDay.objects.filter(day__gte=start).values_list("day", "is_working"))
        feed = Feed.objects.get(park=park, name=readings.FEED)
    body = readings.table(replace(plan, full=plan.full * REACTIVE_SHARE), start, today, exceptions)
    named = body.replace(f"{plan.serial},", f"{plan.serial}/{REACTIVE_CODE},")
    readings.bring(replace(plan, serial=f"{plan.serial}-{REACTIVE_CODE}"), feed, manager, named, now)
