"""Letters, and what is over. For the login role: nobody who acts reads mail, sessions or what people have chosen."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import delivery, digests, services
from tenancy.tasks import PERIODIC, LoginTask


@shared_task(base=LoginTask, name="accounts.tasks.deliver_waiting_mail", **PERIODIC)
def deliver_waiting_mail() -> int:
    return delivery.deliver_waiting_mail(timezone.now())


@shared_task(base=LoginTask, name="accounts.tasks.forget_what_is_over", **PERIODIC)
def forget_what_is_over() -> int:
    return services.forget_what_is_over(timezone.now())


@shared_task(base=LoginTask, name="accounts.tasks.write_digests", **PERIODIC)
def write_digests() -> None:
    """Asked every quarter of an hour: mornings come at different times, and each day's mail is written once."""
    for user_id in digests.readers_due(timezone.now()):
        write_digest.delay(user_id=user_id)


@shared_task(base=LoginTask, name="accounts.tasks.write_digest")
def write_digest(user_id: int) -> int:
    return digests.write_digest(user_id, timezone.now())
