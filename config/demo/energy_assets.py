"""Energy assets of the demo, with a year of readings of what measures those of Liyang, Hefei and Xiamen.

Liyang makes about 5.2 million kWh of photovoltaic energy a year, as the press says of its canopy road.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo import load_shapes, readings
from config.demo.load_shapes import Place
from config.demo.readings import DemoMeter, Shape
from energy.choices import AssetKind, AssetRole, Commodity, FeedFormat, Flow, QualityRule, Unit
from energy.models import Asset, Channel, Feed, Meter
from energy.services import assets, feeds, meters, quality
from enterprises.models import Enterprise
from lib.periods import local_day
from parks.actors import Actor
from parks.models import CalendarDay, Park
from tenancy.scopes import open_scope

LIYANG_PLACE = Place(31.42, 119.48)
HEFEI_PLACE = Place(31.83, 117.13)
CANOPY, WORKSHOPS, BUILDING, ROOF, CHARGING, STORE = 4370.0, 2600.0, 115.0, 265.0, 1500.0, 2000.0
# What the sun gives the sensor where modules give their rated power: it leaves a performance ratio of about 82 %.
FULL_SUN_W_PER_M2 = 1015.0


@dataclass(frozen=True)
class DemoAsset:
    """An asset and what measures it: for each role the names of channels in files. owner: as of a `DemoMeter`."""

    name: str
    kind: AssetKind
    location: str
    owner: int | None
    plate: Mapping[str, Any]
    measured: Mapping[AssetRole, str] = field(default_factory=dict)
    members: Sequence[str] = ()


def _sun(name: str, place: Place) -> Shape:
    return lambda at, _exceptions: load_shapes.photovoltaics(name, at, place)


def _plant(name: str) -> Shape:
    return lambda at, exceptions: load_shapes.plant(name, at, exceptions)


def _charge(name: str) -> Shape:
    return lambda at, _exceptions: load_shapes.storage_charge(name, at)


def _discharge(name: str) -> Shape:
    return lambda at, _exceptions: load_shapes.storage_discharge(name, at)


def _drawn_kw(at: datetime, exceptions: Mapping[date, bool]) -> float:
    """What the microgrid of Liyang takes from the grid; below zero what it feeds in."""
    used = WORKSHOPS * load_shapes.plant("L-101", at, exceptions) + BUILDING * load_shapes.office(
        "L-160", at, exceptions
    )
    used += CHARGING * load_shapes.charging("L-140", at) + STORE * load_shapes.storage_charge("L-130", at)
    made = CANOPY * load_shapes.photovoltaics("L-100", at, LIYANG_PLACE)
    made += ROOF * load_shapes.photovoltaics("L-165", at, LIYANG_PLACE)
    return used - made - STORE * load_shapes.storage_discharge("L-130", at)


LIYANG = (
    DemoMeter(
        "L-101",
        "Grid connection",
        "Substation Tianmu",
        None,
        lambda at, exceptions: max(_drawn_kw(at, exceptions), 0.0),
        1.0,
        rated_kw=8000,
        code="1.8.0",
    ),
    DemoMeter(
        "L-101",
        "Grid connection",
        "Substation Tianmu",
        None,
        lambda at, exceptions: max(-_drawn_kw(at, exceptions), 0.0),
        1.0,
        flow=Flow.EXPORT,
        rated_kw=8000,
        code="2.8.0",
    ),
    DemoMeter(
        "L-100",
        "Canopy photovoltaics",
        "Canopy road",
        None,
        _sun("L-100", LIYANG_PLACE),
        CANOPY,
        flow=Flow.GENERATION,
        rated_kw=4500,
    ),
    DemoMeter(
        "L-150",
        "Irradiance sensor",
        "Canopy road",
        None,
        _sun("L-100", LIYANG_PLACE),
        FULL_SUN_W_PER_M2,
        Commodity.ENVIRONMENT,
        Flow.STATE,
        Unit.WATT_PER_SQUARE_METRE,
        highest=1500.0,
    ),
    DemoMeter(
        "L-130",
        "Battery storage",
        "Canopy road",
        None,
        _charge("L-130"),
        STORE,
        flow=Flow.CHARGE,
        rated_kw=2400,
        code="1",
    ),
    DemoMeter(
        "L-130",
        "Battery storage",
        "Canopy road",
        None,
        _discharge("L-130"),
        STORE,
        flow=Flow.DISCHARGE,
        rated_kw=2400,
        code="2",
    ),
    DemoMeter(
        "L-131",
        "Battery management",
        "Canopy road",
        None,
        lambda at, _exceptions: load_shapes.storage_state_percent("L-130", at),
        1.0,
        Commodity.ENVIRONMENT,
        Flow.STATE,
        Unit.PERCENT,
        highest=100.0,
    ),
    DemoMeter(
        "L-140",
        "Charging station",
        "Canopy road",
        None,
        lambda at, _exceptions: load_shapes.charging("L-140", at),
        CHARGING,
        flow=Flow.EV_CHARGING,
        rated_kw=3200,
    ),
    DemoMeter(
        "L-160",
        "Energy centre, consumption",
        "Canopy road 1",
        None,
        lambda at, exceptions: load_shapes.office("L-160", at, exceptions),
        BUILDING,
        rated_kw=300,
    ),
    DemoMeter(
        "L-165",
        "Energy centre, roof",
        "Canopy road 1",
        None,
        _sun("L-165", LIYANG_PLACE),
        ROOF,
        flow=Flow.GENERATION,
        rated_kw=400,
    ),
)
HEFEI = (
    DemoMeter("H-101", "Main intake", "Hall 1", 0, _plant("H-101"), 3800, rated_kw=5000),
    DemoMeter(
        "H-120",
        "Rooftop photovoltaics",
        "Hall 1, roof",
        0,
        _sun("H-120", HEFEI_PLACE),
        1080,
        flow=Flow.GENERATION,
        rated_kw=1200,
    ),
)
XIAMEN = (
    DemoMeter(
        "M-1130",
        "Battery storage",
        "Substation 1",
        0,
        _charge("M-1130"),
        1000,
        flow=Flow.CHARGE,
        rated_kw=1200,
        code="1",
    ),
    DemoMeter(
        "M-1130",
        "Battery storage",
        "Substation 1",
        0,
        _discharge("M-1130"),
        1000,
        flow=Flow.DISCHARGE,
        rated_kw=1200,
        code="2",
    ),
)
METERS: dict[str, tuple[DemoMeter, ...]] = {
    "xiamen-torch": XIAMEN,
    "hefei-high-tech": HEFEI,
    "changzhou-liyang": LIYANG,
}
# A store that rests stands at one state for hours, and what is fed in at noon alone comes in peaks.
UNASKED: dict[str, tuple[tuple[str, QualityRule], ...]] = {
    "changzhou-liyang": (("L-131", QualityRule.FROZEN), ("L-101/2.8.0", QualityRule.SPIKE)),
}
ASSETS: dict[str, tuple[DemoAsset, ...]] = {
    "xiamen-torch": (
        DemoAsset(
            "Rooftop photovoltaics, hall 3",
            AssetKind.PV,
            "Building 3, roof",
            0,
            {"peak_power_kwp": 2800, "power_kw": 2400, "tilt_degrees": 10, "azimuth_degrees": 175},
            {AssetRole.GENERATION: "M-1120"},
        ),
        DemoAsset(
            "Battery storage, substation 1",
            AssetKind.STORAGE,
            "Substation 1",
            0,
            {"power_kw": 1000, "capacity_kwh": 2000, "guaranteed_efficiency_percent": Decimal("88.50")},
            {AssetRole.CHARGE: "M-1130/1", AssetRole.DISCHARGE: "M-1130/2"},
        ),
        # Its peak power is that of the whole car park at 0.2 kWp/m²: what the check of the yield is there for.
        DemoAsset(
            "Car park photovoltaics",
            AssetKind.PV,
            "East gate",
            None,
            {"peak_power_kwp": 3270, "power_kw": 900, "tilt_degrees": 5, "azimuth_degrees": 180},
            {AssetRole.GENERATION: "P-020"},
        ),
        DemoAsset(
            "Charging station, east gate",
            AssetKind.CHARGING,
            "East gate",
            None,
            {"connectors": 16, "power_kw": 1920},
            {AssetRole.LOAD: "P-030"},
        ),
    ),
    "hefei-high-tech": (
        DemoAsset(
            "Rooftop photovoltaics, hall 1",
            AssetKind.PV,
            "Hall 1, roof",
            0,
            {"peak_power_kwp": 1250, "power_kw": 1200, "tilt_degrees": 8, "azimuth_degrees": 180},
            {AssetRole.GENERATION: "H-120"},
        ),
    ),
    "changzhou-liyang": (
        DemoAsset(
            "Photovoltaic canopy road",
            AssetKind.PV,
            "Canopy road",
            None,
            {
                "peak_power_kwp": 5200,
                "power_kw": 4500,
                "tilt_degrees": 6,
                "azimuth_degrees": 180,
                "design_yield_kwh_per_kwp": 1020,
            },
            {AssetRole.GENERATION: "L-100", AssetRole.IRRADIANCE: "L-150"},
        ),
        DemoAsset(
            "Battery storage",
            AssetKind.STORAGE,
            "Canopy road",
            None,
            {"power_kw": 2000, "capacity_kwh": 4000, "guaranteed_efficiency_percent": Decimal("85.00")},
            {
                AssetRole.CHARGE: "L-130/1",
                AssetRole.DISCHARGE: "L-130/2",
                AssetRole.STATE_OF_CHARGE: "L-131",
            },
        ),
        DemoAsset(
            "Charging station",
            AssetKind.CHARGING,
            "Canopy road",
            None,
            {"connectors": 40, "power_kw": 3200},
            {AssetRole.LOAD: "L-140"},
        ),
        DemoAsset(
            "Energy centre",
            AssetKind.BUILDING,
            "Canopy road 1",
            None,
            {"floor_area_m2": 8000},
            {AssetRole.LOAD: "L-160", AssetRole.GENERATION: "L-165"},
        ),
        DemoAsset(
            "Microgrid of the canopy road",
            AssetKind.MICROGRID,
            "Substation Tianmu",
            None,
            {},
            {AssetRole.IMPORT: "L-101/1.8.0", AssetRole.EXPORT: "L-101/2.8.0"},
            ("Photovoltaic canopy road", "Battery storage", "Charging station", "Energy centre"),
        ),
    ),
}


def seed_assets(park: Park, manager: Actor, now: datetime) -> None:
    """Bring what measures the assets of a park, and enter them. What other parts of the demo measure is there."""
    today = local_day(now, park.time_zone)
    start = readings.months_before(today, readings.MONTHS_BACK)
    with open_scope(manager.scope):
        exceptions = dict(CalendarDay.objects.filter(day__gte=start).values_list("day", "is_working"))
        owners = list(Enterprise.objects.order_by("created_at", "pk")[:2])
        feed = Feed.objects.filter(name=readings.FEED).first()
        if feed is None:
            facts = {"name": readings.FEED, "format": FeedFormat.LONG_TABLE, "time_zone": park.time_zone}
            feed = feeds.add_feed(manager, park=park, facts=facts, now=now)
        for plan in METERS[park.slug]:
            _enter(plan, park, owners, manager, start, now)
        for name, rule in UNASKED.get(park.slug, ()):
            _leave_unasked(manager, name, rule)
    for plan in METERS[park.slug]:
        readings.bring(plan, feed, manager, readings.table(plan, start, today, exceptions), now)
    with open_scope(manager.scope):
        entered: dict[str, Asset] = {}
        for asset in ASSETS[park.slug]:
            entered[asset.name] = _enter_asset(asset, park, owners, manager, start, now)
            for name in asset.members:
                assets.add_member(manager, entered[asset.name], entered[name], starts_on=start, now=now)


def _enter(
    plan: DemoMeter, park: Park, owners: Sequence[Enterprise], manager: Actor, start: date, now: datetime
) -> None:
    """The meter, or a further channel of the one that is there."""
    meter = Meter.objects.filter(serial=plan.serial).first()
    if meter is None:
        owner = None if plan.owner is None else owners[plan.owner]
        readings.enter(plan, park, owner, manager, start, now)
    else:
        meters.add_channel(manager, meter, facts=readings.channel_facts(plan), now=now)


def _enter_asset(
    plan: DemoAsset, park: Park, owners: Sequence[Enterprise], manager: Actor, start: date, now: datetime
) -> Asset:
    owner = None if plan.owner is None else owners[plan.owner]
    plate = {name: value if name == "connectors" else Decimal(value) for name, value in plan.plate.items()}
    facts = {"name": plan.name, "location": plan.location, "starts_on": start - timedelta(days=180), **plate}
    asset = assets.enter_asset(manager, park=park, enterprise=owner, kind=plan.kind, facts=facts, now=now)
    for role, name in plan.measured.items():
        assets.link_channel(manager, asset, _channel(name), role=role, starts_on=start, now=now)
    return asset


def _channel(name: str) -> Channel:
    serial, _stroke, code = name.partition("/")
    return Channel.objects.select_related("meter").get(meter__serial=serial, code=code)


def _leave_unasked(manager: Actor, name: str, rule: QualityRule) -> None:
    channel = _channel(name)
    setting = quality.rules_of(channel)[rule]
    quality.write_rules(manager, channel, settings={rule: replace(setting, is_on=False)})
