"""An enterprise as its own people see it: its facts, and who works there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form, model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises import queries, services
from enterprises.forms import KeptFactsForm
from enterprises.models import KEPT
from enterprises.permissions import owns_enterprise, works_in_enterprise
from enterprises.views.pages import one_enterprise
from parks.access import acting
from parks.choices import ENTERPRISE_ROLES
from parks.forms.people import InvitationForm, RolesForm
from parks.models import Membership
from parks.requests import ActingRequest
from parks.services import people
from parks.views.forms import attempt, form_page


@acting(owns_enterprise)
def contact_edit(request: ActingRequest) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    form = KeptFactsForm(request.POST or None, initial=model_to_dict(enterprise, KEPT))
    if form.is_valid():
        services.update_kept_facts(request.actor, enterprise, changes=form.changes)
        messages.success(request, _("The contact is saved."))
        return redirect("enterprises:profile")
    return form_page(request, "enterprises/contact_edit.html", form)


@acting(works_in_enterprise)
@require_safe
def people_list(request: ActingRequest) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    manages = owns_enterprise(request.actor) and not request.actor.is_read_only
    context = {
        "people": list(queries.people_of(enterprise)),
        "invitations": list(queries.open_invitations(enterprise, timezone.now())) if manages else [],
        "can_manage": manages,
    }
    return render(request, "enterprises/people_list.html", context)


@acting(owns_enterprise)
def people_invite(request: ActingRequest) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    form = InvitationForm(request.POST or None, offered=ENTERPRISE_ROLES)
    if form.is_valid():
        act = partial(
            people.invite,
            actor=request.actor,
            park=request.park,
            now=timezone.now(),
            enterprise_id=enterprise.pk,
            enterprise_name_en=enterprise.name_en,
            enterprise_name_zh=enterprise.name_zh,
            **form.cleaned_data,
        )
        if attempt(form, act):
            words = _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, words)
            return redirect("enterprises:people_list")
    return form_page(request, "enterprises/people_invite.html", form)


def _colleague(request: ActingRequest, membership_id: int) -> Membership:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    return get_object_or_404(queries.people_of(enterprise), pk=membership_id)


@acting(owns_enterprise)
def people_edit(request: ActingRequest, membership_id: int) -> HttpResponse:
    colleague = _colleague(request, membership_id)
    form = RolesForm(request.POST or None, offered=ENTERPRISE_ROLES, initial={"roles": colleague.roles})
    if form.is_valid():
        act = partial(
            people.change_roles, actor=request.actor, membership=colleague, now=timezone.now(), **form.cleaned_data
        )
        if attempt(form, act):
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": colleague.user.name})
            return redirect("enterprises:people_list")
    return form_page(request, "enterprises/people_edit.html", form, colleague=colleague)


@acting(owns_enterprise)
def people_end(request: ActingRequest, membership_id: int) -> HttpResponse:
    colleague = _colleague(request, membership_id)
    done = _("%(name)s can no longer act for this enterprise.") % {"name": colleague.user.name}
    end = partial(people.end_membership, actor=request.actor, membership=colleague, now=timezone.now())
    return _confirmed(request, "enterprises/people_end.html", end, done, colleague=colleague)


@acting(owns_enterprise)
def invitation_revoke(request: ActingRequest, invitation_id: int) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    now = timezone.now()
    offer = get_object_or_404(queries.open_invitations(enterprise, now), pk=invitation_id)
    done = _("The invitation to %(email)s is revoked.") % {"email": offer.email}
    revoke = partial(people.revoke_invitation, actor=request.actor, invitation=offer, now=now)
    return _confirmed(request, "enterprises/invitation_revoke.html", revoke, done, invitation=offer)


def _confirmed(
    request: ActingRequest, template: str, act: Callable[[], object], done: str, **context: Any
) -> HttpResponse:
    """A page that asks before it acts; the POST acts and leads back to the people."""
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, act):
        messages.success(request, done)
        return redirect("enterprises:people_list")
    return form_page(request, template, form, **context)
