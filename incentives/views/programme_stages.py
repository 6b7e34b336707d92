"""What a programme has done to an application, stage by stage."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from incentives import permissions, services
from incentives.choices import Stage
from incentives.forms.programme_stages import StagesForm
from incentives.models import Programme, ProgrammeTerms
from incentives.views.acting import moment
from parks.access import acting
from parks.choices import Role
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(permissions.can_configure_programmes)
def programme_stages(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
    is_sent = request.method == "POST"
    form = StagesForm(request.POST, programme=programme) if is_sent else StagesForm.of(programme)
    if form.is_bound and form.is_valid():
        now = moment(request)[0]
        if attempt(form, partial(services.update_programme, request.actor, programme, terms=form.terms, now=now)):
            messages.success(request, _("The stages were saved. They count from the next version on."))
            return redirect("incentives:programme_detail", programme_id=programme.pk)
    return form_page(request, "incentives/programme_stages.html", form, programme=programme)


def criterion_rows(terms: ProgrammeTerms) -> list[dict[str, Any]]:
    """What the experts of a programme score, in the language of the page."""
    return [{**criterion, "name": services.criterion_name(criterion)} for criterion in terms.criteria]


def stage_rows(terms: ProgrammeTerms) -> list[dict[str, Any]]:
    """The stages of a programme in words, for its pages."""
    return [
        {
            "label": Stage(ask["stage"]).label,
            "role": Role(ask["role"]).label,
            "approvals": ask["approvals"],
            "working_days": ask["working_days"],
            "above_cny": ask["above_cny"],
        }
        for ask in terms.stages
    ]
