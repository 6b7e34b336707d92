"""A worker that is killed half-way loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from config.environment import ROOT
from enterprises import events, receivers, tasks
from enterprises.management.commands.make_register import made_up
from enterprises.models import Enterprise, RegisterImport, RegisterImportRow
from enterprises.services import imports
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.clients import actor
from tests.enterprises.imports import upload, workbook
from tests.factories.people import ParkFactory, person

ROWS = 1500
STEP = 50
WORK = """
import sys
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = {files!r}
django.setup()
from enterprises import events, receivers, tasks
import time
from enterprises.services.imports import checking, importing, steps

def keep_slowly(*told):
    steps.keep(*told)
    time.sleep(0.1)

for module in (checking, importing):
    module.ROWS_A_STEP, module.keep = {step}, keep_slowly
getattr(tasks, sys.argv[1])(*sys.argv[2:])
"""


@pytest.fixture
def official(transactional_db):
    return person(Role.REVIEWER, ParkFactory())


@pytest.fixture(autouse=True)
def _worker_elsewhere():
    """What is asked of the worker is not done in this process, as it otherwise is in tests."""
    events.register_file_matched.disconnect(dispatch_uid="enterprises.check_register_file")
    events.register_import_started.disconnect(dispatch_uid="enterprises.import_register_file")
    yield
    receivers.connect()


def worker(act: str, found: RegisterImport, by: int) -> subprocess.Popen:
    """A process of its own on the database of this test."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connections["default"].settings_dict["NAME"]
    work = WORK.format(files=str(settings.MEDIA_ROOT), step=STEP)
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", work, act, str(found.park_id), str(found.pk), str(by)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def stored(found: RegisterImport) -> RegisterImport:
    with park_scope(found.park_id):
        return RegisterImport.objects.get(pk=found.pk)


def killed_half_way(act: str, found: RegisterImport, by: int, progress: str) -> int:
    """How far it was when the process was killed."""
    with worker(act, found, by) as process:
        give_up_at = time.monotonic() + 120
        while getattr(stored(found), progress) < ROWS // 3 and time.monotonic() < give_up_at:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    return getattr(stored(found), progress)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_killed_worker_loses_and_doubles_nothing(official):
    by, park = actor(official), official.park
    table = made_up(ROWS)
    with park_scope(park.pk, by.author):
        taken = imports.take_in_file(by, park=park, upload=upload(workbook(table), "a.xlsx"), now=timezone.now())
    with park_scope(park.pk, by.author):
        found = imports.match_columns(by, taken, mapping=imports.matched(taken.headings), now=timezone.now())

    assert ROWS // 3 <= killed_half_way("check_register_import", found, by.user_id, "rows_checked") < ROWS
    tasks.check_register_import(park.pk, str(found.pk), by.user_id)
    checked = stored(found)
    assert (checked.state, checked.rows_checked, checked.rows_new) == ("checked", ROWS, ROWS)

    with park_scope(park.pk, by.author):
        imports.start_import(by, checked, with_updates=True, is_code_confirmed=False, now=timezone.now())
    assert ROWS // 3 <= killed_half_way("import_rows", found, by.user_id, "rows_done") < ROWS
    half = stored(found)
    with park_scope(park.pk):
        assert Enterprise.objects.count() == half.rows_done, "what is counted is in, and nothing else"
        assert RegisterImportRow.objects.exclude(done_at=None).count() == half.rows_done
    tasks.import_rows(park.pk, str(found.pk), by.user_id)

    done = stored(found)
    assert (done.state, done.rows_done, done.rows_new, done.rows_rejected) == ("done", ROWS, ROWS, 0)
    with park_scope(park.pk):
        codes = list(Enterprise.objects.values_list("credit_code", flat=True))
        assert (len(codes), set(codes)) == (ROWS, {row[0] for row in table})
        assert AuditEvent.objects.filter(table_name="enterprises_enterprise").count() == ROWS
