"""What machines ask: is the portal well, and what does it count."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as remember

import psycopg
import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from config.heartbeat import is_worker_alive
from lib.origins import is_from_this_machine
from parks.access import open_to_all

logger = structlog.get_logger(__name__)

FINE = "ok"
SILENT = "does not answer"
DATABASE_SECONDS = 2


@never_cache
@require_safe
@open_to_all
def healthz(_request: HttpRequest) -> JsonResponse:
    """The state of every part, 503 when one is not well. Names no address, no version and no error of a library."""
    states: dict[str, str] = {}
    for name, check in CHECKS.items():
        # One that does not answer is waited for once.
        is_asked = name != "migrations" or states["database"] == FINE
        states[name] = state_of(name, check) if is_asked else SILENT
    is_well = all(state == FINE for state in states.values())
    return JsonResponse({"status": FINE if is_well else "failing", **states}, status=200 if is_well else 503)


def state_of(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, InterfaceError, redis.RedisError, OSError) as error:
        logger.warning("health_check_failed", part=name, error=type(error).__name__)
        return SILENT


def database_state() -> str:
    """By a connection of its own: that of a pool is waited for longer than whoever asks has patience."""
    parameters = connection.get_connection_params() | {"connect_timeout": DATABASE_SECONDS}
    with connection.wrap_database_errors, psycopg.connect(**parameters) as own:
        own.execute("SELECT 1")
    return FINE


def cache_state() -> str:
    cache.set("health", FINE, timeout=10)
    return FINE if cache.get("health") == FINE else "forgets"


def broker_state() -> str:
    with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2) as broker:
        broker.ping()
    return FINE


def worker_state() -> str:
    return FINE if is_worker_alive() else "no worker runs"


def migrations_state() -> str:
    missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return f"{len(missing)} to apply: run migrate" if missing else FINE


@remember
def known_migrations() -> frozenset[tuple[str, str]]:
    """Reading the files takes a tenth of a second, and they do not change while the process runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


CHECKS: dict[str, Callable[[], str]] = {
    "database": database_state,
    "cache": cache_state,
    "broker": broker_state,
    "worker": worker_state,
    "migrations": migrations_state,
}


@never_cache
@require_safe
@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' numbers, for whoever has the token; outside production, where none is set, for this machine."""
    if not may_read_metrics(request):
        raise PermissionDenied
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    return not settings.IS_PRODUCTION and is_from_this_machine(request)
