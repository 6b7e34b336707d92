from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from accounts import devices, queries

logger = structlog.get_logger(__name__)
GetResponse = Callable[[Any], HttpResponse]


SEEN_EVERY = timedelta(minutes=5)


class ActivityMiddleware:
    """Keeps what the page of sessions tells: from where a session was used last, and when, to five minutes.

    allauth's own middleware writes on every request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated and not _is_known(request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _is_known(request: Any) -> bool:
    """Whether the session was seen a moment ago, from the same address and with the same browser."""
    length = UserSession._meta.get_field("user_agent").max_length
    known = UserSession.objects.filter(
        session_key=request.session.session_key,
        user=request.user,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:length],
        last_seen_at__gt=timezone.now() - SEEN_EVERY,
    )
    return bool(known.exists())


class KnownDeviceMiddleware:
    """Makes the device known where somebody chose a new password, whom `receivers` has noted on the request.

    They have given the old one, or opened the mail to their address. The views are the library's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.chose_password = None
        response = self.get_response(request)
        if request.chose_password is not None:
            devices.remember_device(request, response, request.chose_password)
        return response


class SecondFactorMiddleware:
    """Leads from a page that would show an unreadable second factor to the one that says what to do about it.

    The pages are the library's, and read secrets in several places.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, InvalidToken):
            return None
        logger.error("second_factor_unreadable", user_id=request.user.pk, exc_info=exception)
        return redirect("accounts:security")


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
