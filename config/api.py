"""The API's own doors: who calls, whether they may, and how often."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from config.refused import Refused
from parks.access import access_of


class KeyAuthentication(BaseAuthentication):
    """A key in the header `Authorization: Bearer …`. The middleware has looked it up before the scope was open."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        asked: Any = request._request  # noqa: SLF001
        error = getattr(asked, "api_key_error", None)
        if error is not None:
            raise exceptions.AuthenticationFailed(_("The key is unknown, has expired or was revoked."))
        key = getattr(asked, "api_key", None)
        return None if key is None else (asked.user, key)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ParkZero API"'


class PageAuthentication(SessionAuthentication):
    """The session of a signed-in person, with the token against forged requests; for scripts of our own pages."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if "Authorization" in request.headers:
            return None
        answer: tuple[Any, Any] | None = super().authenticate(request)
        return answer


class DoorPermission(BasePermission):
    """What `parks.access` says of the view, and nothing written while the park is suspended."""

    def has_permission(self, request: Request, view: Any) -> bool:
        asked: Any = request._request  # noqa: SLF001
        access = access_of(asked.resolver_match.func)
        if access is None or not access.admits(asked.actor):
            return False
        key = getattr(asked, "api_key", None)
        if key is not None and key.is_for_sending and getattr(view, "action", None) not in _sending_acts(view):
            return False
        if asked.actor is not None and asked.actor.is_read_only and request.method not in SAFE_METHODS:
            code = "enterprise_suspended" if asked.actor.is_enterprise_suspended else "park_suspended"
            raise Refused(asked.actor.read_only_words, code=code)
        return True


def _sending_acts(view: Any) -> frozenset[str]:
    """The acts of a view that a key may do which is only to send readings."""
    acts: frozenset[str] = getattr(view, "sending_acts", frozenset())
    return acts


class KeyThrottle(SimpleRateThrottle):
    """So many requests per key, or per person on our own pages, or per address for who is neither."""

    scope = "key"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        key = request.auth
        if key is not None:
            ident = f"key-{key.pk}"
        elif request.user is not None and request.user.is_authenticated:
            ident = f"user-{request.user.pk}"
        else:
            ident = f"address-{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": ident}


class Pages(CursorPagination):
    """Newest first: identifiers sort by time. A page costs the same however far down it is."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError) as error:
            raise exceptions.NotFound(self.invalid_cursor_message) from error
