"""Asking the worker to look, once what it should find is committed."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Nudge:
    """Asks for a task that takes no arguments. It is named, not imported: tasks stand above those who ask.

    Without a broker nothing is lost, because the schedule asks as well; and nobody waits for one that does not answer.
    """

    task_name: str

    def __call__(self) -> None:
        try:
            current_app.tasks[self.task_name].apply_async(retry=False)
        except OperationalError:
            logger.warning("worker_not_reached", task=self.task_name)

    def on_commit(self) -> None:
        """Ask when the current transaction is committed, once however often this is called in it."""
        planned = transaction.get_connection().run_on_commit
        if not any(callback == self for _savepoints, callback, _robust in planned):
            transaction.on_commit(self)
