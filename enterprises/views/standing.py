"""The standing of an enterprise and who owns it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises import obstacles
from enterprises.forms.company import HandOverForm, NameOwnerForm, ReasonForm
from enterprises.models import Enterprise
from enterprises.permissions import can_change_standing, owns_enterprise
from enterprises.queries import company as queries
from enterprises.services import ownership, standing
from enterprises.tables.register import shown_names
from enterprises.views.pages import enterprise_page, one_enterprise
from parks.access import acting
from parks.models import Membership
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

Act = Callable[..., Enterprise]


@acting(can_change_standing)
def enterprise_suspend(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    done = _("%(name)s is suspended.")
    return _change(request, enterprise_id, "enterprise_suspend", standing.suspend_enterprise, done)


@acting(can_change_standing)
def enterprise_resume(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    done = _("The suspension of %(name)s is lifted.")
    return _change(request, enterprise_id, "enterprise_resume", standing.resume_enterprise, done)


@acting(can_change_standing)
def enterprise_deregister(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    done = _("%(name)s is deregistered.")
    return _change(request, enterprise_id, "enterprise_deregister", standing.deregister_enterprise, done)


@acting(can_change_standing)
def enterprise_reinstate(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    done = _("%(name)s is registered again. Invite its owner.")
    return _change(request, enterprise_id, "enterprise_reinstate", standing.reinstate_enterprise, done)


def _change(request: ActingRequest, enterprise_id: UUID, name: str, act: Act, done: str) -> HttpResponse:
    """A page that asks for the reason before it acts; with what stands in the way of an end."""
    enterprise = one_enterprise(request, enterprise_id)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, partial(act, request.actor, enterprise, reason=reason, now=timezone.now())):
            messages.success(request, done % {"name": shown_names(enterprise)[0]})
            return enterprise_page(request, enterprise)
    is_ending = act is standing.deregister_enterprise and not enterprise.has_ended
    found = obstacles.to_ending(enterprise) if is_ending else []
    return form_page(request, f"enterprises/{name}.html", form, enterprise=enterprise, obstacles=found)


@acting(owns_enterprise)
def ownership_offer(request: ActingRequest, membership_id: int) -> HttpResponse:
    """The owner hands the enterprise over to a colleague."""
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    colleague = get_object_or_404(queries.colleagues_of(enterprise), pk=membership_id)
    form = HandOverForm(request.POST if request.method == "POST" else None, held=sorted(request.actor.roles))
    if form.is_valid():
        act = partial(
            ownership.hand_over, request.actor, enterprise, to=colleague, keeps=form.keeps, now=timezone.now()
        )
        if attempt(form, act):
            messages.success(request, _("%(name)s is the owner now.") % {"name": colleague.user.name})
            return redirect("enterprises:people_list" if form.keeps else "parks:membership_choose")
    return form_page(request, "enterprises/ownership_offer.html", form, enterprise=enterprise, colleague=colleague)


@acting(can_change_standing)
def ownership_assign(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    """An administrator names the owner where the one there was is gone."""
    enterprise = one_enterprise(request, enterprise_id)
    colleagues = list(queries.colleagues_of(enterprise))
    on_file = queries.papers_of(enterprise)
    form = NameOwnerForm(request.POST or None, request.FILES or None, colleagues=colleagues, papers=on_file)
    if form.is_valid():
        act = partial(
            ownership.name_owner,
            request.actor,
            enterprise,
            to=_chosen(colleagues, form.cleaned_data["owner"]),
            email=form.cleaned_data["email"],
            reason=form.cleaned_data["reason"],
            evidence=form.evidence,
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The owner is named."))
            return enterprise_page(request, enterprise, "people")
    context = {"enterprise": enterprise, "owners": queries.owners_of(enterprise)}
    return form_page(request, "enterprises/ownership_assign.html", form, **context)


def _chosen(colleagues: list[Membership], value: str) -> Membership | None:
    return next((place for place in colleagues if str(place.pk) == value), None)
