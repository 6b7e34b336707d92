"""An enterprise as its own people see it: its facts, and who works there."""

from __future__ import annotations

from django.contrib import messages
from django.forms import model_to_dict
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
from parks.models import Membership
from parks.requests import ActingRequest
from parks.views import place_people
from parks.views.forms import form_page
from parks.views.place_people import PeoplePage


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
    names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    return place_people.invite(request, _page("people_invite"), enterprise_id=enterprise.pk, **names)


@acting(owns_enterprise)
def people_edit(request: ActingRequest, membership_id: int) -> HttpResponse:
    return place_people.change_roles(request, _page("people_edit"), _colleague(request, membership_id))


@acting(owns_enterprise)
def people_end(request: ActingRequest, membership_id: int) -> HttpResponse:
    done = _("%(name)s can no longer act for this enterprise.")
    return place_people.end_access(request, _page("people_end"), _colleague(request, membership_id), done)


@acting(owns_enterprise)
def invitation_revoke(request: ActingRequest, invitation_id: int) -> HttpResponse:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    offer = get_object_or_404(queries.open_invitations(enterprise, timezone.now()), pk=invitation_id)
    return place_people.revoke(request, _page("invitation_revoke"), offer)


def _page(name: str) -> PeoplePage:
    return PeoplePage(f"enterprises/{name}.html", "enterprises:people_list", ENTERPRISE_ROLES)


def _colleague(request: ActingRequest, membership_id: int) -> Membership:
    enterprise = one_enterprise(request, request.actor.enterprise_id)
    return get_object_or_404(queries.people_of(enterprise), pk=membership_id)
