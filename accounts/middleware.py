from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

from accounts import queries

GetResponse = Callable[[Any], HttpResponse]


class PersonMiddleware:
    """The page in the language and the time zone of the person who reads it, and what waits in their inbox.

    The inbox is counted here because no acting role may read mail: inside a scope it would be refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.unread_count = 0
        if not request.user.is_authenticated:
            return self.get_response(request)
        if not request.path_info.startswith(settings.API_PREFIX):
            request.unread_count = queries.unread_count(request.user)
        with timezone.override(ZoneInfo(request.user.time_zone)), translation.override(request.user.language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            # Outside this block the locale middleware would name the language of the cookie.
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response
