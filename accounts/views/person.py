"""Pages of a signed-in person. Which door they are behind stands in `settings.ACCESS_OF_LIBRARIES`: doors are made in
parks, above this app."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import permissions, queries, services
from accounts.forms import ProfileForm
from accounts.models import OutgoingMail, User
from lib.identifiers import row_number
from lib.refusals import Refusal
from tenancy.scopes import Author, login_scope

logger = structlog.get_logger(__name__)
PER_PAGE = 25


def profile(request: Any) -> HttpResponse:
    # A person of its own: what the form refuses must not stand in the top bar of the page that says so.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid() and _change_profile(request, form):
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/profile.html", {"form": form}, status=status)


def _change_profile(request: Any, form: ProfileForm) -> bool:
    """In no scope, yet under a name: the parks where the person works are told of a new one."""
    try:
        with login_scope(Author(request.user.pk, request.user.name)):
            services.change_profile(request.user, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.message)
        return False
    return True


@require_safe
def inbox(request: Any) -> HttpResponse:
    mails = Paginator(OutgoingMail.objects.in_inbox_of(request.user), PER_PAGE)
    return render(request, "accounts/inbox.html", {"page": mails.get_page(request.GET.get("page"))})


def mail_detail(request: Any, mail_id: UUID) -> HttpResponse:
    """Opening a message marks it as read."""
    mail = get_object_or_404(OutgoingMail.objects.in_inbox_of(request.user), pk=mail_id)
    services.read_mails([mail], timezone.now())
    request.unread_count -= mail.read_at is None
    return render(request, "accounts/mail_detail.html", {"mail": mail})


@require_POST
def inbox_read(request: Any) -> HttpResponse:
    services.read_mails(OutgoingMail.objects.in_inbox_of(request.user).unread(), timezone.now())
    return redirect("accounts:inbox")


@require_safe
def security(request: Any) -> HttpResponse:
    factors = queries.second_factors(request.user)
    if factors.unreadable:
        logger.error("second_factor_unreadable", user_id=request.user.pk, kinds=sorted(factors.unreadable))
    context = {"factors": factors, "session_count": UserSession.objects.filter(user=request.user).count()}
    return render(request, "accounts/security.html", context)


@require_safe
def second_factor(request: Any) -> HttpResponse:
    """Where somebody who decides about public money is sent until they have a second factor and have shown it."""
    kinds = permissions.second_factors_of(request.user)
    if kinds and permissions.has_shown_second_factor(request):
        return redirect("/")
    if kinds:
        return redirect("mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn")
    return render(request, "accounts/second_factor.html")


@require_POST
def session_end(request: Any) -> HttpResponse:
    """End one of one's own sessions, named in the form."""
    session = get_object_or_404(UserSession, user=request.user, pk=row_number(request.POST.get("session", "")))
    session.end()
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")
