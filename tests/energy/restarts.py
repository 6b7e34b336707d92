"""The same files in two parks, and everything that is held of them afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connections

from config.environment import ROOT
from energy.models import IntervalBlock, IntervalBlockRevision, MonthTotal, ReadingImport, RegisterDay
from tenancy.scopes import park_scope
from tests.energy.cases import counts, rejected
from tests.factories.metering import feed_of, meter_with_channel
from tests.factories.people import ParkFactory

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
        tasks.{task}(int(sys.argv[1]), sys.argv[2])
        os._exit(0)
    if deaths < {deaths}:
        time.sleep(moments.uniform(0.01, {longest}))
        os.kill(worker, signal.SIGKILL)
    _process, status = os.waitpid(worker, 0)
    deaths += os.WIFSIGNALED(status)
    if not os.WIFSIGNALED(status):
        break
print(deaths, status)
"""


def killed_again_and_again(task, park, row, *, deaths, longest):
    """How often workers at a task of `energy.tasks` were killed, how the last one ended, and what they said of errors.

    At most `deaths` are killed, each after `longest` seconds at most.
    """
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connections["default"].settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    work = WORK.format(files=str(settings.MEDIA_ROOT), task=task, deaths=deaths, longest=longest)
    command = [sys.executable, "-c", work, str(park.pk), str(row.pk)]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    killed, status = (int(word) for word in told.stdout.split())
    return killed, status, told.stderr


def content(first=date(2026, 3, 1), days=5):
    """By time, so that every day of every meter is spread over many chunks; with rows that are rejected."""
    at, lines = datetime.combine(first, datetime.min.time()), ["meter,time,value"]
    for step in range(days * 96):
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
