"""Structured logs: one JSON object a line, with request, park and actor by id, never a secret or a personal datum."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

import structlog
from structlog.typing import Processor

SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "email", "phone", "csrf")
# Whoever reads such an address could use it: invitations, confirmed addresses, new passwords.
SECRET_PATHS = re.compile(r"(/invitations/|/confirm-email/|/password/reset/key/)[^/?\s\"']+")


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the value of every key that sounds like a secret or a contact detail, and the secrets in addresses."""
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "[hidden]"
        elif isinstance(event[key], str):
            event[key] = SECRET_PATHS.sub(r"\1[hidden]", event[key])
    return event


class RefusedInOneLine(logging.Filter):
    """Somebody was refused a page: whom and which stands in the line, and the way through the code helps nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == HTTPStatus.FORBIDDEN:
            record.exc_info = None
        return True


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    hide_secrets,
]


def configure_logging(mode: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; in tests pytest shows what was logged."""
    structlog.configure(
        processors=[
            *SHARED,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=mode != "test",
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        "foreign_pre_chain": [*SHARED, structlog.processors.format_exc_info],
    }
    console = {"class": "logging.StreamHandler", "formatter": "json"}
    if mode == "test":
        console = {"class": "logging.NullHandler"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "filters": {"refused": {"()": RefusedInOneLine}},
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": "WARNING" if mode == "test" else "INFO"},
        "loggers": {
            "django.request": {"filters": ["refused"]},
            "django.server": {"level": "WARNING"},
            "celery": {"level": "INFO"},
        },
    }
