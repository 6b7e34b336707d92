"""Signed agreements of awards, for both sides: officials come from the award, enterprises from their application."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incentives import award_permissions, permissions, queries, services
from incentives.forms.agreements import AgreementForm
from incentives.views.acting import moment
from lib.downloads import open_attachment_response
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(award_permissions.can_bring_agreement)
def agreement_attach(request: ActingRequest, award_id: UUID) -> HttpResponse:
    award = get_object_or_404(queries.awards_seen_by(request.actor), pk=award_id)
    form = AgreementForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def act() -> object:
        return services.attach_agreement(request.actor, award, **form.cleaned_data, now=moment(request)[0])

    if form.is_valid() and attempt(form, act):
        if request.actor.is_official:
            messages.success(request, _("The agreement is kept with the award."))
            return redirect("incentives:award_detail", award_id=award.pk)
        messages.success(request, _("The agreement was sent. It counts when the park has confirmed it."))
        return redirect("incentives:application_detail", application_id=award.application_id)
    why_not = award_permissions.explain_no_agreement(request.actor, award.application)
    return form_page(request, "incentives/agreement_attach.html", form, award=award, why_not=why_not)


@acting(award_permissions.can_confirm_agreements)
@require_POST
def agreement_confirm(request: ActingRequest, agreement_id: UUID) -> HttpResponse:
    agreement = get_object_or_404(queries.agreements(request.actor), pk=agreement_id)
    try:
        services.confirm_agreement(request.actor, agreement, now=moment(request)[0])
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The agreement is confirmed."))
    return redirect("incentives:award_detail", award_id=agreement.award_id)


@acting(permissions.can_open_cases)
@require_safe
def agreement_download(request: ActingRequest, agreement_id: UUID) -> FileResponse:
    agreement = get_object_or_404(queries.agreements(request.actor), pk=agreement_id)
    return open_attachment_response(services.open_agreement(agreement), agreement.name, agreement.content_type)
