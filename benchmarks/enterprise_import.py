"""Bringing 12,000 enterprises into the register by a worker of its own, as `make run` starts it.

A workbook of the generator is uploaded, matched and started through HTTP; the worker checks and imports it. Time is
that between the acts and the end of the worker's part, memory the peak of the process that did the work (VmHWM), on a
worker that has done nothing else: once for 12,000 rows, once for four times as many.
"""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks.measurement import Measurement
from config.celery import app
from config.environment import ROOT
from enterprises.choices import ImportState
from enterprises.management.commands.make_register import broken_count, made_up, write_workbook
from enterprises.models import RegisterImport
from enterprises.services.imports import HEADINGS
from parks import sessions
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.scopes import park_scope

ROWS = 12_000
TIMES = 4
LIMIT_SECONDS = 60.0
LIMIT_MB = 400.0
LONGEST_WAIT = 600.0
BROKEN_PERCENT = 1
WORKER = ["-m", "celery", "--quiet", "--app=config.celery", "worker", "--concurrency=2", "--loglevel=WARNING"]
ENDED = {ImportState.CHECKED, ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED}


def measure() -> Iterator[Measurement]:
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.WARNING)
    with worker() as process:
        place = fresh_place()
        first, seconds = brought(place, made_up(ROWS))
        peak = peak_mb(process)
        yield Measurement("check and import of 12,000 rows", seconds, "s", LIMIT_SECONDS)
        yield Measurement("imported", first.rows_done, "rows", ROWS, "at least")
        again, _seconds = brought(place, made_up(ROWS))
        yield Measurement("unchanged the second time", again.rows_unchanged, "rows", ROWS, "at least")
        changed, seconds = brought(place, made_up(ROWS, changed=100))
        yield Measurement("check and import of 12,000 changes", seconds, "s", LIMIT_SECONDS)
        yield Measurement("changed", changed.rows_done, "rows", ROWS, "at least")
        yield from measure_broken()
    with worker() as process:
        _large, seconds = brought(fresh_place(), made_up(ROWS * TIMES))
        larger = peak_mb(process)
    yield Measurement("12,000 rows of 48,000", seconds / TIMES, "s", LIMIT_SECONDS)
    yield Measurement("peak memory of the worker, 12,000 rows", peak, "MB", LIMIT_MB)
    yield Measurement("peak memory of the worker, 48,000 rows", larger, "MB", LIMIT_MB)
    yield Measurement("four times the rows, times the memory", larger / peak, "times", 1.15)


def measure_broken() -> Iterator[Measurement]:
    """One row in a hundred is broken: these are rejected, neither more nor fewer, and the others are in."""
    table = made_up(ROWS, broken=BROKEN_PERCENT)
    broken = broken_count(table)
    taken, _seconds = brought(fresh_place(), table)
    yield Measurement("rejected of 120 broken rows", taken.rows_rejected, "rows", broken, "at least")
    yield Measurement("imported beside them", taken.rows_done, "rows", ROWS - broken, "at least")


@contextmanager
def worker() -> Iterator[psutil.Process]:
    with subprocess.Popen([sys.executable, *WORKER], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_worker()
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def wait_for_worker() -> None:
    """Until it answers: its start is not measured."""
    begun_at = time.perf_counter()
    while not app.control.ping(timeout=1.0):
        if time.perf_counter() - begun_at > LONGEST_WAIT:
            raise RuntimeError("The worker did not start")


def peak_mb(process: psutil.Process) -> float:
    """The most that any process of the worker itself ever held; its readers are told apart by their command."""
    family = [process, *process.children()]
    return max(high_water_mb(one.pid) for one in family)


def high_water_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def fresh_place() -> Membership:
    """An official of a park without enterprises: the register of an earlier run is somebody else's."""
    number = Park.objects.using("owner").filter(slug__startswith="measured-import-").count()
    park = Park.objects.using("owner").create(
        slug=f"measured-import-{number}", name_en="Import", name_zh="导入园区", province="35"
    )
    person, _ = User.objects.using("owner").get_or_create(
        email="registrar@import.example", defaults={"name": "Registrar"}
    )
    return Membership.objects.using("owner").create(user=person, park=park, roles=[Role.REVIEWER])


def brought(place: Membership, table: list[list[object]]) -> tuple[RegisterImport, float]:
    """The import as it ended, and the seconds of its check and import by the worker."""
    client = client_of(place)
    target = io.BytesIO()
    write_workbook(target, table)
    upload = SimpleUploadedFile("register.xlsx", target.getvalue())
    answer = client.post(reverse("enterprises:import_upload"), {"upload": upload})
    if answer.status_code != 302:
        raise RuntimeError(f"The upload was answered with {answer.status_code}")
    import_id = UUID(answer["Location"].split("/")[3])
    matching = {name: str(column) for column, name in enumerate(HEADINGS)}
    seconds = acted(client, place, import_id, "import_match", matching)
    taken = stored(place, import_id)
    if taken.rows_wanted:
        seconds += acted(client, place, import_id, "import_start", {"updates": "True"})
    return stored(place, import_id), seconds


def acted(client: Client, place: Membership, import_id: UUID, page: str, form: dict[str, str]) -> float:
    begun_at = time.perf_counter()
    client.post(reverse(f"enterprises:{page}", args=[import_id]), form)
    while stored(place, import_id).state not in ENDED:
        if time.perf_counter() - begun_at > LONGEST_WAIT:
            raise RuntimeError("The worker did not come to an end")
        time.sleep(0.1)
    return time.perf_counter() - begun_at


def stored(place: Membership, import_id: UUID) -> RegisterImport:
    with park_scope(place.park_id or 0):
        return RegisterImport.objects.get(pk=import_id)


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    session = client.session
    session[sessions.MEMBERSHIP] = membership.pk
    session.save()
    return client
