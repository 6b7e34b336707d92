"""The worker's sign of life: its main process writes a key every two seconds, however busy its pool is.

A task that asks the pool would call a worker dead that merely works.
"""

from __future__ import annotations

from celery.signals import heartbeat_sent
from django.core.cache import cache

KEY = "worker-heartbeat"
FORGOTTEN_AFTER_SECONDS = 15


@heartbeat_sent.connect
def record_heartbeat(**_kwargs: object) -> None:
    cache.set(KEY, "beating", timeout=FORGOTTEN_AFTER_SECONDS)


def is_worker_alive() -> bool:
    return cache.get(KEY) is not None
