"""Settings of the application server. One thread serves one request in one transaction."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from prometheus_client import multiprocess

from config.failures import CannotStart
from config.preflight import refuse_open_demo

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

host = os.environ.get("HOST") or "127.0.0.1"
try:
    refuse_open_demo(host)
except CannotStart as fault:
    sys.exit(str(fault))
wsgi_app = "config.wsgi:application"
bind = f"{host}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# No more than the connections in the pool of one process (DATABASES in config/settings.py).
threads = int(os.environ.get("WEB_THREADS") or 8)
# Loaded once, before the processes part: nothing is connected by then, and a start takes half the work.
preload_app = True
timeout = 60
# The supervisor waits five seconds; a service manager waits longer.
graceful_timeout = 4 if "PARKZERO_RUN" in os.environ else 30
control_socket_disable = True


PROBES = ("/healthz", "/metrics")


def post_worker_init(_worker: Worker) -> None:
    """Keep the probes of machines out of the log: they come every few seconds and say nothing new."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_no_probe)


def is_no_probe(record: logging.LogRecord) -> bool:
    path = getattr(getattr(record, "request", None), "path", "")
    event = record.msg.get("request", "") if isinstance(record.msg, dict) else ""
    return path not in PROBES and not str(event).endswith(PROBES)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Forget the gauges of a worker that has ended; its counters stay in the sums."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
