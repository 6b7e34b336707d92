"""Readings that gateways send: each batch once, what is wrong by its index, keys that can do nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from energy.choices import FeedFormat, FeedSource, ImportState
from energy.models import Feed, FeedFile, ReadingImport
from energy.services.pushing import push_readings
from energy.services.readings import import_steps
from parks.actors import actor_of
from parks.choices import Role
from parks.models import ApiKey
from tenancy.scopes import open_scope, park_scope
from tests.energy.cases import NOW, clock, counts, held
from tests.enterprises.test_api import call
from tests.scene import build_scene

BASE = "/api/v1"
once = pytest.mark.django_db


def gateway(side, enterprise=None, **facts):
    with park_scope(side.park.pk):
        return Feed.objects.create(
            park=side.park,
            enterprise=enterprise,
            name="Box",
            source=FeedSource.PUSH,
            format=FeedFormat.PUSHED,
            time_zone="Asia/Shanghai",
            **facts,
        )


@pytest.fixture
def feed(side):
    return gateway(side)


@pytest.fixture
def box(side):
    """A gateway with a key that only sends."""
    holder = side.staff[Role.PARK_ENERGY_MANAGER]
    _, token = ApiKey.objects.create(user=holder.user, membership=holder, name="box", is_for_sending=True)
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def send(feed, key, batch):
        headers = {"Idempotency-Key": key} if key else {}
        body = {"readings": batch} if isinstance(batch, list) else batch
        return client.post(f"{BASE}/feeds/{feed.pk}/readings/", body, "application/json", headers=headers)

    send.client = client
    return send


def reading(side, time, value, **more):
    return {"meter": side.firm.meter.serial, "time": time, "value": value, **more}


def worked(side, import_id):
    with park_scope(side.park.pk):
        for _step in import_steps(import_id, clock):
            pass
        return ReadingImport.objects.get(pk=import_id)


@once
def test_batch_is_stored_by_the_pipeline_and_followed(side, feed, box):
    batch = [
        reading(side, "2026-11-03T00:00:00+08:00", 1.5),
        reading(side, "2026-11-03T00:15", "2.25", unit="kWh"),
        reading(side, "2026-11-02T16:30:00Z", 3, channel=side.firm.channel.code),
        {"meter": "TX-0419", "time": "2026-11-03T00:00", "value": 9},
        reading(side, "yesterday", 1),
        reading(side, "2026-11-03T01:00", None),
        "nothing",
        reading(side, "2026-11-03T01:15", True),
        {"meter": " ", "time": "2026-11-03T01:30", "value": 1},
    ]
    answer = box(feed, "b-1", batch)
    told = answer.json()
    assert (answer.status_code, told["state"], told["readings"], told["is_repeated"]) == (202, "queued", 9, False)
    assert [(bad["index"], bad["attr"]) for bad in told["errors"]] == [
        (5, "value"),
        (6, ""),
        (7, "value"),
        (8, "meter"),
    ]
    assert answer["Location"] == f"{BASE}/reading-imports/{told['reading_import']}/"
    row = worked(side, told["reading_import"])
    assert (row.state, counts(row)) == (ImportState.DONE, (9, 3, 0, 6))
    with park_scope(side.park.pk):
        assert held(side.firm.channel)["2026-11-03"][:4] == [1.5, 2.25, 3.0, None]
    assert box.client.get(answer["Location"]).json()["readings_rejected"] == 6
    rejected = box.client.get(f"{answer['Location']}rejected/").json()["results"]
    assert sorted((each["index"], each["rule"]) for each in rejected) == [
        (3, "unknown_meter"),
        (4, "unreadable_time"),
        (5, "unreadable_row"),
        (6, "unreadable_row"),
        (7, "unreadable_row"),
        (8, "unreadable_row"),
    ]


@once
def test_batch_sent_again_is_answered_as_it_was(side, feed, box):
    first = box(feed, "b-1", [reading(side, "2026-11-03T00:00", 1)])
    again = box(feed, "b-1", [reading(side, "2026-11-03T00:00", 1)])
    assert (again.status_code, again.json()["is_repeated"]) == (202, True)
    assert again.json()["reading_import"] == first.json()["reading_import"]
    other = box(feed, "b-1", [reading(side, "2026-11-03T00:00", 2)])
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "idempotency_key_reused")
    with park_scope(side.park.pk):
        assert ReadingImport.objects.filter(feed=feed).count() == 1


@once
def test_value_that_is_again_what_it_was_is_stored_again(side, feed, box):
    for number, value in enumerate((1.0, 2.0, 1.0)):
        sent = box(feed, f"b-{number}", [reading(side, "2026-11-03T00:00", value)])
        worked(side, sent.json()["reading_import"])
    with park_scope(side.park.pk):
        assert held(side.firm.channel)["2026-11-03"][0] == 1.0


@once
@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("", [{}], 400),
        ("x" * 101, [{}], 400),
        ("b-1", [], 400),
        ("b-1", {"readings": "none"}, 400),
        ("b-1", {}, 400),
        ("b-1", [{}] * 10_001, 400),
    ],
)
def test_batches_without_key_or_readings_are_refused(feed, box, key, body, status):
    assert box(feed, key, body).status_code == status


@once
def test_key_that_sends_does_nothing_else(side, feed, box):
    for path in ("/me/", "/meters/", "/feeds/", f"/feeds/{feed.pk}/", "/reading-imports/"):
        assert box.client.get(f"{BASE}{path}").status_code == 403, path
    assert box.client.post(f"{BASE}/feeds/{feed.pk}/pause/").status_code == 403


@once
def test_only_who_keeps_a_feed_sends_to_it(side, feed, box):
    batch = {"readings": [{}]}

    def send(who, to):
        _, token = ApiKey.objects.create(user=who.user, membership=who, name="key")
        client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "b-1"})
        return client.post(f"{BASE}/feeds/{to.pk}/readings/", batch, "application/json").status_code

    people = side.firm.people
    own = gateway(side, side.firm.enterprise)
    assert send(side.staff[Role.AUDITOR], feed) == 403
    assert send(people[Role.APPLICANT], own) == 403
    assert send(people[Role.ENERGY_MANAGER], feed) == 404
    assert send(people[Role.ENERGY_MANAGER], own) == 202
    assert box(side.firm.feed, "b-1", [{}]).json()["errors"][0]["code"] == "feed_takes_no_batches"
    paused = call(side.staff[Role.PARK_ENERGY_MANAGER])("POST", f"/feeds/{feed.pk}/pause/")
    assert (paused.status_code, paused.json()["is_paused"]) == (200, True)
    assert box(feed, "b-2", [{}]).json()["errors"][0]["code"] == "feed_paused"
    assert call(side.staff[Role.PARK_ENERGY_MANAGER])("POST", f"/feeds/{feed.pk}/resume/").json()["is_paused"] is False


@once
def test_enterprise_fills_no_meter_of_a_neighbour(side):
    own = gateway(side, side.firm.enterprise)
    keeper = actor_of(side.firm.people[Role.ENERGY_MANAGER])
    foreign = {"meter": side.neighbour.meter.serial, "time": "2026-11-03T00:00", "value": 1}
    with open_scope(keeper.scope):
        taken = push_readings(keeper, own, key="b-1", batch=[foreign], now=NOW)
    row = worked(side, taken.reading_import.pk)
    assert (counts(row), row.rejected_by_rule) == ((1, 0, 0, 1), {"unknown_meter": 1})


@once
def test_key_sends_so_many_readings_a_minute(side, feed, box, settings):
    settings.PUSHED_READINGS_A_MINUTE = 3
    two = [reading(side, "2026-11-03T00:00", 1), reading(side, "2026-11-03T00:15", 1)]
    assert box(feed, "b-1", two).status_code == 202
    assert box(feed, "b-1", two).status_code == 429
    limited = box(feed, "b-2", two)
    assert (limited.status_code, limited["Retry-After"]) == (429, "60")
    assert box(feed, "b-3", two[:1]).status_code == 202


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_batch_sent_twice_at_once_is_taken_once():
    side = build_scene().ours
    feed, keeper = gateway(side), actor_of(side.staff[Role.PARK_ENERGY_MANAGER])
    ready = threading.Barrier(2)

    def send(_number):
        try:
            ready.wait()
            with open_scope(keeper.scope):
                return push_readings(
                    keeper, feed, key="b-1", batch=[reading(side, "2026-11-03T00:00", 1)], now=NOW
                ).reading_import.pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(send, range(2)))
    assert len(set(taken)) == 1
    with park_scope(side.park.pk):
        assert FeedFile.objects.filter(feed=feed).count() == 1
