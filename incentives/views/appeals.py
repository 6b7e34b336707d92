"""Appeals against decisions: filed by the enterprise, ruled on by an official who did not decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incentives import award_permissions, permissions, queries, services
from incentives.choices import ObjectionState
from incentives.forms.appeals import AppealForm, RulingForm
from incentives.views.acting import moment, one_application
from lib.downloads import open_attachment_response
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(permissions.can_sign)
def application_appeal(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = one_application(request, application_id)
    form = AppealForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def act() -> object:
        return services.file_appeal(request.actor, application, **form.cleaned_data, now=moment(request)[0])

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("Your appeal was filed."))
        return redirect("incentives:application_detail", application_id=application.pk)
    until = services.appeal_until(application)
    return form_page(request, "incentives/application_appeal.html", form, application=application, until=until)


@acting(award_permissions.can_handle_objections)
def appeal_handle(request: ActingRequest, appeal_id: UUID) -> HttpResponse:
    appeal = get_object_or_404(queries.appeals(request.actor), pk=appeal_id)
    form = RulingForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        given = {"is_upheld": form.cleaned_data["outcome"] == ObjectionState.UPHELD}
        answer = form.cleaned_data["answer"]
        services.handle_appeal(request.actor, appeal, **given, answer=answer, now=moment(request)[0])

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The appeal was handled."))
        return redirect("incentives:review_detail", application_id=appeal.application_id)
    why_not = award_permissions.explain_no_ruling(request.actor, appeal.application)
    return form_page(request, "incentives/appeal_handle.html", form, appeal=appeal, why_not=why_not)


@acting(permissions.can_open_cases)
@require_safe
def appeal_paper_download(request: ActingRequest, appeal_paper_id: UUID) -> FileResponse:
    paper = get_object_or_404(queries.appeal_papers(request.actor), pk=appeal_paper_id)
    return open_attachment_response(services.open_appeal_paper(paper), paper.name, paper.content_type)
