"""Documents of an application: the list to fill, upload, removal, download."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from incentives import permissions, queries, services
from incentives.choices import DocumentKind
from incentives.forms import UploadForm
from incentives.models import Application
from incentives.permissions import Act
from incentives.services.form_fields import document_label
from incentives.views.acting import UNPROCESSABLE, is_of_a_park, moment, one_application
from incentives.views.amount import worth_of
from incentives.views.answers import document_slots, form_sections
from lib.downloads import attachment_response
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest


@acting(permissions.can_apply)
@require_GET
def application_documents(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = one_application(request, application_id)
    if not application.is_editable:
        return redirect("incentives:application_detail", application_id=application.pk)
    return _documents_page(request, application)


@acting(permissions.can_apply)
@require_POST
def document_upload(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """One file of one kind; what is wrong with it is said at its own drop zone."""
    application = one_application(request, application_id)
    form = UploadForm(request.POST, request.FILES, auto_id=_ids(request.POST.get("kind", "")))
    form.fields["file"].label = _file_label(request, application)
    if not form.is_valid():
        return _documents_page(request, application, form)
    kind, now = form.cleaned_data["kind"], moment(request)[0]
    try:
        document = services.attach_document(
            request.actor, application, kind=kind, upload=form.cleaned_data["file"], now=now
        )
    except Refusal as refusal:
        form.add_error("file", refusal.message)
        return _documents_page(request, application, form)
    messages.success(request, _("%(name)s was uploaded.") % {"name": document.name})
    address = redirect("incentives:application_documents", application_id=application.pk)
    address["Location"] += f"#{services.document_field(kind)}"
    return address


def _file_label(request: ActingRequest, application: Application) -> str:
    """Which file an error is about: several stand on the page."""
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    document = document_label(application.programme_version, kind) if kind else _("File")
    return _("%(document)s (%(file)s)") % {"document": document, "file": upload.name} if upload else document


def _ids(kind: str) -> str:
    """Several forms stand on the page: each control is named after its kind."""
    known = kind if kind.isidentifier() else DocumentKind.OTHER
    return f"id_{known}_%s"


def _documents_page(
    request: ActingRequest, application: Application, refused: UploadForm | None = None
) -> HttpResponse:
    _now, today = moment(request)
    slots = document_slots(application)
    failed = (refused.data.get("kind") if refused else None) or ""
    forms = {
        slot.kind: refused
        if refused and slot.kind == failed
        else UploadForm(initial={"kind": slot.kind}, auto_id=_ids(slot.kind))
        for slot in slots
    }
    required = [slot for slot in slots if slot.is_required]
    may_change = services.open_parts(application)
    context = {
        "application": application,
        "entries": [
            {
                "slot": slot,
                "form": forms[slot.kind],
                "is_kept": may_change is not None and slot.field not in may_change,
            }
            for slot in slots
        ],
        "refused": refused,
        "present": len([slot for slot in required if slot.files]),
        "required": len(required),
        "largest_upload": filesizeformat(settings.LARGEST_UPLOAD_BYTES),
        "worth": worth_of(application, today),
        "places": len(form_sections(application)) + 2,
        "why_not": permissions.explain_why_not(request.actor, application, Act.PREPARE),
        "days_left": (application.programme_version.window_at(today).closes_on - today).days,
    }
    status = UNPROCESSABLE if refused else 200
    return render(request, "incentives/application_documents.html", context, status=status)


@acting(permissions.can_apply)
def document_remove(request: ActingRequest, document_id: UUID) -> HttpResponse:
    """The page asks once more; posting it takes the document out of the application."""
    document = get_object_or_404(queries.documents(request.actor), pk=document_id)
    refusal_message = ""
    if request.method == "POST":
        try:
            services.remove_document(request.actor, document, now=moment(request)[0])
        except Refusal as refusal:
            refusal_message = refusal.message
        else:
            messages.success(request, _("%(name)s was removed.") % {"name": document.name})
            return redirect("incentives:application_documents", application_id=document.application_id)
    context = {"document": document, "application": document.application, "refusal": refusal_message}
    status = UNPROCESSABLE if refusal_message else 200
    return render(request, "incentives/document_remove.html", context, status=status)


@acting(is_of_a_park)
@require_GET
def document_download(request: ActingRequest, document_id: UUID) -> HttpResponse:
    """Always saved, never shown inside the portal: what others send us does not run here."""
    document = get_object_or_404(queries.documents(request.actor), pk=document_id)
    if not permissions.can_read_document(request.actor, document.application):
        raise PermissionDenied
    content = services.read_document(request.actor, document)
    return attachment_response(content, document.name, document.content_type)
