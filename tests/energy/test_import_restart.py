"""Workers that are killed at any moment lose nothing and double nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connections

from config.environment import ROOT
from energy import events, receivers
from energy.formats import text
from energy.models import IntervalBlock, IntervalBlockRevision, MonthTotal, ReadingImport, RegisterDay
from energy.services.readings import ask_to_cancel, import_steps
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tests.energy.cases import NOW, bring_in, clock, counts, rejected, take_in
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.people import ParkFactory

DEATHS = 12
# Forks a worker again and again, of which all but the last are killed at a random moment of their work.
WORK = """
import os, random, signal, sys, time
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = {files!r}
django.setup()
from energy import tasks
from energy.formats import text
text.pieces.__defaults__ = (3000,)
moments, deaths = random.Random(20261122), 0
while True:
    worker = os.fork()
    if not worker:
        tasks.import_file(int(sys.argv[1]), sys.argv[2])
        os._exit(0)
    if deaths < {deaths}:
        time.sleep(moments.uniform(0.01, 0.25))
        os.kill(worker, signal.SIGKILL)
    _process, status = os.waitpid(worker, 0)
    deaths += os.WIFSIGNALED(status)
    if not os.WIFSIGNALED(status):
        break
print(deaths, status)
"""


@pytest.fixture(autouse=True)
def _worker_elsewhere():
    """What is asked of the worker is not done in this process, as it otherwise is in tests."""
    events.reading_import_queued.disconnect(dispatch_uid="energy.import_file")
    yield
    receivers.connect()


def content():
    """By time, so that every day of every meter is spread over many chunks; with rows that are rejected."""
    at, lines = datetime.fromisoformat("2026-03-01"), ["meter,time,value"]
    for step in range(5 * 96):
        moment = f"{at + timedelta(minutes=15 * step):%Y-%m-%d %H:%M}"
        lines += [f"A,{moment},{step % 96}", f"B,{moment},{step}.25", f"R,{moment},{1000 + step * 0.5}"]
        if step % 100 == 50:
            lines += [f"A,{moment}x,1", f"nobody,{moment},1"]
    return "\n".join([*lines, ""])


def place():
    park = ParkFactory(time_zone="Asia/Shanghai")
    with park_scope(park.pk):
        for serial in "AB":
            meter_with_channel(park, serial)
        meter_with_channel(park, "R", kind="register")
        return park, feed_of(park)


def state_of(park, import_id):
    """Everything that is held, but for who said it."""
    with park_scope(park.pk):
        row = ReadingImport.objects.get(pk=import_id)
        assert not IntervalBlockRevision.objects.exists()
        blocks = IntervalBlock.objects.order_by("channel__meter__serial", "day")
        days = [
            (block.day, block.values, bytes(block.flags), block.total, block.present_count, block.revision)
            for block in blocks
        ]
        months = list(MonthTotal.objects.order_by("total").values_list("month", "total", "peak", "measured_count"))
        # Rows of unknown meters are reported once a chunk; their sum is among the counts.
        lines = sorted(each[:3] for each in rejected(row) if each[1])
        dials = list(RegisterDay.objects.values_list("day", "states"))
        return row.state, counts(row), row.rejected_by_rule, lines, days, months, dials


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_killed_at_random_moments_ends_like_undisturbed():
    calm, calm_feed = place()
    with park_scope(calm.pk):
        undisturbed = bring_in(calm_feed, content())
    harried, feed = place()
    with park_scope(harried.pk):
        row = take_in(feed, content())

    address = urlsplit(os.environ["DATABASE_URL"])
    name = connections["default"].settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    work = WORK.format(files=str(settings.MEDIA_ROOT), deaths=DEATHS)
    command = [sys.executable, "-c", work, str(harried.pk), str(row.pk)]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)

    deaths, status = (int(word) for word in told.stdout.split())
    assert (deaths >= 5, status) == (True, 0), told.stderr[-2000:]
    assert state_of(harried, row.pk) == state_of(calm, undisturbed.pk)


def test_each_run_of_a_long_file_commits_something_new(park, monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())

    committed = []
    for _run in range(4):
        steps = import_steps(row.pk, clock)
        # A run may be told to give way after any step of its own; the first says that work has begun.
        next(steps), next(steps)
        steps.close()
        row.refresh_from_db()
        committed.append(row.chunks_done)

    assert committed == [1, 2, 3, 4]


def test_stopping_an_import_that_lost_its_worker_tells_what_it_stored(park, monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())
    assert not row.is_abandoned(NOW + timedelta(hours=1))
    steps = import_steps(row.pk, clock)
    next(steps), next(steps)
    steps.close()
    row.refresh_from_db()

    stopped = ask_to_cancel(row, now=NOW + timedelta(hours=1))

    assert (stopped.state, stopped.finished_at, stopped.readings_stored > 0) == (
        "cancelled",
        NOW + timedelta(hours=1),
        True,
    )
    with platform_scope():
        told = OutboxEvent.objects.get(name="energy.readings_imported").payload
    assert (told["reading_import_id"], told["first_day"]) == (str(row.pk), "2026-03-01")
