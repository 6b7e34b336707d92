"""Documents of a registration: the kinds to fill, upload, removal, download."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.choices import PaperKind
from enterprises.forms.registration import PaperForm
from enterprises.models import Registration
from enterprises.queries.registrations import own_papers
from enterprises.services.registration_ground import FILED_PAPERS, paper_field
from enterprises.services.registration_papers import attach_registration_paper, remove_registration_paper
from enterprises.views.registering import UNPROCESSABLE, moment, one_registration, page_url, paper_slots
from lib.downloads import attachment_response
from lib.refusals import Refusal
from parks.access import registering
from parks.requests import RegisteringRequest
from parks.services.files import stored_bytes


@registering
@require_safe
def registration_papers(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    registration = one_registration(request, registration_id)
    if not registration.is_editable:
        return redirect(page_url(registration, "detail"))
    return _papers_page(request, registration)


@registering
def registration_paper_upload(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    """One file of one kind; what is wrong with it is said at its own drop zone.

    The page that says so stands at this address: who enters it again begins anew.
    """
    registration = one_registration(request, registration_id)
    if request.method != "POST":
        return redirect(page_url(registration, "papers"))
    form = PaperForm(request.POST, request.FILES, auto_id=_ids(request.POST.get("kind", "")))
    form.fields["file"].label = _file_label(request)
    if not form.is_valid():
        return _papers_page(request, registration, form)
    kind, now = form.cleaned_data["kind"], moment(request)[0]
    try:
        paper = attach_registration_paper(
            request.registrant, registration, kind=kind, upload=form.cleaned_data["file"], now=now
        )
    except Refusal as refusal:
        form.add_error("file", refusal.message)
        return _papers_page(request, registration, form)
    messages.success(request, _("%(name)s was uploaded.") % {"name": paper.name})
    return redirect(f"{page_url(registration, 'papers')}#{paper_field(kind)}")


def _file_label(request: RegisteringRequest) -> str:
    """Which file an error is about: several stand on the page."""
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    paper = str(PaperKind(kind).label) if kind in FILED_PAPERS else _("File")
    return _("%(document)s (%(file)s)") % {"document": paper, "file": upload.name} if upload else paper


def _ids(kind: str) -> str:
    """Several forms stand on the page: each control is named after its kind."""
    return f"id_{kind if kind in FILED_PAPERS else PaperKind.OTHER}_%s"


def _papers_page(
    request: RegisteringRequest, registration: Registration, refused: PaperForm | None = None
) -> HttpResponse:
    slots = paper_slots(registration)
    failed = (refused.data.get("kind") if refused else None) or ""
    forms = {
        slot["kind"]: refused
        if refused and slot["kind"] == failed
        else PaperForm(initial={"kind": slot["kind"]}, auto_id=_ids(slot["kind"]))
        for slot in slots
    }
    required = [slot for slot in slots if slot["is_required"]]
    context = {
        "registration": registration,
        "park": registration.park,
        "entries": [{"slot": slot, "form": forms[slot["kind"]]} for slot in slots],
        "refused": refused,
        "present": len([slot for slot in required if slot["files"]]),
        "required": len(required),
        "largest_upload": filesizeformat(settings.LARGEST_UPLOAD_BYTES),
        "is_read_only": registration.park.is_read_only,
    }
    status = UNPROCESSABLE if refused else 200
    return render(request, "enterprises/registration_papers.html", context, status=status)


@registering
def registration_paper_remove(request: RegisteringRequest, park_slug: str, registration_paper_id: UUID) -> HttpResponse:
    """The page asks once more; posting it takes the document out of the registration."""
    paper = get_object_or_404(own_papers(request.registrant), pk=registration_paper_id)
    registration, refusal_message = paper.registration, ""
    if request.method == "POST":
        try:
            remove_registration_paper(request.registrant, paper, now=moment(request)[0])
        except Refusal as refusal:
            refusal_message = refusal.message
        else:
            messages.success(request, _("%(name)s was removed.") % {"name": paper.name})
            return redirect(page_url(registration, "papers"))
    context = {"paper": paper, "registration": registration, "park": registration.park, "refusal": refusal_message}
    status = UNPROCESSABLE if refusal_message else 200
    return render(request, "enterprises/registration_paper_remove.html", context, status=status)


@registering
@require_safe
def registration_paper_download(
    request: RegisteringRequest, park_slug: str, registration_paper_id: UUID
) -> HttpResponse:
    """Always saved, never shown inside the portal: what others send us does not run here."""
    paper = get_object_or_404(own_papers(request.registrant), pk=registration_paper_id)
    return attachment_response(stored_bytes(paper), paper.name, paper.content_type)
