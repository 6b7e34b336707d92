"""The application of worker and beat."""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if "PARKZERO_RUN" in os.environ:
    # In a container for trying things everybody is root, and the worker takes JSON only.
    warnings.simplefilter("ignore", SecurityWarning)

app = Celery("parkzero")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
# The worker's sign of life, which /healthz looks for.
app.autodiscover_tasks(["config"], related_name="heartbeat")
app.conf.beat_schedule = {
    "relay-events": {"task": "tenancy.tasks.relay_events", "schedule": 15.0},
    "forget-sent-events": {"task": "tenancy.tasks.forget_sent_events", "schedule": 24 * 3600.0},
    "forget-what-is-over": {"task": "accounts.tasks.forget_what_is_over", "schedule": 24 * 3600.0},
    "sweep-orphaned-documents": {"task": "parks.tasks.sweep_every_park", "schedule": 24 * 3600.0},
    "remind-of-expiring-documents": {"task": "enterprises.tasks.remind_every_park", "schedule": 3600.0},
    "compare-waiting-registrations": {
        "task": "enterprises.tasks.compare_waiting_of_every_park",
        "schedule": 3600.0,
    },
    "forget-rows-of-imports": {"task": "enterprises.tasks.forget_import_rows_of_every_park", "schedule": 24 * 3600.0},
    "remind-of-deadlines": {"task": "incentives.tasks.remind_every_park", "schedule": 3600.0},
    "settle-public-notices": {"task": "incentives.tasks.settle_notices_of_every_park", "schedule": 900.0},
    "write-daily-mails": {"task": "accounts.tasks.write_digests", "schedule": 900.0},
    "compare-uncompared-applications": {
        "task": "incentives.tasks.compare_uncompared_of_every_park",
        "schedule": 3600.0,
    },
    # Feeds are fetched every quarter of an hour at most.
    "watch-feeds": {"task": "energy.tasks.watch_feeds_of_every_park", "schedule": 180.0},
    "deliver-waiting-mail": {"task": "accounts.tasks.deliver_waiting_mail", "schedule": 30.0},
}


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Celery would replace the handlers; Django has configured them already."""
