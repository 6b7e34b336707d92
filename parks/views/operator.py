"""The pages of the installation: the list of parks, one park, what is done to it, who works for the installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from lib.tables import exported
from parks import permissions, services
from parks.access import acting
from parks.actors import Actor
from parks.choices import Role
from parks.filters import ObservedParkFilter, ParkFilter
from parks.forms.park import FirstAdministratorForm, ParkForm, StatusReasonForm
from parks.forms.people import InvitationForm
from parks.models import Invitation, Membership, Park, SupportSession
from parks.permissions import can_observe, can_run_installation
from parks.queries import operator as queries
from parks.requests import ActingRequest
from parks.services.people import invite
from parks.tables import ParkTable, other_language, other_name
from parks.views.forms import attempt, form_page

PER_PAGE = 25


@acting(can_observe)
@require_safe
def park_list(request: ActingRequest) -> HttpResponse:
    is_operator = can_run_installation(request.actor)
    narrowed = (ParkFilter if is_operator else ObservedParkFilter)(
        request.GET, queryset=queries.parks_seen_by(request.actor)
    )
    table = ParkTable(narrowed.qs, leads_to="parks:park_detail" if is_operator else "parks:public_park")
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {"table": table, "filter": narrowed, "is_operator": is_operator}
    return exported(request, table, _("parks")) or render(request, "parks/park_list.html", context)


@acting(can_run_installation)
def park_create(request: ActingRequest) -> HttpResponse:
    form = ParkForm(request.POST or None)
    if form.is_valid():
        park = services.create_park(form.cleaned_data, timezone.now())
        messages.success(request, _("The park is open. Invite its first administrator."))
        return redirect("parks:park_detail", park_id=park.pk)
    return form_page(request, "parks/park_create.html", form)


@acting(can_run_installation)
def park_edit(request: ActingRequest, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_edit_park)
    form = ParkForm(request.POST or None, instance=Park.objects.get(pk=park_id))
    if form.is_valid() and attempt(form, partial(services.update_park, park.pk, form.changes)):
        messages.success(request, _("The profile is saved."))
        return redirect("parks:park_detail", park_id=park.pk)
    return form_page(request, "parks/park_edit.html", form, park=park)


@acting(can_run_installation)
def park_detail(request: ActingRequest, park_id: int) -> HttpResponse:
    """The page, and the invitation of the park's first administrator that is sent from it."""
    park = get_object_or_404(Park, pk=park_id)
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and permissions.can_edit_park(request.actor, park) and form.is_valid():
        act = partial(
            invite,
            actor=request.actor,
            email=form.cleaned_data["email"],
            roles=[Role.PARK_ADMINISTRATOR],
            park=park,
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The invitation is on its way."))
            return redirect("parks:park_detail", park_id=park.pk)
    return form_page(request, "parks/park_detail.html", form, **_detail_context(request.actor, park, timezone.now()))


def _detail_context(actor: Actor, park: Park, now: datetime) -> dict[str, object]:
    return {
        "park": park,
        "other_name": other_name(park),
        "other_language": other_language(),
        "profile": queries.profile_of(park),
        "staff": list(queries.staff_of(park)),
        "invitations": list(Invitation.objects.of_staff(park.pk).open(now)),
        "support_sessions": list(SupportSession.objects.of_park(park.pk)[:5]),
        "history": queries.history_of(park),
        "menu_items": _menu_of(actor, park),
        "can_edit": permissions.can_edit_park(actor, park),
        "has_administrator": Membership.objects.who_administer(park.pk).exists(),
        "can_enter": permissions.can_enter_park(actor, park),
    }


def _menu_of(actor: Actor, park: Park) -> list[dict[str, object]]:
    """What else can be done to the park now."""
    acts = (
        (permissions.can_suspend_park, "parks:park_suspend", _("Suspend"), "lock"),
        (permissions.can_resume_park, "parks:park_resume", _("Resume"), "lock-open"),
        (permissions.can_archive_park, "parks:park_archive", _("Archive"), "archive"),
    )
    return [
        {"label": label, "url": reverse(name, kwargs={"park_id": park.pk}), "icon": icon, "danger": icon == "archive"}
        for is_allowed, name, label, icon in acts
        if is_allowed(actor, park)
    ]


@acting(can_run_installation)
def park_suspend(request: ActingRequest, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_suspend_park)
    return _change_status(request, park, services.suspend_park, "parks/park_suspend.html", _("The park is suspended."))


@acting(can_run_installation)
def park_resume(request: ActingRequest, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_resume_park)
    return _change_status(request, park, services.resume_park, "parks/park_resume.html", _("The park is open again."))


@acting(can_run_installation)
def park_archive(request: ActingRequest, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_archive_park)
    return _change_status(request, park, services.archive_park, "parks/park_archive.html", _("The park is archived."))


def _guarded(request: ActingRequest, park_id: int, is_allowed: Callable[[Actor, Park], bool]) -> Park:
    park = get_object_or_404(Park, pk=park_id)
    if not is_allowed(request.actor, park):
        raise PermissionDenied
    return park


def _change_status(
    request: ActingRequest, park: Park, act: Callable[[int, str, datetime], Park], template: str, done: str
) -> HttpResponse:
    form = StatusReasonForm(request.POST or None)
    if form.is_valid() and attempt(form, partial(act, park.pk, form.cleaned_data["reason"], timezone.now())):
        messages.success(request, done)
        return redirect("parks:park_detail", park_id=park.pk)
    return form_page(request, template, form, park=park)


@acting(can_run_installation)
def installation_people(request: ActingRequest) -> HttpResponse:
    """Operators and observers, and the invitation of another one."""
    form = InvitationForm(request.POST or None, offered=(Role.OPERATOR, Role.OBSERVER))
    now = timezone.now()
    if form.is_valid():
        act = partial(invite, actor=request.actor, park=None, now=now, **form.cleaned_data)
        if attempt(form, act):
            messages.success(request, _("The invitation is on its way."))
            return redirect("parks:installation_people")
    context = {
        "staff": list(queries.staff_of_installation()),
        "invitations": list(Invitation.objects.filter(park=None).open(now)),
    }
    return form_page(request, "parks/installation_people.html", form, **context)
