"""Reading 2.88 million quarter-hourly readings of 1,000 channels into the store, beside a plain COPY of the same.

The pipeline reads a CSV from the disk to the month totals, with all checks, as the command line does; COPY gets the
same readings with the channels looked up and the times parsed already, and writes them into a table with a row a
reading and its key. Bytes are of blocks and months with their indexes. Memory is the peak of a process that reads one
file, once for 2.88 million readings and once for ten times as many.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl
from django.core.files import File
from django.db import connections
from django.utils import timezone

from benchmarks.measurement import Measurement
from config.environment import ROOT
from energy.choices import FeedFormat
from energy.models import Channel, Feed, Meter, ReadingImport
from energy.services.readings import import_steps, take_in_file
from parks.models import Park
from tenancy.scopes import park_scope

CHANNELS = 1000
DAYS = 30
TIMES = 10
READINGS = CHANNELS * DAYS * 96
FIRST = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=8)
RUNS = 3
TABLES = ("energy_intervalblock", "energy_monthtotal", "energy_readingtrace")


def measure() -> Iterator[Measurement]:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "readings.csv"
        write_table(table, DAYS)
        copies, imports, again = [], [], []
        for _run in range(RUNS):
            park = fresh_park()
            copies.append(copied(park, table))
            before = size()
            imports.append(brought(park, table, READINGS, stored=True))
            kept = size() - before
            again.append(brought(park, table, READINGS, stored=False))
        yield Measurement("import_seconds", median(imports), "s", 10.0)
        yield Measurement("readings a second", READINGS / median(imports), "1/s", 300_000, "at least")
        yield Measurement("import_vs_copy", median(copies) / median(imports), "times", 2.0, "at least")
        yield Measurement("reimport_vs_import", median(again) / median(imports), "times", 1.0)
        yield Measurement("bytes_per_reading", kept / READINGS, "bytes", 12.0)
        peak = peak_mb(table)
        write_table(table, DAYS * TIMES)
        larger = peak_mb(table)
        yield Measurement("peak_memory_mb", peak, "MB", 1500.0)
        yield Measurement("ten times the readings, times the memory", larger / peak, "times", 1.25)


def write_table(path: Path, days: int) -> None:
    """One reading a row, channel by channel, as exports of metering systems are ordered."""
    rng = np.random.default_rng(20260101)
    local = datetime(2026, 1, 1)  # noqa: DTZ001 - the times of the file name no zone
    times = pl.datetime_range(local, local + timedelta(days=days), "15m", eager=True, closed="left")
    texts = times.dt.strftime("%Y-%m-%d %H:%M")
    with path.open("wb") as out:
        out.write(b"meter,time,value\n")
        for number in range(CHANNELS):
            values = np.round(rng.gamma(2.0, 5.0, len(texts)), 3)
            frame = pl.DataFrame({"meter": [f"M{number:06}"] * len(texts), "time": texts, "value": values})
            frame.write_csv(out, include_header=False)


def fresh_park() -> Park:
    number = Park.objects.using("owner").filter(slug__startswith="measured-metering-").count()
    park = Park.objects.using("owner").create(
        slug=f"measured-metering-{number}", name_en="Metering", name_zh="计量园区", province="35"
    )
    with park_scope(park.pk):
        meters = [
            Meter(park_id=park.pk, serial=f"M{number:06}", name=f"Meter {number}", starts_on=date(2020, 1, 1))
            for number in range(CHANNELS)
        ]
        Meter.objects.bulk_create(meters)
        Channel.objects.bulk_create([Channel(park_id=park.pk, meter=meter) for meter in meters])
        Feed.objects.create(park_id=park.pk, name="Files", format=FeedFormat.LONG_TABLE, time_zone="Asia/Shanghai")
    return park


def brought(park: Park, table: Path, expected: int, *, stored: bool) -> float:
    """Seconds from the file to the months; each step is a transaction of its own, as in the worker."""
    with park_scope(park.pk), table.open("rb") as opened:
        begun_at = perf_counter()
        feed = Feed.objects.get(park_id=park.pk)
        row = take_in_file(feed=feed, upload=File(opened), name=table.name, by=None, now=timezone.now(), again=True)
    steps, ended = import_steps(row.pk, timezone.now), False
    while not ended:
        with park_scope(park.pk):
            ended = next(steps, table) is table
    seconds = perf_counter() - begun_at
    with park_scope(park.pk):
        row = ReadingImport.objects.get(pk=row.pk)
    found = (row.readings_read, row.readings_stored, row.readings_unchanged)
    if found != ((expected, expected, 0) if stored else (expected, 0, expected)):
        raise RuntimeError(f"The import counted {found}")
    return seconds


def copied(park: Park, table: Path) -> float:
    """Seconds that a plain COPY of the same readings takes, parsed and looked up before the clock starts."""
    with park_scope(park.pk):
        ids = dict(Channel.objects.filter(park_id=park.pk).values_list("meter__serial", "pk"))
    frame = pl.read_csv(table, try_parse_dates=True)
    looked_up = frame.select(
        pl.lit(park.pk),
        pl.col("meter").replace_strict({serial: str(pk) for serial, pk in ids.items()}),
        pl.col("time").dt.strftime("%Y-%m-%d %H:%M:00+08"),
        "value",
    )
    content = looked_up.write_csv(include_header=False).encode()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plain_readings")
        cursor.execute(
            "CREATE TABLE plain_readings (owner_id int8, channel_id uuid, at timestamptz, value float8,"
            " PRIMARY KEY (owner_id, channel_id, at))"
        )
        begun_at = perf_counter()
        with cursor.copy("COPY plain_readings FROM STDIN (FORMAT CSV)") as copy:
            for start in range(0, len(content), 1024 * 1024):
                copy.write(content[start : start + 1024 * 1024])
        seconds = perf_counter() - begun_at
        cursor.execute("DROP TABLE plain_readings")
    return seconds


def size() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass))::int8 FROM unnest(%s::text[]) AS name", [list(TABLES)]
        )
        return int(cursor.fetchone()[0])


def peak_mb(table: Path) -> float:
    """The most memory that the command held which reads the file into a park of its own."""
    park = fresh_park()
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.peak",
            "import_readings",
            "--park",
            park.slug,
            "--feed",
            "Files",
            str(table),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    if lines[0]["state"] != "done" or lines[0]["rejected"]:
        raise RuntimeError(f"The command said {lines[0]}")
    return float(lines[1]["peak_mb"])
