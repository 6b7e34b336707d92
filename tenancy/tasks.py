"""The bases of every task of the project, and the relay of the outbox."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from functools import wraps
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from celery import Task, current_app, shared_task
from celery.exceptions import Reject
from django.core.cache import cache
from django.utils import timezone

from lib.refusals import Refusal
from tenancy import services
from tenancy.scopes import Author, Scope, enterprise_scope, login_scope, park_scope, platform_scope

logger = structlog.get_logger(__name__)
WORKER = Author(name="ParkZero")
MOST_DELIVERIES = 5
REMEMBERED_SECONDS = 24 * 3600
Arguments = Mapping[str, Any]


class ScopedTask(Task):
    """A task whose `run` is one transaction in a scope. It is tried again when it fails, unless a rule forbids it.

    Celery wraps its retry around `run` as it finds it here: the scope has rolled everything back before the task is
    asked for again.
    """

    abstract = True
    autoretry_for = (Exception,)
    dont_autoretry_for = (Refusal,)
    retry_backoff = True
    retry_backoff_max = 600
    retry_jitter = True
    # A little over two hours.
    max_retries = 20

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__dict__.get("abstract"):
            cls.run = staticmethod(cls._in_scope(cls.run))  # type: ignore[method-assign]

    @classmethod
    def _in_scope(cls, run: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(run)

        @wraps(run)
        def run_in_scope(*args: Any, **kwargs: Any) -> Any:
            with cls.scope(signature.bind(*args, **kwargs).arguments):
                return run(*args, **kwargs)

        return run_in_scope

    @classmethod
    def scope(cls, given: Arguments) -> AbstractContextManager[Scope]:
        """What a call with these arguments may see."""
        raise NotImplementedError

    def before_start(self, task_id: str, args: Sequence[Any], kwargs: Arguments) -> None:
        """Give up a task that takes its worker with it each time: it would come back for ever."""
        if (self.request.delivery_info or {}).get("redelivered") and _deliveries(task_id) > MOST_DELIVERIES:
            logger.error("task_given_up", task=self.name, task_id=task_id, reason="its worker was lost each time")
            raise Reject("delivered too often", requeue=False)

    def on_failure(self, exc: Exception, task_id: str, args: Sequence[Any], kwargs: Arguments, einfo: Any) -> None:
        """Refused, or not to be tried again: somebody has to look. Names of people stay out of the log."""
        ids = {name: str(value) for name, value in kwargs.items() if name.endswith("_id")}
        logger.error("task_given_up", task=self.name, task_id=task_id, reason=type(exc).__name__, ids=ids)


def _deliveries(task_id: str) -> int:
    """How often the message of a task came back, this time included."""
    key = f"task-redelivered:{task_id}"
    cache.add(key, 0, timeout=REMEMBERED_SECONDS)
    return cache.incr(key)


class TenantTask(ScopedTask):
    """A task that works on the rows of one park, or of one enterprise when it takes `enterprise_id`.

    Ids arrive as JSON wrote them.
    """

    abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if not cls.__dict__.get("abstract") and "park_id" not in inspect.signature(cls.run).parameters:
            raise TypeError(f"{cls.__name__} works in a park and must take park_id")
        super().__init_subclass__(**kwargs)

    @classmethod
    def scope(cls, given: Arguments) -> AbstractContextManager[Scope]:
        park_id, enterprise_id = int(given["park_id"]), given.get("enterprise_id")
        if enterprise_id:
            return enterprise_scope(park_id, UUID(str(enterprise_id)), WORKER)
        return park_scope(park_id, WORKER)


class SteppedTask(TenantTask):
    """A task too long for one transaction: `run` is a generator, and what it does up to each `yield` is committed.

    A worker may die between any two steps, and after `LONGEST_RUN` the task asks for itself anew, long before its time
    limit: `run` therefore begins where the rows say that it was left, and changes nothing when all is done.
    """

    abstract = True
    LONGEST_RUN = timedelta(minutes=4)

    @classmethod
    def _in_scope(cls, run: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(run)

        @wraps(run)
        def run_in_steps(*args: Any, **kwargs: Any) -> None:
            given = signature.bind(*args, **kwargs).arguments
            gives_way_at = monotonic() + cls.LONGEST_RUN.total_seconds()
            with closing(run(*args, **kwargs)) as steps:
                while cls._takes_step(steps, given):
                    if monotonic() >= gives_way_at:
                        current_app.tasks[cls.name].apply_async(kwargs=dict(given))
                        return

        return run_in_steps

    @classmethod
    def _takes_step(cls, steps: Generator[None, None, None], given: Arguments) -> bool:
        with cls.scope(given):
            return next(steps, cls) is not cls


class PlatformTask(ScopedTask):
    """A task of the installation: no tenant's rows."""

    abstract = True

    @classmethod
    def scope(cls, given: Arguments) -> AbstractContextManager[Scope]:
        return platform_scope(WORKER)


class LoginTask(ScopedTask):
    """A task on what no park owns and no acting role may touch: sessions, sign-in."""

    abstract = True

    @classmethod
    def scope(cls, given: Arguments) -> AbstractContextManager[Scope]:
        return login_scope(WORKER)


# The schedule asks again soon enough: retries of each run would only pile up.
PERIODIC: dict[str, Any] = {"autoretry_for": (), "ignore_result": True}


@shared_task(base=PlatformTask, name="tenancy.tasks.relay_events", **PERIODIC)
def relay_events() -> int:
    return services.relay_events(timezone.now())


@shared_task(base=PlatformTask, name="tenancy.tasks.forget_sent_events", **PERIODIC)
def forget_sent_events() -> int:
    return services.forget_sent_events(timezone.now())
