"""The last look at a registration, the registrant's word for it, and the receipt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enterprises.choices import RegistrationState
from enterprises.forms.registration import DeclarationForm
from enterprises.models import Registration
from enterprises.services.registration import CHECK_WORKING_DAYS, submit_registration
from enterprises.services.registration_check import SECTIONS, check_registration
from enterprises.views.registering import (
    TITLES,
    UNPROCESSABLE,
    answer_rows,
    asked_rows,
    field_url,
    label_of,
    moment,
    one_registration,
    page_url,
    paper_slots,
    redraw,
    timeline,
)
from lib.refusals import Refusal
from parks.access import registering
from parks.requests import RegisteringRequest
from parks.views.forms import put_refusal


@registering
@require_safe
def registration_check(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    registration = one_registration(request, registration_id)
    if not registration.is_editable:
        return redirect(page_url(registration, "detail"))
    return _check_page(request, registration, DeclarationForm(initial={"revision": registration.revision}))


@registering
@require_POST
def registration_submit(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    """File it; the page that follows is the receipt."""
    registration = one_registration(request, registration_id)
    form = DeclarationForm(request.POST)
    if not form.is_valid():
        return _check_page(request, registration, form)
    now, _today = moment(request)
    try:
        filed = submit_registration(
            request.registrant, registration, expected_revision=form.cleaned_data["revision"], now=now
        )
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _check_page(request, one_registration(request, registration_id), form)
    messages.success(request, _("Filed. Your number is %(number)s.") % {"number": filed.number})
    return redirect(page_url(registration, "detail"))


def _check_page(request: RegisteringRequest, registration: Registration, form: DeclarationForm) -> HttpResponse:
    missing = check_registration(registration, moment(request)[1])
    if form.is_bound:
        redraw(form, registration.revision)
    can_change = registration.is_editable and not registration.park.is_read_only
    context = {
        "registration": registration,
        "park": registration.park,
        "form": form,
        "missing": [
            {
                "message": entry.message,
                "label": label_of(entry.field),
                "url": field_url(registration, entry.field, entry.row, entry.column),
            }
            for entry in missing
        ],
        "groups": [
            {"title": TITLES[name], "rows": answer_rows(registration, name, can_change=can_change)}
            for name in SECTIONS
            if name != "papers"
        ],
        "slots": paper_slots(registration, only_used=True),
        "papers_url": page_url(registration, "papers") if can_change else "",
        "asked": [entry for entry in asked_rows(registration) if not entry["is_answered"]],
        "steps": timeline(registration),
        "working_days": CHECK_WORKING_DAYS,
        "is_returned": registration.state == RegistrationState.RETURNED,
        "is_read_only": registration.park.is_read_only,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "enterprises/registration_check.html", context, status=status)
