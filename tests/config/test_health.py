from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.health import known_migrations
from config.heartbeat import record_heartbeat

HEALTHY = {
    "status": "ok",
    "database": "ok",
    "cache": "ok",
    "broker": "ok",
    "worker": "ok",
    "migrations": "ok",
}
UNREACHABLE = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture
def _fresh_migrations():
    known_migrations.cache_clear()
    yield
    known_migrations.cache_clear()


def health(client):
    answer = client.get("/healthz")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_healthz_answers_for_every_part(client):
    record_heartbeat()

    assert health(client) == (200, HEALTHY)


@pytest.mark.django_db
def test_healthz_misses_the_worker(client):
    assert health(client) == (503, HEALTHY | {"status": "failing", "worker": "no worker runs"})


@pytest.mark.django_db
def test_healthz_misses_the_broker_and_tells_no_secret(client, settings):
    record_heartbeat()
    settings.CELERY_BROKER_URL = UNREACHABLE

    assert health(client) == (503, HEALTHY | {"status": "failing", "broker": "does not answer"})


@pytest.mark.django_db
@pytest.mark.usefixtures("_fresh_migrations")
def test_healthz_misses_migrations(client, settings):
    record_heartbeat()
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, "reports": "tests.config.waiting_migrations"}

    assert health(client) == (503, HEALTHY | {"status": "failing", "migrations": "1 to apply: run migrate"})


@pytest.mark.django_db
def test_healthz_is_never_kept_and_only_read(client):
    record_heartbeat()

    assert "no-store" in client.get("/healthz").headers["Cache-Control"]
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_healthz_asks_the_database_little(client, django_assert_num_queries):
    record_heartbeat()
    health(client)

    with django_assert_num_queries(2):
        assert health(client) == (200, HEALTHY)


@pytest.mark.django_db
def test_metrics_are_for_this_machine(client):
    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert b"django_http_requests_total_by_method_total" in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded"])
def test_metrics_are_not_for_whom_a_proxy_speaks(header, client):
    assert client.get("/metrics", headers={header: "203.0.113.7"}).status_code == 403


@pytest.mark.django_db
def test_metrics_are_not_for_other_machines(client):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("authorization", "status"), [("Bearer right", 200), ("Bearer wrong", 403), ("right", 403), ("", 403)]
)
def test_metrics_ask_for_the_token_where_one_is_set(authorization, status, client, settings):
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics", headers={"Authorization": authorization}).status_code == status


def test_metrics_ask_for_a_token_in_production(client, settings):
    settings.IS_PRODUCTION = True
    assert client.get("/metrics").status_code == 403


@pytest.mark.django_db
def test_healthz_waits_once_for_a_database_that_is_gone(client, monkeypatch):
    record_heartbeat()
    gone = connection.get_connection_params() | {"port": "1"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: gone)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self: pytest.fail("asked again"))
    silent = {"status": "failing", "database": "does not answer", "migrations": "does not answer"}

    assert health(client) == (503, HEALTHY | silent)
