from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from incentives import services
from parks.choices import ParkStatus
from parks.models import Park
from tenancy.tasks import PERIODIC, PlatformTask, TenantTask


@shared_task(base=TenantTask, name="incentives.tasks.write_step_mails")
def write_step_mails(park_id: int, step_id: str) -> None:
    services.write_step_mails(UUID(step_id))


@shared_task(base=TenantTask, name="incentives.tasks.settle_notices", **PERIODIC)
def settle_notices(park_id: int) -> None:
    services.settle_notices(timezone.now())


@shared_task(base=PlatformTask, name="incentives.tasks.settle_notices_of_every_park", **PERIODIC)
def settle_notices_of_every_park() -> None:
    """Asked every quarter of an hour: a last day ends at the midnight of its park. A suspended park decides nothing."""
    for park_id in Park.objects.filter(status=ParkStatus.ACTIVE).values_list("pk", flat=True):
        settle_notices.delay(park_id=park_id)


@shared_task(base=TenantTask, name="incentives.tasks.seat_experts")
def seat_experts(park_id: int, application_id: str) -> None:
    services.seat_experts(UUID(application_id), now=timezone.now())


@shared_task(base=TenantTask, name="incentives.tasks.write_seat_letter")
def write_seat_letter(park_id: int, seat_id: str) -> None:
    services.write_seat_letter(UUID(seat_id))


@shared_task(base=TenantTask, name="incentives.tasks.make_dossier")
def make_dossier(park_id: int, application_id: str, request_key: str, by_user_id: int) -> None:
    services.make_dossier(UUID(application_id), UUID(request_key), by_user_id, timezone.now())
