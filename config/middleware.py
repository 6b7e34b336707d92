from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.throttling import SimpleRateThrottle

from config.api_errors import TooManyRequests
from lib.networks import network_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class FailedKeyThrottle(SimpleRateThrottle):
    """So many wrong keys per sender, whom one address of IPv6 does not tell; asking costs nothing."""

    scope = "failed_key"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": network_of(self.get_ident(request) or "")}

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        super().throttle_success()


class FailedKeyMiddleware:
    """Refuses keys from an address that has sent too many wrong ones, before anything is looked up.

    The throttles of the API come after authentication: they never hear of a key that does not exist.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.API_PREFIX) or "Authorization" not in request.headers:
            return self.get_response(request)
        throttle = FailedKeyThrottle()
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]
            return _too_many(throttle.wait() or 1)
        response = self.get_response(request)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            throttle.count()
        return response


class WrongMethodMiddleware:
    """A page in place of the empty answer where an address takes what a form sends and was opened by hand."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api = request.path_info.startswith(settings.API_PREFIX)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or is_api or response.content:
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response.get("Allow", "")
        return page


def _too_many(seconds: float) -> HttpResponse:
    """In the form of every error of the API."""
    error = TooManyRequests(seconds)
    told = {"code": "throttled", "detail": str(error.detail), "attr": None}
    return JsonResponse(
        {"type": "client_error", "errors": [told]},
        status=HTTPStatus.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(math.ceil(seconds))},
    )
