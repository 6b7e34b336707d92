"""What is done with the people of a place, a park or an enterprise: invited, given roles, shown out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from parks import services
from parks.choices import Role
from parks.forms.people import InvitationForm, RolesForm
from parks.models import Invitation, Membership
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


class PeoplePage(NamedTuple):
    """A page of the people of one kind of place. `back`: the name of the address of their list."""

    template: str
    back: str
    offered: Iterable[Role] = ()


def invite(request: ActingRequest, page: PeoplePage, **place: Any) -> HttpResponse:
    """place: of an enterprise what `services.invite` wants to know of it."""
    form = InvitationForm(request.POST or None, offered=page.offered)
    if form.is_valid():
        act = partial(
            services.invite,
            actor=request.actor,
            park=request.park,
            now=timezone.now(),
            **place,
            **form.cleaned_data,
        )
        if attempt(form, act):
            words = _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, words)
            return redirect(page.back)
    return form_page(request, page.template, form)


def change_roles(request: ActingRequest, page: PeoplePage, membership: Membership) -> HttpResponse:
    form = RolesForm(request.POST or None, offered=page.offered, initial={"roles": membership.roles})
    if form.is_valid():
        act = partial(
            services.change_roles, actor=request.actor, membership=membership, now=timezone.now(), **form.cleaned_data
        )
        if attempt(form, act):
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": membership.user.name})
            return redirect(page.back)
    return form_page(request, page.template, form, membership=membership)


def end_access(request: ActingRequest, page: PeoplePage, membership: Membership, done: str) -> HttpResponse:
    act = partial(services.end_membership, actor=request.actor, membership=membership, now=timezone.now())
    return _confirmed(request, page, act, done % {"name": membership.user.name}, membership=membership)


def revoke(request: ActingRequest, page: PeoplePage, invitation: Invitation) -> HttpResponse:
    act = partial(services.revoke_invitation, actor=request.actor, invitation=invitation, now=timezone.now())
    done = _("The invitation to %(email)s is revoked.") % {"email": invitation.email}
    return _confirmed(request, page, act, done, invitation=invitation)


def _confirmed(
    request: ActingRequest, page: PeoplePage, act: Callable[[], object], done: str, **context: Any
) -> HttpResponse:
    """A page that asks before it acts; the POST acts and leads back to the list."""
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, act):
        messages.success(request, done)
        return redirect(page.back)
    return form_page(request, page.template, form, **context)
