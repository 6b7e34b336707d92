"""The staff of a park: who works here as what, who is invited, who no longer does."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from lib import exports
from parks import services
from parks.access import acting
from parks.choices import PARK_ROLES
from parks.forms.people import InvitationForm, RolesForm, StaffFilterForm
from parks.models import Invitation, Membership
from parks.permissions import can_manage_staff, can_read_staff
from parks.queries import people
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

PEOPLE_A_PAGE = 25


@acting(can_read_staff)
@require_safe
def staff_list(request: ActingRequest) -> HttpResponse:
    form = StaffFilterForm(request.GET)
    found = people.staff(request.park.pk, **form.wanted)
    kind = request.GET.get("export")
    if exports.requested(kind):
        return exports.export(str(kind), _sheet(found), "staff")
    context = {
        "form": form,
        "page": Paginator(found, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        "is_filtered": any(form.wanted.values()),
        "invitations": people.open_invitations(request.park.pk, timezone.now()),
        "can_manage": can_manage_staff(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "parks/staff_list.html", context)


def _sheet(found: QuerySet[Membership]) -> Iterable[list[Any]]:
    yield [pgettext("person", "Name"), _("E-mail address"), _("Roles"), _("Since"), _("Last sign-in"), _("Ended")]
    for place in found:
        person = place.user
        yield [person.name, person.email, place.role_words, place.created_at, person.last_login, place.ended_at]


@acting(can_manage_staff)
def invitation_create(request: ActingRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, offered=PARK_ROLES)
    if form.is_valid():
        act = partial(services.invite, actor=request.actor, park=request.park, now=timezone.now(), **form.cleaned_data)
        if attempt(form, act):
            words = _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
            messages.success(request, words)
            return redirect("parks:staff_list")
    return form_page(request, "parks/invitation_create.html", form)


@acting(can_manage_staff)
def invitation_revoke(request: ActingRequest, invitation_id: int) -> HttpResponse:
    offer = get_object_or_404(Invitation.objects.of_staff(request.park.pk), pk=invitation_id)
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        act = partial(services.revoke_invitation, actor=request.actor, invitation=offer, now=timezone.now())
        if attempt(form, act):
            messages.success(request, _("The invitation to %(email)s is revoked.") % {"email": offer.email})
            return redirect("parks:staff_list")
    return form_page(request, "parks/invitation_revoke.html", form, invitation=offer)


@acting(can_manage_staff)
def membership_edit(request: ActingRequest, membership_id: int) -> HttpResponse:
    membership = _colleague(request, membership_id)
    form = RolesForm(request.POST or None, offered=PARK_ROLES, initial={"roles": membership.roles})
    if form.is_valid():
        act = partial(
            services.change_roles, actor=request.actor, membership=membership, now=timezone.now(), **form.cleaned_data
        )
        if attempt(form, act):
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": membership.user.name})
            return redirect("parks:staff_list")
    return form_page(request, "parks/membership_edit.html", form, membership=membership)


@acting(can_manage_staff)
def membership_end(request: ActingRequest, membership_id: int) -> HttpResponse:
    membership = _colleague(request, membership_id)
    form = Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        act = partial(services.end_membership, actor=request.actor, membership=membership, now=timezone.now())
        if attempt(form, act):
            messages.success(request, _("%(name)s no longer works here.") % {"name": membership.user.name})
            return redirect("parks:staff_list")
    return form_page(request, "parks/membership_end.html", form, membership=membership)


def _colleague(request: ActingRequest, membership_id: int) -> Membership:
    """Somebody on the staff who still works here; the people of enterprises are their owners' concern."""
    staff = Membership.objects.of_staff(request.park.pk).active().select_related("user")
    return get_object_or_404(staff, pk=membership_id)
