"""The pages of the installation: the list of parks, one park, what is done to it, who works for the installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from lib.refusals import Refusal
from lib.tables import exported
from parks import permissions, services
from parks.access import acting
from parks.actors import Actor
from parks.choices import Role
from parks.filters import ObservedParkFilter, ParkFilter
from parks.forms.park import FirstAdministratorForm, ParkForm, StatusReasonForm
from parks.forms.people import InvitationForm
from parks.models import Invitation, Park, SupportSession
from parks.permissions import can_observe, can_run_installation
from parks.queries import operator as queries
from parks.services.people import invite
from parks.tables import ParkTable, other_language, other_name

PER_PAGE = 25


@acting(can_observe)
def park_list(request: Any) -> HttpResponse:
    is_operator = can_run_installation(request.actor)
    narrowed = (ParkFilter if is_operator else ObservedParkFilter)(
        request.GET, queryset=queries.parks_seen_by(request.actor)
    )
    table = ParkTable(narrowed.qs, leads_to="parks:park_detail" if is_operator else "parks:public_park")
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {"table": table, "filter": narrowed, "is_operator": is_operator}
    return exported(request, table, _("parks")) or render(request, "parks/park_list.html", context)


@acting(can_run_installation)
def park_create(request: Any) -> HttpResponse:
    form = ParkForm(request.POST or None)
    if form.is_valid():
        park = services.create_park(form.cleaned_data, timezone.now())
        messages.success(request, _("The park is open. Invite its first administrator."))
        return redirect("parks:park_detail", park_id=park.pk)
    return render(request, "parks/park_create.html", {"form": form}, status=_status_of(form))


@acting(can_run_installation)
def park_edit(request: Any, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_edit_park)
    form = ParkForm(request.POST or None, instance=Park.objects.get(pk=park_id))
    if form.is_valid():
        services.update_park(park.pk, form.cleaned_data)
        messages.success(request, _("The profile is saved."))
        return redirect("parks:park_detail", park_id=park.pk)
    return render(request, "parks/park_edit.html", {"form": form, "park": park}, status=_status_of(form))


@acting(can_run_installation)
def park_detail(request: Any, park_id: int) -> HttpResponse:
    """The page, and the invitation of the park's first administrator that is sent from it."""
    park = get_object_or_404(Park, pk=park_id)
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and permissions.can_edit_park(request.actor, park) and form.is_valid():
        try:
            invite(
                actor=request.actor,
                email=form.cleaned_data["email"],
                roles=[Role.PARK_ADMINISTRATOR],
                park=park,
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("email", refusal.message)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("parks:park_detail", park_id=park.pk)
    context = _detail_context(request.actor, park, timezone.now()) | {"form": form}
    return render(request, "parks/park_detail.html", context, status=_status_of(form))


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
def park_suspend(request: Any, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_suspend_park)
    return _change_status(request, park, services.suspend_park, "parks/park_suspend.html", _("The park is suspended."))


@acting(can_run_installation)
def park_resume(request: Any, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_resume_park)
    return _change_status(request, park, services.resume_park, "parks/park_resume.html", _("The park is open again."))


@acting(can_run_installation)
def park_archive(request: Any, park_id: int) -> HttpResponse:
    park = _guarded(request, park_id, permissions.can_archive_park)
    return _change_status(request, park, services.archive_park, "parks/park_archive.html", _("The park is archived."))


def _guarded(request: Any, park_id: int, is_allowed: Callable[[Actor, Park], bool]) -> Park:
    park = get_object_or_404(Park, pk=park_id)
    if not is_allowed(request.actor, park):
        raise PermissionDenied
    return park


def _change_status(
    request: Any, park: Park, act: Callable[[int, str, datetime], Park], template: str, done: str
) -> HttpResponse:
    form = StatusReasonForm(request.POST or None)
    if form.is_valid():
        try:
            act(park.pk, form.cleaned_data["reason"], timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, done)
            return redirect("parks:park_detail", park_id=park.pk)
    return render(request, template, {"form": form, "park": park}, status=_status_of(form))


@acting(can_run_installation)
def installation_people(request: Any) -> HttpResponse:
    """Operators and observers, and the invitation of another one."""
    form = InvitationForm(request.POST or None, offered=(Role.OPERATOR, Role.OBSERVER))
    if form.is_valid():
        answer = _invite_to_installation(request, form)
        if answer is not None:
            return answer
    now = timezone.now()
    context = {
        "form": form,
        "staff": list(queries.staff_of_installation()),
        "invitations": list(Invitation.objects.filter(park=None).open(now)),
    }
    return render(request, "parks/installation_people.html", context, status=_status_of(form))


def _invite_to_installation(request: Any, form: InvitationForm) -> HttpResponseRedirect | None:
    try:
        invite(
            actor=request.actor,
            email=form.cleaned_data["email"],
            roles=form.cleaned_data["roles"],
            park=None,
            now=timezone.now(),
        )
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.message)
        return None
    messages.success(request, _("The invitation is on its way."))
    return redirect("parks:installation_people")


def _status_of(form: ParkForm | StatusReasonForm | FirstAdministratorForm | InvitationForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
