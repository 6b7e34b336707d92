from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import delivery
from tenancy.tasks import PERIODIC, PlatformTask


@shared_task(base=PlatformTask, name="accounts.tasks.deliver_waiting_mail", **PERIODIC)
def deliver_waiting_mail() -> int:
    return delivery.deliver_waiting_mail(timezone.now())
