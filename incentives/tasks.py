from __future__ import annotations

from uuid import UUID

from celery import shared_task

from incentives import services
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask, name="incentives.tasks.write_step_mails")
def write_step_mails(park_id: int, step_id: str) -> None:
    services.write_step_mails(UUID(step_id))
