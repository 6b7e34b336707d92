"""Pages for everybody, signed in or not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import services
from accounts.choices import Language
from accounts.models import OutgoingMail
from lib.origins import is_from_this_machine

PER_PAGE = 25
YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def set_language(request: Any) -> HttpResponse:
    """The switch in the top bar: kept on the account of a signed-in person, in a cookie for the sign-in page."""
    response = HttpResponseRedirect(_own_path(request))
    language = request.POST.get("language", "")
    if language in Language.values:
        if request.user.is_authenticated:
            services.change_language(request.user, language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR_SECONDS,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def _own_path(request: Any) -> str:
    """Where the visitor came from, if that is a page of this portal."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else "/"


def mail_list(request: Any) -> HttpResponse:
    """Every message with its link, for a demonstration without a mail server; no such page anywhere else.

    Only at the machine itself: whoever reads the links can set everybody's password.
    """
    if not (settings.SHOWS_MAIL and is_from_this_machine(request)):
        raise Http404
    mails = Paginator(OutgoingMail.objects.select_related("recipient"), PER_PAGE)
    return render(request, "accounts/mail_list.html", {"page": mails.get_page(request.GET.get("page"))})
