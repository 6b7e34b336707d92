from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonMiddleware:
    """The page in the language and the time zone of the person who reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(ZoneInfo(request.user.time_zone)), translation.override(request.user.language):
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
            return self.get_response(request)


class SecondFactorMiddleware:
    """Officials and operators decide about public money: they need a second factor before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
