"""The park's register of enterprises, as its officials see it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises import services
from enterprises.forms import EnterpriseCreateForm, EnterpriseEditForm, OwnerInvitationForm
from enterprises.permissions import (
    can_invite_owner,
    can_register_enterprise,
)
from enterprises.queries.vetting import names_alike
from enterprises.services.ownership import invite_owner
from enterprises.tables.register import shown_names
from enterprises.views.pages import one_enterprise
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page, put_refusal


@acting(can_register_enterprise)
def enterprise_create(request: ActingRequest) -> HttpResponse:
    form = EnterpriseCreateForm(request.POST or None)
    if form.is_valid() and not form.ask_about(names_alike(form.cleaned_data["name_zh"], form.cleaned_data["name_en"])):
        try:
            enterprise = services.register_enterprise(
                request.actor,
                park=request.park,
                facts=form.facts(),
                is_code_confirmed=form.confirms_code,
                now=timezone.now(),
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("%(name)s is registered.") % {"name": shown_names(enterprise)[0]})
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/enterprise_create.html", form)


@acting(can_register_enterprise)
def enterprise_edit(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    form = EnterpriseEditForm(request.POST or None, initial=model_to_dict(enterprise))
    if form.is_valid():
        act = partial(
            services.update_enterprise,
            request.actor,
            enterprise,
            changes=form.changes,
            now=timezone.now(),
            is_code_confirmed=form.confirms_code,
        )
        if attempt(form, act):
            messages.success(request, _("The facts are saved."))
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/enterprise_edit.html", form, enterprise=enterprise)


@acting(can_invite_owner)
def owner_invite(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    if enterprise.has_ended:
        raise Http404
    form = OwnerInvitationForm(request.POST or None, initial={"email": enterprise.contact_email})
    if form.is_valid():
        email = form.cleaned_data["email"]
        if attempt(form, partial(invite_owner, request.actor, enterprise, email=email, now=timezone.now())):
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": email})
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/owner_invite.html", form, enterprise=enterprise)
