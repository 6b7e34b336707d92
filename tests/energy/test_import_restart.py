"""Workers that are killed at any moment lose nothing and double nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest

from config.embedded import postgres
from config.environment import ROOT
from energy import events, receivers
from energy.formats import text
from energy.services.readings import ask_to_cancel, import_steps, resume_import, take_up_abandoned
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tests import database
from tests.energy.cases import NOW, bring_in, clock, take_in
from tests.energy.restarts import content, killed_again_and_again, place, state_of
from tests.factories.metering import feed_of, meter_with_channel

DEATHS = 12
DEATHS_OF_ALL = 20


@pytest.fixture(autouse=True)
def _worker_elsewhere():
    """What is asked of the worker is not done in this process, as it otherwise is in tests."""
    events.reading_import_queued.disconnect(dispatch_uid="energy.import_file")
    yield
    receivers.connect()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_killed_at_random_moments_ends_like_undisturbed():
    calm, calm_feed = place()
    with park_scope(calm.pk):
        undisturbed = bring_in(calm_feed, content())
    harried, feed = place()
    with park_scope(harried.pk):
        row = take_in(feed, content())

    deaths, status, errors = killed_again_and_again("import_file", harried, row, deaths=DEATHS, longest=0.25)
    assert (deaths >= 5, status) == (True, 0), errors[-2000:]
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


def test_import_that_lost_its_worker_is_taken_up_by_itself(park, monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())
    steps = import_steps(row.pk, clock)
    next(steps), next(steps)
    steps.close()

    assert take_up_abandoned(park.pk, NOW + timedelta(minutes=4)) == 0
    assert take_up_abandoned(park.pk, NOW + timedelta(minutes=6)) == 1
    # Asking is a sign of life.
    assert take_up_abandoned(park.pk, NOW + timedelta(minutes=7)) == 0
    with platform_scope():
        assert OutboxEvent.objects.filter(name="energy.reading_import_queued").count() == 2

    for _step in import_steps(row.pk, clock):
        pass
    row.refresh_from_db()
    assert (row.state, row.taken_up) == ("done", 0)


def test_file_that_ends_every_worker_is_given_up_in_words(park, monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())
    now = NOW
    for _death in range(6):
        steps = import_steps(row.pk, lambda at=now: at)
        next(steps)
        steps.close()
        now += timedelta(minutes=6)
        take_up_abandoned(park.pk, now)

    row.refresh_from_db()
    assert (row.state, row.failure, row.chunks_done) == ("failed", "worker_lost", 0)
    resumed = resume_import(row, now=now)
    assert (resumed.state, resumed.taken_up) == ("queued", 0)


def test_import_that_waits_for_a_worker_is_not_given_up(park, monkeypatch):
    monkeypatch.setattr(text.pieces, "__defaults__", (3000,))
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())
    steps = import_steps(row.pk, clock)
    next(steps), next(steps)
    steps.close()

    asked = [take_up_abandoned(park.pk, NOW + timedelta(minutes=6 * (look + 1))) for look in range(9)]

    row.refresh_from_db()
    assert (asked, row.state, row.taken_up) == ([1] * 9, "running", 0)


def test_cancelled_import_that_lost_its_worker_ends(park):
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())
    steps = import_steps(row.pk, clock)
    next(steps)
    steps.close()
    ask_to_cancel(row, now=NOW)

    take_up_abandoned(park.pk, NOW + timedelta(minutes=6))

    row.refresh_from_db()
    assert row.state == "cancelled"


def test_import_whose_task_was_lost_is_asked_for_anew(park):
    meter_with_channel(park, "A")
    row = take_in(feed_of(park), content())

    assert take_up_abandoned(park.pk, NOW + timedelta(minutes=59)) == 0
    assert take_up_abandoned(park.pk, NOW + timedelta(minutes=61)) == 1
    row.refresh_from_db()
    assert (row.state, row.taken_up) == ("queued", 0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_worker_database_and_broker_killed_at_random_moments_end_like_undisturbed(tmp_path):
    """On servers of its own: those of the run are everybody's."""
    dump = tmp_path / "migrated.sql"
    source = urlsplit(os.environ["OWNER_DATABASE_URL"])._replace(path=f"/{database.template_name()}")
    subprocess.run([postgres.program("pg_dump"), urlunsplit(source), f"--file={dump}"], check=True)
    servers = {"DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in servers}
    environment |= {"DATA_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.energy.harried", str(DEATHS_OF_ALL), str(dump)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)

    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert (told["unlike"], list(told["states"])) == ([], ["done"]), told
    assert sum(told["killed"].values()) == DEATHS_OF_ALL
