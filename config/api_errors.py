"""How the API says no."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import exception_handler
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, Throttled
from rest_framework.response import Response

from config.refused import Refused
from lib.refusals import Refusal


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The body of the request is too large.")


class TooManyRequests(Throttled):
    """Also answered before a view is reached, by the middleware."""

    default_detail: Any = _("Too many requests.")
    extra_detail_singular: Any = _("Try again in {wait} second.")
    extra_detail_plural: Any = _("Try again in {wait} seconds.")


def answer_exception(error: Exception, context: Any) -> Response | None:
    """One format for every error: its type, and for each error code, detail and the field it belongs to."""
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, Throttled):
        error = TooManyRequests(getattr(error, "wait", None))
    elif isinstance(error, SuspiciousOperation):
        error = ParseError()
    elif isinstance(error, Refusal):
        told: Any = {error.field: [error.message]} if error.field else error.message
        error = Refused(told, code=error.code)
    answer: Response | None = exception_handler(error, context)
    return answer
