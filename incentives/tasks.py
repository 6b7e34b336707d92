from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from incentives import services
from parks.models import Park
from tenancy.tasks import PlatformTask, TenantTask

FOLDERS_A_TASK = 500


@shared_task(base=TenantTask, name="incentives.tasks.write_step_mails")
def write_step_mails(park_id: int, step_id: str) -> None:
    services.write_step_mails(UUID(step_id))


@shared_task(base=TenantTask, name="incentives.tasks.sweep_orphaned_documents", ignore_result=True)
def sweep_orphaned_documents(park_id: int, folders: list[str]) -> int:
    return services.sweep_orphaned_documents(park_id, folders, timezone.now())


@shared_task(base=TenantTask, name="incentives.tasks.sweep_park", ignore_result=True)
def sweep_park(park_id: int) -> None:
    """One task for so many folders, each in a transaction of its own."""
    for folders in batched(services.sweepable_folders(park_id), FOLDERS_A_TASK):
        sweep_orphaned_documents.delay(park_id=park_id, folders=folders)


@shared_task(base=PlatformTask, name="incentives.tasks.sweep_every_park", ignore_result=True)
def sweep_every_park() -> None:
    """One task per park, so that no transaction sees two."""
    for park_id in Park.objects.values_list("pk", flat=True):
        sweep_park.delay(park_id=park_id)


def batched(names: Sequence[str], size: int) -> Iterator[list[str]]:
    return (list(names[start : start + size]) for start in range(0, len(names), size))
