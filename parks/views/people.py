"""The staff of a park: who works here as what, who is invited, who no longer does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from lib import exports
from parks.access import acting
from parks.choices import PARK_ROLES
from parks.forms.people import StaffFilterForm
from parks.models import Invitation, Membership
from parks.permissions import can_manage_staff, can_read_staff
from parks.queries import people
from parks.requests import ActingRequest
from parks.views import place_people
from parks.views.place_people import PeoplePage

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
    return place_people.invite(request, _page("invitation_create"))


@acting(can_manage_staff)
def invitation_revoke(request: ActingRequest, invitation_id: int) -> HttpResponse:
    offer = get_object_or_404(Invitation.objects.of_staff(request.park.pk), pk=invitation_id)
    return place_people.revoke(request, _page("invitation_revoke"), offer)


@acting(can_manage_staff)
def membership_edit(request: ActingRequest, membership_id: int) -> HttpResponse:
    return place_people.change_roles(request, _page("membership_edit"), _colleague(request, membership_id))


@acting(can_manage_staff)
def membership_end(request: ActingRequest, membership_id: int) -> HttpResponse:
    done = _("%(name)s no longer works here.")
    return place_people.end_access(request, _page("membership_end"), _colleague(request, membership_id), done)


def _page(name: str) -> PeoplePage:
    return PeoplePage(f"parks/{name}.html", "parks:staff_list", PARK_ROLES)


def _colleague(request: ActingRequest, membership_id: int) -> Membership:
    """Somebody on the staff who still works here; the people of enterprises are their owners' concern."""
    staff = Membership.objects.of_staff(request.park.pk).active().select_related("user")
    return get_object_or_404(staff, pk=membership_id)
