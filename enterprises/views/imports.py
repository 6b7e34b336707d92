"""Bringing files of enterprises to the register: the list, the upload, the columns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_tables2 import RequestConfig

from enterprises.choices import ImportState
from enterprises.forms.imports import GROUPS, MatchingForm, RegisterFileForm
from enterprises.imports import words
from enterprises.imports.template import LANGUAGES, template_name, template_workbook
from enterprises.models import RegisterImport
from enterprises.permissions import can_register_enterprise
from enterprises.queries import imports as queries
from enterprises.services import imports as services
from enterprises.tables.imports import ImportTable
from lib.downloads import attachment_response
from lib.exports import CONTENT_TYPES, XLSX
from lib.refusals import Refusal
from lib.spreadsheets import MOST_ROWS
from parks.access import acting
from parks.requests import ActingRequest
from parks.services.files import stored_bytes
from parks.views.forms import attempt, form_page, put_refusal

IMPORTS_A_PAGE = 25


def one_import(request: ActingRequest, register_import_id: UUID) -> RegisterImport:
    return get_object_or_404(queries.imports_of(request.actor), pk=register_import_id)


@acting(can_register_enterprise)
@require_GET
def import_list(request: ActingRequest) -> HttpResponse:
    table = ImportTable(queries.imports_of(request.actor), now=timezone.now())
    RequestConfig(request, paginate={"per_page": IMPORTS_A_PAGE}).configure(table)
    context = {"table": table, "total": table.page.paginator.count}
    return render(request, "enterprises/import_list.html", context)


@acting(can_register_enterprise)
def import_upload(request: ActingRequest) -> HttpResponse:
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            taken = services.take_in_file(
                request.actor, park=request.park, upload=form.cleaned_data["upload"], now=timezone.now()
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            return redirect("enterprises:import_match", register_import_id=taken.pk)
    limits = {"largest_upload": filesizeformat(settings.LARGEST_UPLOAD_BYTES), "most_rows": MOST_ROWS}
    return form_page(request, "enterprises/import_upload.html", form, **limits)


@acting(can_register_enterprise)
@require_GET
def import_template(request: ActingRequest) -> HttpResponse:
    language = request.GET.get("language", "en")
    if language not in LANGUAGES:
        raise Http404
    return attachment_response(template_workbook(language), template_name(language), CONTENT_TYPES[XLSX])


@acting(can_register_enterprise)
@require_GET
def import_file(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    """The file as it was uploaded, as long as it is kept."""
    taken = one_import(request, register_import_id)
    if not taken.file:
        raise Http404
    return attachment_response(stored_bytes(taken), taken.name, taken.content_type)


@acting(can_register_enterprise)
def import_match(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    taken = one_import(request, register_import_id)
    if taken.is_running or taken.state == ImportState.DONE or taken.rows_done:
        return redirect("enterprises:import_detail", register_import_id=taken.pk)
    earlier = {} if taken.mapping else queries.earlier_matching(request.actor, taken.headings)
    matching = taken.mapping or earlier or services.matched(taken.headings)
    form = MatchingForm(request.POST or None, headings=taken.headings, matching=matching)
    if form.is_valid() and attempt(
        form,
        lambda: services.match_columns(request.actor, taken, mapping=form.mapping, now=timezone.now()),
    ):
        return redirect("enterprises:import_detail", register_import_id=taken.pk)
    context = {
        "import": taken,
        "format": words.format_words(taken),
        "groups": matching_groups(form, taken),
        "unused": unused_columns(form, taken),
        "is_remembered": bool(earlier),
        "scale": _scale(form, taken),
        "first_rows": first_rows(taken),
    }
    return form_page(request, "enterprises/import_match.html", form, **context)


def matching_groups(form: MatchingForm, taken: RegisterImport) -> list[dict[str, Any]]:
    """The facts in the order of the form by hand, each with what stands in the first rows of its column."""
    return [
        {"title": title, "lines": [{"field": form[name], "sample": _sample(form, taken, name)} for name in names]}
        for title, names in GROUPS
    ]


def _sample(form: MatchingForm, taken: RegisterImport, name: str) -> list[str]:
    place = form.chosen(name)
    return [] if place is None else [row[place] for row in taken.sample if place < len(row) and row[place]][:3]


def unused_columns(form: MatchingForm, taken: RegisterImport) -> list[str]:
    used = {form.chosen(name) for name in form.fields}
    return [heading for place, heading in enumerate(taken.headings) if place not in used and heading]


def _scale(form: MatchingForm, taken: RegisterImport) -> int:
    place = form.chosen("registered_capital")
    return 1 if place is None or place >= len(taken.headings) else services.capital_scale(taken.headings[place])


def first_rows(taken: RegisterImport) -> dict[str, Any]:
    """The beginning of the sheet, with its own numbers of rows."""
    return {"headings": taken.headings, "rows": taken.sample}


@acting(can_register_enterprise)
@require_POST
def import_cancel(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    taken = one_import(request, register_import_id)
    try:
        stopped = services.cancel_import(request.actor, taken, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        is_waiting = stopped.is_running
        messages.info(request, _("It stops after the chunk in hand.") if is_waiting else _("It is stopped."))
    return redirect("enterprises:import_detail", register_import_id=taken.pk)


@acting(can_register_enterprise)
@require_POST
def import_resume(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    taken = one_import(request, register_import_id)
    try:
        services.resume_import(request.actor, taken, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(request, _("The worker goes on after the last chunk."))
    return redirect("enterprises:import_detail", register_import_id=taken.pk)
