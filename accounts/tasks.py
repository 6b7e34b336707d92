from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import delivery, services
from tenancy.tasks import PERIODIC, LoginTask


@shared_task(base=LoginTask, name="accounts.tasks.deliver_waiting_mail", **PERIODIC)
def deliver_waiting_mail() -> int:
    return delivery.deliver_waiting_mail(timezone.now())


@shared_task(base=LoginTask, name="accounts.tasks.forget_what_is_over", **PERIODIC)
def forget_what_is_over() -> int:
    return services.forget_what_is_over(timezone.now())
