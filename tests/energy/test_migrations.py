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
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

STATES, DAYS, OWNERS = "0004_days_of_this_age", "0005_register_days", "0006_device_has_one_owner"
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


def test_meters_that_overlap_are_parted_where_one_has_no_readings(park):
    rows = models_of(DAYS)
    migrate(DAYS)
    # A successor entered too early; one of days that the meter before has read; one within another; three at once.
    enter(rows, park, "early", "2024-01-01", "2026-06-01")
    enter(rows, park, "early", "2026-05-01")
    read_on(rows, enter(rows, park, "read", "2024-01-01", "2026-06-01"), "2026-05-20")
    enter(rows, park, "read", "2026-05-01")
    enter(rows, park, "within", "2024-01-01")
    enter(rows, park, "within", "2025-01-01", "2025-02-01")
    read_on(rows, enter(rows, park, "three", "2020-01-01", "2023-01-01"), "2022-12-31")
    enter(rows, park, "three", "2019-01-01", "2024-01-01")
    enter(rows, park, "three", "2021-01-01", "2025-01-01")
    enter(rows, park, "apart", "2020-01-01", "2021-01-01")
    enter(rows, park, "apart", "2021-01-01")

    migrate(OWNERS)

    found = asked("SELECT serial, starts_on::text, ends_on::text FROM energy_meter ORDER BY created_at")
    assert found == [
        ("early", "2024-01-01", "2026-05-01"),
        ("early", "2026-05-01", None),
        ("read", "2024-01-01", "2026-05-21"),
        ("read", "2026-05-21", None),
        ("within", "2024-01-01", None),
        ("within", "2025-01-01", "2025-01-01"),
        ("three", "2021-01-01", "2023-01-01"),
        ("three", "2019-01-01", "2021-01-01"),
        ("three", "2023-01-01", "2025-01-01"),
        ("apart", "2020-01-01", "2021-01-01"),
        ("apart", "2021-01-01", None),
    ]


def test_serial_numbers_with_a_stroke_are_written_otherwise_and_found_by_files(park):
    rows = models_of(DAYS)
    migrate(DAYS)
    enter(rows, park, "A/1", "2010-01-01", "2020-01-01")
    enter(rows, park, "A/1", "2020-01-01", code="E1")
    enter(rows, park, "A-1", "2010-01-01")
    enter(rows, park, "B/" + "9" * 38, "2010-01-01")
    enter(rows, park, "B-" + "9" * 38, "2010-01-01")
    # The file's "C/1" is channel 1 of C as well: what it meant is not changed.
    enter(rows, park, "C/1", "2010-01-01")
    enter(rows, park, "C", "2010-01-01", code="1")
    feed = {"format": FeedFormat.LONG_TABLE, "time_zone": "Asia/Shanghai"}
    rows("Feed").create(park_id=park.pk, name="F", mapping={"decimal": ",", "names": {"old": "A/1"}}, **feed)

    migrate(OWNERS)

    assert [serial for (serial,) in asked("SELECT serial FROM energy_meter ORDER BY created_at")] == [
        "A-1-2", "A-1-2", "A-1", "B-" + "9" * 36 + "-2", "B-" + "9" * 38, "C-1", "C",
    ]  # fmt: skip
    assert rows("Feed").get().mapping == {
        "decimal": ",",
        "names": {"A/1": "A-1-2", "A/1/E1": "A-1-2/E1", "B/" + "9" * 38: "B-" + "9" * 36 + "-2", "old": "A-1-2"},
    }
    migrate()
    with park_scope(park.pk):
        row = bring_in(Feed.objects.get(), "meter,time,value\nA/1/E1,2026-03-02 00:00,5\nC/1,2026-03-02 00:00,7\n")
    assert counts(row) == (2, 2, 0, 0)


def test_meters_of_before_count_as_confirmed(park):
    rows = models_of(OWNERS)
    migrate(OWNERS)
    with park_scope(park.pk):
        owner = EnterpriseFactory(park=park)
    facts = {"park_id": park.pk, "name": "M", "starts_on": date(2024, 1, 1)}
    rows("Meter").create(serial="theirs", enterprise_id=owner.pk, **facts)
    rows("Meter").create(serial="the park's", **facts)

    migrate()

    found = asked("SELECT serial, confirmed_at IS NULL, confirmed_by_id FROM energy_meter ORDER BY serial DESC")
    assert found == [("theirs", False, None), ("the park's", True, None)]
