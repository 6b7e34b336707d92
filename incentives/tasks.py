from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from incentives import services
from parks.models import Park
from tenancy.tasks import PlatformTask, TenantTask


@shared_task(base=TenantTask, name="incentives.tasks.write_step_mails")
def write_step_mails(park_id: int, step_id: str) -> None:
    services.write_step_mails(UUID(step_id))


@shared_task(base=TenantTask, name="incentives.tasks.sweep_orphaned_documents")
def sweep_orphaned_documents(park_id: int) -> int:
    return services.sweep_orphaned_documents(park_id, timezone.now())


@shared_task(base=PlatformTask, name="incentives.tasks.sweep_every_park")
def sweep_every_park() -> None:
    """One task per park, so that no transaction sees two."""
    for park_id in Park.objects.values_list("pk", flat=True):
        sweep_orphaned_documents.delay(park_id=park_id)
