"""How the API says no."""

from __future__ import annotations

from typing import Any

from drf_standardized_errors.handler import exception_handler
from rest_framework.response import Response

from config.refused import Refused
from lib.refusals import Refusal


def answer_exception(error: Exception, context: Any) -> Response | None:
    """One format for every error: its type, and for each error code, detail and the field it belongs to."""
    if isinstance(error, Refusal):
        told: Any = {error.field: [error.message]} if error.field else error.message
        error = Refused(told, code=error.code)
    answer: Response | None = exception_handler(error, context)
    return answer
