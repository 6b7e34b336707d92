from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from energy.services.readings import import_steps
from tenancy.tasks import SteppedTask


@shared_task(base=SteppedTask, name="energy.tasks.import_file")
def import_file(park_id: int, reading_import_id: str) -> Iterator[None]:
    """One file; several are read side by side. Harmless where the file is done, or another worker is at it."""
    return import_steps(UUID(reading_import_id), timezone.now)
