"""A year of readings of the demo's meters, brought by files as a gateway would send them, with some faults in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.base import ContentFile

from config.demo import load_shapes
from config.demo.load_shapes import Place
from energy.choices import Commodity, FeedFormat, Flow, IssueState, Unit
from energy.models import Feed, Meter, ReadingIssue
from energy.services import feeds, meters, quality, readings, virtual
from enterprises.models import Enterprise
from lib.periods import local_day
from parks.actors import Actor
from parks.choices import Role
from parks.models import CalendarDay, Park
from tenancy.scopes import open_scope

PARK = "xiamen-torch"
XIAMEN = Place(24.49, 118.09)
FEED = "Park gateway"
MONTHS_BACK = 12

Shape = Callable[[datetime, Mapping[date, bool]], float]


@dataclass(frozen=True)
class DemoMeter:
    """A meter with one channel; `full` is what it counts in an hour at its highest. owner: the place of an enterprise
    among those of the park, None for the park itself. A code tells further channels of the same meter apart.
    highest: what an interval gives at most, where that is neither the rated power nor twice `full`."""

    serial: str
    name: str
    location: str
    owner: int | None
    shape: Shape
    full: float
    commodity: Commodity = Commodity.ELECTRICITY
    flow: Flow = Flow.IMPORT
    unit: Unit = Unit.KWH
    minutes: int = 15
    rated_kw: int | None = None
    silent_days: int = 0
    head: str = ""
    code: str = ""
    highest: float | None = None

    @property
    def name_in_files(self) -> str:
        return f"{self.serial}/{self.code}" if self.code else self.serial


def _plant(serial: str, shifts: int) -> Shape:
    return lambda at, exceptions: load_shapes.plant(serial, at, exceptions, shifts=shifts)


def _sun(serial: str) -> Shape:
    return lambda at, _exceptions: load_shapes.photovoltaics(serial, at, XIAMEN)


METERS = (
    DemoMeter("M-1101", "Main intake A", "Substation 1, bay 3", 0, _plant("M-1101", 2), 6400, rated_kw=8000),
    DemoMeter("M-1102", "Main intake B", "Substation 1, bay 4", 0, _plant("M-1102", 3), 5200, rated_kw=8000),
    DemoMeter(
        "M-1120",
        "Rooftop photovoltaics",
        "Building 3, roof",
        0,
        _sun("M-1120"),
        2400,
        flow=Flow.GENERATION,
        rated_kw=2400,
    ),
    DemoMeter(
        "M-1150",
        "Boiler house",
        "Building 5",
        0,
        _plant("M-1150", 2),
        310,
        Commodity.GAS,
        unit=Unit.CUBIC_METRE,
        minutes=60,
    ),
    DemoMeter(
        "M-1160",
        "Water intake",
        "West gate",
        0,
        _plant("M-1160", 3),
        46,
        Commodity.WATER,
        unit=Unit.CUBIC_METRE,
        minutes=60,
        silent_days=3,
    ),
    DemoMeter(
        "M-2101", "Melting shop", "Substation 2, bay 1", 1, _plant("M-2101", 3), 9100, rated_kw=12000, head="P-110"
    ),
    DemoMeter(
        "P-001",
        "Street lighting and offices",
        "Park administration",
        None,
        lambda at, _exceptions: load_shapes.lighting("P-001", at, XIAMEN),
        420,
        rated_kw=800,
        head="P-110",
    ),
    DemoMeter(
        "P-020", "Car park photovoltaics", "East gate", None, _sun("P-020"), 860, flow=Flow.GENERATION, rated_kw=900
    ),
    DemoMeter(
        "P-030",
        "Charging station",
        "East gate",
        None,
        lambda at, _exceptions: load_shapes.charging("P-030", at),
        640,
        flow=Flow.EV_CHARGING,
        rated_kw=1920,
        head="P-110",
    ),
)
BELOW_FEEDER = tuple(plan for plan in METERS if plan.head)
FULL_FEEDER = 11_000
LOST_SHARE = 0.024


def _feeder(at: datetime, exceptions: Mapping[date, bool]) -> float:
    """What passes the head meter: all that those below it take, and what transformer and cables keep."""
    taken = sum(plan.full * plan.shape(at, exceptions) for plan in BELOW_FEEDER)
    return taken * (1 + LOST_SHARE) / FULL_FEEDER


FEEDER = DemoMeter("P-110", "Feeder 2, 110 kV", "Substation 2", None, _feeder, FULL_FEEDER, rated_kw=16000)


# What an enterprise entered, and the park has not confirmed yet.
CLAIMED = DemoMeter("M-1180", "Compressor station", "Hall 2", None, _plant("M-1180", 3), 380, rated_kw=630)
DAYS_CLAIMED = 2
STOOD_STILL = "The line was switched off for maintenance."


def seed_readings(park: Park, manager: Actor, firms: Sequence[Sequence[Actor]], now: datetime) -> None:
    """Enter the meters, and bring a file for each with its readings until yesterday. firms: the people of each."""
    today = local_day(now, park.time_zone)
    start = months_before(today, MONTHS_BACK)
    with open_scope(manager.scope):
        exceptions = dict(CalendarDay.objects.filter(day__gte=start).values_list("day", "is_working"))
        owners = list(Enterprise.objects.order_by("created_at", "pk")[:2])
        facts = {"name": FEED, "format": FeedFormat.LONG_TABLE, "time_zone": park.time_zone}
        feed = feeds.add_feed(manager, park=park, facts=facts, now=now)
        head = enter(FEEDER, park, None, manager, start, now)
        for plan in METERS:
            owner = None if plan.owner is None else owners[plan.owner]
            enter(plan, park, owner, manager, start, now, head=head if plan.head == FEEDER.serial else None)
    for plan in (FEEDER, *METERS):
        bring(plan, feed, manager, table(plan, start, today, exceptions), now)
    _work_out(manager, park, head, now)
    _decide(manager, now)
    for keeper in (person for people in firms for person in people if person.has_role(Role.ENERGY_MANAGER)):
        with open_scope(keeper.scope):
            enter(CLAIMED, park, Enterprise.objects.visible_to(keeper).get(), keeper, start, now)
        since = today - timedelta(days=DAYS_CLAIMED)
        bring(CLAIMED, feed, manager, table(CLAIMED, since, today, exceptions), now)
        break


def months_before(day: date, count: int) -> date:
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def enter(
    plan: DemoMeter,
    park: Park,
    owner: Enterprise | None,
    manager: Actor,
    start: date,
    now: datetime,
    *,
    head: Meter | None = None,
) -> Meter:
    return meters.enter_meter(
        manager,
        park=park,
        enterprise=owner,
        facts={
            "serial": plan.serial,
            "name": plan.name,
            "location": plan.location,
            "commodity": plan.commodity,
            "starts_on": start,
        },
        channel=channel_facts(plan),
        head=head,
        now=now,
    )


def channel_facts(plan: DemoMeter) -> dict[str, Any]:
    return {
        "flow": plan.flow,
        "unit": plan.unit,
        "interval_minutes": plan.minutes,
        "rated_power_kw": None if plan.rated_kw is None else Decimal(plan.rated_kw),
        "code": plan.code,
        "highest": None if plan.rated_kw else plan.highest or plan.full * 2 * plan.minutes / 60,
    }


def bring(plan: DemoMeter, feed: Feed, manager: Actor, body: str, now: datetime) -> None:
    """One file through the pipeline of everybody, each of its steps in a transaction of its own."""
    name = f"{plan.name_in_files}.csv".replace("/", "-")
    with open_scope(manager.scope):
        content = ContentFile(body.encode(), name)
        taken = readings.take_in_file(feed=feed, upload=content, name=name, by=manager, now=now)
    steps = readings.import_steps(taken.pk, lambda: now)
    while True:
        with open_scope(manager.scope):
            if next(steps, _ENDED) is _ENDED:
                break
    # As the worker does after each file.
    with open_scope(manager.scope):
        quality.check_import(taken.pk, after=None, now=now)


def _work_out(manager: Actor, park: Park, head: Meter, now: datetime) -> None:
    """What passes the feeder besides the largest user, as the worker works it out."""
    facts = {"code": "V1", "flow": Flow.IMPORT, "unit": Unit.KWH, "interval_minutes": 15}
    with open_scope(manager.scope):
        channel = virtual.add_virtual_channel(manager, head, facts=facts, formula="[P-110] − [M-2101]", now=now)
    last: date | None = None
    while True:
        with open_scope(manager.scope):
            last = virtual.work_out_all(park, channel.pk, after=last, now=now)
        if last is None:
            break


def _decide(manager: Actor, now: datetime) -> None:
    """Some of what was found is settled, so that the list shows every state; the newest stays to be decided."""
    with open_scope(manager.scope):
        found = list(ReadingIssue.objects.filter(state=IssueState.OPEN).order_by("day", "channel_id", "rule"))
        for issue in found[: len(found) // 3]:
            with suppress(quality.NoEstimate):
                quality.estimate_issue(manager, issue, expected_round=issue.round, total=None, reason="", now=now)
        later = found[len(found) // 3 :]
        for issue in later[:1]:
            quality.accept_issue(manager, issue, expected_round=issue.round, reason=STOOD_STILL, now=now)
        for issue in later[-3:-1]:
            quality.ask_again(manager, issue, expected_round=issue.round, reason="", now=now)


_ENDED = object()


def table(plan: DemoMeter, start: date, until: date, exceptions: Mapping[date, bool]) -> str:
    """What the gateway wrote of a meter: a row an interval, those of outages left out, some values broken."""
    value_of = partial(_value, plan, exceptions)
    rows = (f"{plan.name_in_files},{at:%Y-%m-%d %H:%M},{value}" for at, value in _rows(plan, start, until, value_of))
    return "\n".join(["meter,time,value", *rows, ""])


def _rows(
    plan: DemoMeter, start: date, until: date, value_of: Callable[[datetime], str]
) -> Iterator[tuple[datetime, str]]:
    day = start
    while day < until - timedelta(days=plan.silent_days):
        is_out = load_shapes.chance(f"{plan.serial} outage", day) < 0.012
        is_faulty = load_shapes.chance(f"{plan.serial} fault", day) < 0.008
        for minute in range(0, 24 * 60, plan.minutes):
            at = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 - a clock on a wall
            if is_out and 8 <= at.hour < 14:
                continue
            yield at, _broken(plan, day) if is_faulty and minute == 600 else value_of(at)
        day += timedelta(days=1)


def _value(plan: DemoMeter, exceptions: Mapping[date, bool], at: datetime) -> str:
    """What the meter counted, but for what the checks of stored readings find: a value that stands still, a head of
    pulses that counts nothing, a burst."""
    is_stuck = load_shapes.chance(f"{plan.serial} stuck", at.date()) < 0.004
    if is_stuck and 9 <= at.hour < 15:
        at = at.replace(hour=9, minute=0)
    if load_shapes.chance(f"{plan.serial} dead", at.date()) < 0.003 and 10 <= at.hour < 14:
        return "0.00"
    is_burst = load_shapes.chance(f"{plan.serial} burst", at.date()) < 0.006
    if is_burst and plan.flow == Flow.EV_CHARGING and plan.rated_kw and (at.hour, at.minute) == (4, 30):
        return f"{plan.rated_kw * 0.98 * plan.minutes / 60:.2f}"
    hours = 1 if plan.flow == Flow.STATE else plan.minutes / 60
    return f"{plan.full * plan.shape(at, exceptions) * hours:.2f}"


def _broken(plan: DemoMeter, day: date) -> str:
    """What gateways write when a cell is wrong, a sign turned, a point lost."""
    kinds = ("#REF!", "-1.00", "99999999")
    return kinds[int(load_shapes.chance(f"{plan.serial} kind", day) * len(kinds))]
