"""Who is away, and who stands in."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives import permissions, services
from incentives.forms.absence import AbsenceForm
from incentives.models import Absence
from incentives.views.acting import moment
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

MOST_SHOWN = 100


@acting(permissions.can_declare_absence)
def absence_list(request: ActingRequest) -> HttpResponse:
    """The absences of the park that are not over, and the form for one's own."""
    now, _today = moment(request)
    deputies = list(services.possible_deputies(request.actor))
    form = AbsenceForm(request.POST if request.method == "POST" else None, actor=request.actor, deputies=deputies)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        declare = partial(
            services.declare_absence,
            request.actor,
            request.park,
            role=given["role"],
            deputy_id=given["deputy"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            now=now,
        )
        if attempt(form, declare):
            messages.success(request, _("Your deputy was named."))
            return redirect("incentives:absence_list")
    known = Absence.objects.of_park(request.actor.park_id).filter(ended_at=None, ends_at__gt=now)
    rows = [{"absence": row, "is_now": row.starts_at <= now} for row in known.order_by("starts_at", "id")[:MOST_SHOWN]]
    own = request.actor.user_id
    may_end_all = permissions.can_configure_programmes(request.actor)
    return form_page(request, "incentives/absence_list.html", form, rows=rows, own=own, may_end_all=may_end_all)


@acting(permissions.can_declare_absence)
@require_POST
def absence_end(request: ActingRequest, absence_id: UUID) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.of_park(request.actor.park_id), pk=absence_id)
    try:
        services.end_absence(request.actor, absence, now=moment(request)[0])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The absence has ended."))
    return redirect("incentives:absence_list")
