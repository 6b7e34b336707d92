"""The dossiers of an application: asked for, made by the worker, downloaded."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incentives import award_permissions, queries, services
from incentives.models import Application, Dossier
from lib.downloads import open_attachment_response
from parks.access import acting
from parks.requests import ActingRequest


@acting(award_permissions.can_see_awards)
def dossier_list(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """What was made; posting asks for another."""
    application = get_object_or_404(queries.applications(request.actor), pk=application_id)
    if request.method == "POST":
        try:
            services.request_dossier(request.actor, application)
            messages.success(request, _("The dossier is being made. It appears here in a moment."))
        except services.BeingMade as refusal:
            messages.info(request, refusal.message)
        return redirect("incentives:dossier_list", application_id=application.pk)
    dossiers = list(Dossier.objects.filter(application=application).select_related("uploaded_by"))
    is_asked = services.is_dossier_asked(application)
    context = {"application": application, "dossiers": dossiers, "is_asked": is_asked}
    return render(request, "incentives/dossier_list.html", context)


@acting(award_permissions.can_see_awards)
@require_safe
def dossier_download(request: ActingRequest, dossier_id: UUID) -> FileResponse:
    visible = Application.objects.visible_to(request.actor)
    dossier = get_object_or_404(Dossier.objects.filter(application__in=visible), pk=dossier_id)
    return open_attachment_response(services.open_dossier(dossier), dossier.name, dossier.content_type)
