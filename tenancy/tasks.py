"""The bases of every task of the project, and the relay of the outbox."""

from __future__ import annotations

import inspect
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from tenancy import services
from tenancy.scopes import Author, enterprise_scope, park_scope, platform_scope

WORKER = Author(name="ParkZero")


class TenantTask(Task):
    """A task that works on the rows of one park, or of one enterprise when it takes `enterprise_id`.

    The scope is opened around `run`, so the whole task is one transaction; ids arrive as JSON wrote them.
    """

    abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__dict__.get("abstract") and "park_id" not in inspect.signature(cls.run).parameters:
            raise TypeError(f"{cls.__name__} works in a park and must take park_id")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = inspect.signature(self.run).bind(*args, **kwargs).arguments
        park_id = int(given["park_id"])
        enterprise_id = given.get("enterprise_id")
        if enterprise_id:
            scope = enterprise_scope(park_id, UUID(str(enterprise_id)), WORKER)
        else:
            scope = park_scope(park_id, WORKER)
        with scope:
            return super().__call__(*args, **kwargs)


class PlatformTask(Task):
    """A task of the installation: no tenant's rows."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with platform_scope(WORKER):
            return super().__call__(*args, **kwargs)


@shared_task(base=PlatformTask, name="tenancy.tasks.relay_events", ignore_result=True)
def relay_events() -> int:
    return services.relay_events(timezone.now())


@shared_task(base=PlatformTask, name="tenancy.tasks.forget_sent_events", ignore_result=True)
def forget_sent_events() -> int:
    return services.forget_sent_events(timezone.now())
