"""What migrations of the store make of rows that stood there before, and the way back."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from energy.choices import FeedFormat
from energy.models import Channel, Feed
from tenancy.scopes import park_scope
from tests import database
from tests.energy.cases import bring_in, counts, held
from tests.factories.people import ParkFactory

STATES, DAYS = "0004_days_of_this_age", "0005_register_days"
FILE = UUID(int=1)


@pytest.fixture
def park(django_db_setup, django_db_blocker):
    """A park in a database of its own, which stands before the states of registers by day."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock(), database.another(f"{worker}_migrations"):
        with transaction.atomic():
            park = ParkFactory(time_zone="Asia/Shanghai")
            connections["default"].run_on_commit.clear()
        connections["default"].close()
        migrate(STATES)
        yield park


def migrate(*name):
    call_command("migrate", *(["energy", *name] if name else []), database="owner", verbosity=0)


def models_of(migration):
    apps = MigrationExecutor(connections["owner"]).loader.project_state(("energy", migration)).apps
    return lambda name: apps.get_model("energy", name).objects.using("owner")


def asked(statement):
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def enter(rows, park, serial, starts_on, ends_on=None, code="", **facts):
    """A meter of before with a channel."""
    days = {"starts_on": date.fromisoformat(starts_on), "ends_on": ends_on and date.fromisoformat(ends_on)}
    meter = rows("Meter").create(park_id=park.pk, serial=serial, name=serial, **days)
    return rows("Channel").create(park_id=park.pk, meter_id=meter.pk, code=code, **facts)


def read_on(rows, channel, day, values=(1.0,)):
    rows("IntervalBlock").create(
        park_id=channel.park_id, channel_id=channel.pk, day=day, values=list(values), flags=bytes(len(values)),
        present_count=sum(value is not None for value in values), measured_count=0, import_id=FILE,
    )  # fmt: skip


def test_state_of_a_register_in_the_unit_of_its_file_is_not_carried_on(park):
    rows = models_of(STATES)
    channel = enter(rows, park, "M1", "2010-01-01", kind="register", interval_minutes=60)
    at = datetime(2026, 3, 1, 16, tzinfo=UTC)
    rows("RegisterState").create(park_id=park.pk, channel_id=channel.pk, at=at, state=701_000.0, import_id=FILE)
    read_on(rows, channel, "2026-02-28", [1.5, None, 2.5])
    rows("IntervalBlock").update(present_count=0)

    migrate()

    assert asked("SELECT count(*) FROM energy_registerday") == [(0,)]
    assert asked("SELECT present_count, total, values FROM energy_intervalblock") == [(2, None, [1.5, None, 2.5])]
    content = "meter,time,value,unit\n" + "".join(
        f"M1,2026-03-02 {hour:02}:00,{state},Wh\n" for hour, state in ((1, 702_000), (2, 703_000))
    )
    with park_scope(park.pk):
        feed = Feed.objects.create(park=park, format=FeedFormat.LONG_TABLE, name="F", time_zone="Asia/Shanghai")
        row = bring_in(feed, content)
        assert counts(row) == (2, 2, 0, 0)
        assert held(Channel.objects.get())["2026-03-02"][:3] == [None, 1.0, None]


PROTECTED = """
SELECT relrowsecurity AND relforcerowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid),
    (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND conname LIKE '%tenant'),
    has_table_privilege('app_enterprise', c.oid, 'SELECT'), has_table_privilege('app_public', c.oid, 'SELECT')
FROM pg_class AS c WHERE relname = 'energy_registerstate'
"""


def test_way_back_protects_what_it_makes_anew(park):
    before = asked(PROTECTED)
    migrate(DAYS)
    assert asked(PROTECTED) == []

    migrate(STATES)

    assert asked(PROTECTED) == before == [(True, 5, 1, True, False)]
