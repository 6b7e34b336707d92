"""One transaction around each response, seeing what its visitor may see."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from parks import readings, sessions
from parks.access import Access, Door, access_of
from parks.actors import Actor
from parks.models import Park
from tenancy.scopes import Kind, Scope, open_scope

logger = structlog.get_logger(__name__)
PAGE_METHODS = ("GET", "HEAD", "POST")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
GetResponse = Callable[[HttpRequest], HttpResponse]


class StreamingRefused(RuntimeError):
    """A streamed response would be produced after the scope has closed, with the rows of nobody."""


class ScopeMiddleware:
    """Finds out who acts, checks the door of the view, and opens the scope around view and rendering.

    The visitor's session, person and membership are read before the scope is open: inside it the database role may not
    see them. From status 400 up everything the view wrote is rolled back. Every answer to an operator on a support
    visit goes into the audit trail.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor, request.park, request.support_session = None, None, None
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        is_api = request.path_info.startswith(settings.API_PREFIX)
        if not is_api and request.method not in PAGE_METHODS:
            # Browsers ask for pages in no other way, and views would answer as if it were a GET.
            return HttpResponseNotAllowed(PAGE_METHODS)
        access = access_of(match.func)
        if access is None:
            logger.error("view_without_a_door", view=match.view_name or match.func.__name__)
            raise PermissionDenied
        sessions.load_actor(request, in_support=not access.outside_support)
        if request.actor is not None:
            structlog.contextvars.bind_contextvars(
                park_id=request.actor.park_id, membership_id=request.actor.membership_id
            )
        response = self._answer_told(request, access, match.kwargs)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            # What one person sees is kept by no proxy, and by no back button after signing out.
            response["Cache-Control"] = "private, no-store"
        return response

    def _answer_told(self, request: Any, access: Access, kwargs: dict[str, Any]) -> HttpResponse:
        """The answer; on a support visit the park is told of it, also of one that refuses."""
        if request.support_session is None or access.door is not Door.ACTING:
            return self._answer(request, access, kwargs)
        scope = request.actor.scope
        try:
            response = self._answer(request, access, kwargs)
        except PermissionDenied:
            readings.record_page(scope, request, None)
            raise
        readings.record_page(scope, request, response)
        return response

    def _answer(self, request: Any, access: Access, kwargs: dict[str, Any]) -> HttpResponse:
        if access.door is Door.OPEN:
            return self.get_response(request)
        if access.door is Door.PUBLIC_PARK:
            request.park = self._published_park(kwargs["park_slug"])
            return self._within(Scope(Kind.PUBLIC, request.park.pk, None), request)
        is_api = request.path_info.startswith(settings.API_PREFIX)
        if access.door is Door.ACTING and sessions.waits_for_second_factor(request):
            if not is_api:
                return HttpResponseRedirect(reverse("accounts:second_factor"))
            request.actor = None
        if access.door is Door.ACTING and request.actor is not None and (is_api or access.admits(request.actor)):
            return self._act(request, request.actor, is_api=is_api)
        if is_api:
            # The API answers 401 and 403 itself, in its own format, before it reads a row.
            return self.get_response(request)
        return self._answer_without_place(request, access, kwargs)

    def _answer_without_place(self, request: Any, access: Access, kwargs: dict[str, Any]) -> HttpResponse:
        """To visitors who are not acting, or not in a place that the view admits."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
        if access.door is Door.SIGNED_IN:
            return self.get_response(request)
        if access.door is Door.REGISTERING:
            return self._register(request, self._published_park(kwargs["park_slug"]))
        if request.actor is None:
            return HttpResponseRedirect(
                f"{reverse('parks:membership_choose')}?{urlencode({'next': request.get_full_path()})}"
            )
        raise PermissionDenied

    def _act(self, request: Any, actor: Actor, *, is_api: bool) -> HttpResponse:
        if actor.is_read_only and request.method not in SAFE_METHODS and not is_api:
            return render(request, "parks/read_only.html", status=HTTPStatus.CONFLICT)
        return self._within(actor.scope, request)

    def _register(self, request: Any, park: Park) -> HttpResponse:
        request.park = park
        request.registrant = registrant = sessions.registrant_of(request, park)
        if registrant.is_read_only and request.method not in SAFE_METHODS:
            return render(request, "parks/read_only.html", status=HTTPStatus.CONFLICT)
        return self._within(registrant.scope, request)

    def _within(self, scope: Scope, request: HttpRequest) -> HttpResponse:
        with open_scope(scope):
            response = self.get_response(request)
            # A file that is open already reads no row when it is sent.
            if response.streaming and getattr(response, "file_to_stream", None) is None:
                raise StreamingRefused(request.path_info)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)
        return response

    def _published_park(self, slug: str) -> Park:
        park = Park.objects.open_to_public().filter(slug=slug).first()
        if park is None:
            raise Http404
        return park
