"""Officials who keep out of an enterprise's cases."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises import queries, services
from enterprises.forms import InterestForm
from enterprises.permissions import can_declare_interest
from enterprises.views.pages import one_enterprise
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(can_declare_interest)
def interest_declare(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    form = InterestForm(request.POST or None)
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        if attempt(form, partial(services.declare_interest, request.actor, enterprise, reason=reason, now=now)):
            messages.success(request, _("Your interest is declared."))
            return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return form_page(request, "enterprises/interest_declare.html", form, enterprise=enterprise)


@acting(can_declare_interest)
def interest_end(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise = one_enterprise(request, enterprise_id)
    interest = queries.current_interests(enterprise).of_user(request.actor.user_id).first()
    if request.method == "POST":
        services.end_interest(request.actor, enterprise, now=timezone.now())
        messages.success(request, _("Your interest has ended."))
        return redirect("enterprises:enterprise_detail", enterprise_id=enterprise.pk)
    return render(request, "enterprises/interest_end.html", {"enterprise": enterprise, "interest": interest})
