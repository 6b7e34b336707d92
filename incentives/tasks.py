from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from incentives import queries, services
from incentives.services import reminders
from parks.choices import ParkStatus
from parks.models import Park
from tenancy.tasks import PERIODIC, LoginTask, PlatformTask, TenantTask

REMINDERS_FROM_HOUR = 7
"""Of the park's clock: letters arrive in the morning."""

MOST_AT_ONCE = 1_000
"""What is compared in one round; the next hour goes on."""


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


@shared_task(base=TenantTask, name="incentives.tasks.find_duplicates")
def find_duplicates(park_id: int, application_id: str) -> None:
    services.find_duplicates(UUID(application_id), timezone.now())


@shared_task(base=TenantTask, name="incentives.tasks.compare_uncompared", **PERIODIC)
def compare_uncompared(park_id: int) -> None:
    """Each in a task of its own."""
    for application_id in queries.uncompared(park_id, MOST_AT_ONCE):
        find_duplicates.delay(park_id=park_id, application_id=str(application_id))


@shared_task(base=PlatformTask, name="incentives.tasks.compare_uncompared_of_every_park", **PERIODIC)
def compare_uncompared_of_every_park() -> None:
    for park_id in Park.objects.filter(status=ParkStatus.ACTIVE).values_list("pk", flat=True):
        compare_uncompared.delay(park_id=park_id)


@shared_task(base=TenantTask, name="incentives.tasks.write_seat_letter")
def write_seat_letter(park_id: int, seat_id: str) -> None:
    services.write_seat_letter(UUID(seat_id))


@shared_task(base=TenantTask, name="incentives.tasks.make_dossier")
def make_dossier(park_id: int, application_id: str, request_key: str, by_user_id: int) -> None:
    services.make_dossier(UUID(application_id), UUID(request_key), by_user_id, timezone.now())


@shared_task(base=PlatformTask, name="incentives.tasks.remind_every_park", **PERIODIC)
def remind_every_park() -> None:
    """Asked every hour: a park's day begins at its own midnight, and what was sent is not sent again."""
    now = timezone.now()
    for park in Park.objects.filter(status=ParkStatus.ACTIVE):
        if now.astimezone(ZoneInfo(park.time_zone)).hour >= REMINDERS_FROM_HOUR:
            remind_park.delay(park_id=park.pk)


@shared_task(base=TenantTask, name="incentives.tasks.remind_park", **PERIODIC)
def remind_park(park_id: int) -> None:
    """Each kind of reminder in a task of its own: where one fails, the others are sent."""
    for kind in reminders.REMINDERS:
        remind_of.delay(park_id=park_id, kind=kind)
    closing = reminders.closing_versions(Park.objects.get(pk=park_id), timezone.now())
    if closing:
        find_drafts.delay(park_id=park_id, closing={str(version_id): due for version_id, due in closing.items()})


@shared_task(base=TenantTask, name="incentives.tasks.remind_of", **PERIODIC)
def remind_of(park_id: int, kind: str) -> None:
    reminders.REMINDERS[kind](Park.objects.get(pk=park_id), timezone.now())


@shared_task(base=LoginTask, name="incentives.tasks.find_drafts", **PERIODIC)
def find_drafts(park_id: int, closing: dict[str, str]) -> None:
    """The park sees no draft: the login role hears who has one, and each is written to in its own scope."""
    versions = {UUID(version_id): due for version_id, due in closing.items()}
    for enterprise_id in reminders.enterprises_with_drafts(park_id, versions):
        remind_of_drafts.delay(park_id=park_id, enterprise_id=str(enterprise_id))


@shared_task(base=TenantTask, name="incentives.tasks.remind_of_drafts", **PERIODIC)
def remind_of_drafts(park_id: int, enterprise_id: str) -> None:
    reminders.remind_of_drafts(park_id, UUID(enterprise_id), timezone.now())
