from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from energy.services import quality
from energy.services.readings import import_steps
from tenancy.tasks import SteppedTask, TenantTask


@shared_task(base=SteppedTask, name="energy.tasks.import_file")
def import_file(park_id: int, reading_import_id: str) -> Iterator[None]:
    """One file; several are read side by side. Harmless where the file is done, or another worker is at it."""
    return import_steps(UUID(reading_import_id), timezone.now)


@shared_task(base=TenantTask, name="energy.tasks.check_readings")
def check_readings(park_id: int, reading_import_id: str, after: str = "") -> None:
    """The days that a file changed, so many channels at a time; it asks for itself anew while there are more."""
    last = quality.check_import(UUID(reading_import_id), after=UUID(after) if after else None, now=timezone.now())
    if last is not None:
        told = {"park_id": park_id, "reading_import_id": reading_import_id, "after": str(last)}
        transaction.on_commit(lambda: check_readings.delay(**told))
