"""What pages ask of a year of quarter-hourly readings of 12,000 channels: 420 million readings in the store.

The park is made once, which takes some minutes and about 6 GB, and kept; `python -m benchmarks --remove energy_queries`
removes it. Blocks lie as monthly files bring them, channel by channel, so that the
blocks of one day are each on a page of their own: the worst order for the curve of a day. Asked in the scope of an
official, policies included. Warm: each question is asked once before it is timed, that of a channel's year by another
channel each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from django.db import connections, transaction

from accounts.models import User
from benchmarks.enterprise_list import enterprise
from benchmarks.measurement import Measurement, median_ms
from benchmarks.official_queue import triggers_off
from energy.choices import Commodity, Flow, Unit
from energy.models import Channel, Meter, MonthTotal
from energy.queries import day_curves, quality_days, totals, use
from energy.queries.use import Series
from enterprises.models import Enterprise
from lib.identifiers import uuid7
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.scopes import park_scope

CHANNELS = 12_000
ENTERPRISES = 1_500
FIRST, BEHIND = date(2025, 11, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 22)
CONFIRMED_AT = datetime(2025, 11, 1, tzinfo=UTC)
SHAPES = 500  # As BLOCKS_OF_A_MONTH says.
ZONE = "Asia/Shanghai"
SLUG = "measured-energy"
REPETITIONS = 21
BATCH = 2_000
BLOCKS = CHANNELS * (BEHIND - FIRST).days
TABLES = ("energy_intervalblock", "energy_monthtotal", "energy_channel", "energy_meter", "enterprises_enterprise")
DRAWN = Series(Commodity.ELECTRICITY, Flow.IMPORT, Unit.KWH)


def measure() -> Iterator[Measurement]:
    park, actor = make_place()
    yield Measurement("readings", BLOCKS * 96, "readings", 420_000_000, "at least")
    with park_scope(park.pk):
        channels = cycle(
            Channel.objects.filter(park_id=park.pk).select_related("meter").order_by("pk")[:: CHANNELS // 50]
        )
        yield Measurement(
            "channel_year_monthly_ms",
            median_ms(lambda: check_year(next(channels)), repetitions=REPETITIONS),
            "ms",
            50.0,
        )
        day = date(2026, 7, 15)
        yield Measurement(
            "park_day_curve_ms", median_ms(partial(check_day, actor, day), repetitions=REPETITIONS), "ms", 300.0
        )
        months = use.months_before(date(2026, 10, 1), 12)
        year = partial(totals.months_of_every_series, actor, months, zone_name=ZONE, today=TODAY)
        yield Measurement("a year by month of every commodity", median_ms(year, repetitions=REPETITIONS), "ms", 1000.0)
        owners = partial(use.users_of_series, actor, DRAWN, months[-1], ZONE, TODAY, by="enterprise_id")
        yield Measurement("a month by enterprise", median_ms(owners, repetitions=REPETITIONS), "ms", 300.0)
        calendar = partial(check_calendar, actor)
        yield Measurement("a year of the quality calendar", median_ms(calendar, repetitions=5), "ms", 2000.0)


def check_year(channel: Channel) -> None:
    months = use.months_of_channel(channel, date(2026, 10, 1), ZONE, TODAY)
    if len([month for month in months if month.total]) != 12:
        raise RuntimeError("A month is missing")


def check_day(actor: Actor, day: date) -> None:
    found = day_curves.curves_of_day(actor, Commodity.ELECTRICITY, Unit.KWH, day, zone_name=ZONE, today=TODAY)
    if sum(each.expected for each in found.values()) != CHANNELS * 96:
        raise RuntimeError("A channel is missing")


def check_calendar(actor: Actor) -> None:
    """Of the year up to the last reading, of every channel."""
    every = Channel.objects.visible_to(actor).order_by()
    days = quality_days.days_of_year(every, BEHIND.year, zone_name=ZONE, today=TODAY)
    if not all(each.period.present for each in days if each.day < BEHIND):
        raise RuntimeError("A day is missing")


def make_place() -> tuple[Park, Actor]:
    """The park with its readings and its energy manager, made where it is missing or was not finished."""
    park, _ = Park.objects.using("owner").get_or_create(
        slug=SLUG, defaults={"name_en": "Energy", "name_zh": "能源园区", "province": "35"}
    )
    user, _ = User.objects.using("owner").get_or_create(email="manager@energy.example", defaults={"name": "manager"})
    membership, _ = Membership.objects.using("owner").get_or_create(
        user=user, park=park, enterprise_id=None, defaults={"roles": [Role.PARK_ENERGY_MANAGER]}
    )
    if MonthTotal.objects.using("owner").filter(park_id=park.pk).count() != CHANNELS * 12:
        clear(park)
        with transaction.atomic(using="owner"), triggers_off(*TABLES):
            fill(park)
        with connections["owner"].cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")
    return park, actor_of(membership)


def fill(park: Park) -> None:
    firms = [enterprise(park, row) for row in range(ENTERPRISES)]
    Enterprise.objects.using("owner").bulk_create(firms, batch_size=BATCH)
    meters = [
        Meter(
            park=park,
            enterprise=firms[number % ENTERPRISES],
            serial=f"M{number:06}",
            name=f"Meter {number}",
            starts_on=FIRST,
        )
        for number in range(CHANNELS)
    ]
    Meter.objects.using("owner").bulk_create(meters, batch_size=BATCH)
    Channel.objects.using("owner").bulk_create(
        (
            Channel(park=park, enterprise=meter.enterprise, meter=meter, flow=flow_of(number))
            for number, meter in enumerate(meters)
        ),
        batch_size=BATCH,
    )
    with connections["owner"].cursor() as cursor:
        write_shapes(cursor)
        month = FIRST
        while month < BEHIND:
            cursor.execute(BLOCKS_OF_A_MONTH, [str(uuid7()), month, use.next_month(month) - timedelta(days=1), park.pk])
            cursor.execute(TOTALS_OF_A_MONTH, [park.pk, month, use.next_month(month)])
            month = use.next_month(month)


def flow_of(number: int) -> str:
    return Flow.GENERATION if number % 20 == 0 else Flow.EV_CHARGING if number % 40 == 1 else Flow.IMPORT


def write_shapes(cursor: Any) -> None:
    """Days from which all others are taken; in every fiftieth some intervals were not measured or are missing."""
    rng = np.random.default_rng(20260101)
    cursor.execute(
        "CREATE TEMP TABLE shape (number int PRIMARY KEY, values float8[], flags bytea, present int, measured int,"
        " total float8, peak float8) ON COMMIT DROP"
    )
    for number in range(SHAPES):
        values: list[float | None] = np.round(rng.gamma(2.0, 5.0, 96), 3).tolist()
        marks = bytearray(b"\x01" * 96)
        if number % 50 == 0:
            values[40:44], marks[40:44] = [None] * 4, bytes(4)
            marks[60:64] = b"\x02" * 4
        known = [value for value in values if value is not None]
        row = [number, values, bytes(marks), len(known), marks.count(1), sum(known), max(known)]
        cursor.execute("INSERT INTO shape VALUES (%s, %s, %s, %s, %s, %s, %s)", row)


BLOCKS_OF_A_MONTH = """
    INSERT INTO energy_intervalblock (park_id, enterprise_id, channel_id, day, present_count, measured_count, revision,
                                      total, peak, values, import_id, flags)
    SELECT c.park_id, c.enterprise_id, c.id, d.day, s.present, s.measured, 1,
           s.total, s.peak, s.values, %s, s.flags
    FROM energy_channel c
    CROSS JOIN LATERAL (SELECT g::date AS day FROM generate_series(%s::date, %s::date, interval '1 day') g) d
    JOIN shape s ON s.number = mod(abs(hashtext(c.id::text || d.day::text)), 500)
    WHERE c.park_id = %s
    ORDER BY c.id, d.day
"""
TOTALS_OF_A_MONTH = """
    INSERT INTO energy_monthtotal (park_id, enterprise_id, channel_id, month, total, peak, present_count,
                                   measured_count)
    SELECT park_id, enterprise_id, channel_id, date_trunc('month', min(day))::date, sum(total), max(peak),
           sum(present_count), sum(measured_count)
    FROM energy_intervalblock WHERE park_id = %s AND day >= %s AND day < %s
    GROUP BY park_id, enterprise_id, channel_id
"""


def clear(park: Park) -> None:
    """Everything that `fill` wrote."""
    with transaction.atomic(using="owner"), triggers_off(*TABLES), connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE park_id = %s", [park.pk])  # noqa: S608


def remove() -> None:
    for park in Park.objects.using("owner").filter(slug=SLUG):
        clear(park)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM FULL energy_intervalblock, energy_monthtotal")
