"""Files of readings: the list, bringing one, how far it is, and what was rejected of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_tables2 import RequestConfig

from energy.forms.imports import ReadingFileForm
from energy.models import MOST_REJECTED_ROWS, ImportUndo, ReadingImport
from energy.permissions import can_change_row, can_import_readings, can_read_energy
from energy.queries import imports as queries
from energy.queries import undos
from energy.services import feeds as services
from energy.tables import ReadingImportTable
from energy.views import import_words as words
from energy.views.import_undo import may_be_undone, outcome_words, steps_of
from lib import pace
from lib.downloads import attachment_response
from lib.exports import CSV, export_response, requested
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.services.files import record_download, stored_bytes
from parks.views.forms import attempt, form_page

IMPORTS_A_PAGE = ROWS_A_PAGE = 25
PAGE = "energy/import_detail.html"
RELOAD = {"HX-Refresh": "true"}


def one_import(request: ActingRequest, reading_import_id: UUID) -> ReadingImport:
    return get_object_or_404(queries.imports(request.actor), pk=reading_import_id)


@acting(can_read_energy)
@require_GET
def import_list(request: ActingRequest) -> HttpResponse:
    table = ReadingImportTable(queries.imports(request.actor), now=timezone.now())
    RequestConfig(request, paginate={"per_page": IMPORTS_A_PAGE}).configure(table)
    context = {
        "table": table,
        "total": table.page.paginator.count,
        "can_import": can_import_readings(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "energy/import_list.html", context)


@acting(can_import_readings)
def import_upload(request: ActingRequest) -> HttpResponse:
    feeds = queries.feeds(request.actor)
    initial = {"feed": request.GET.get("feed", "")}
    form = ReadingFileForm(request.POST or None, request.FILES or None, feeds=feeds, initial=initial)
    now = timezone.now()
    if form.is_valid():
        taken: list[ReadingImport] = []
        act = partial(
            services.bring_file, request.actor, form.cleaned_data["feed"], upload=form.cleaned_data["upload"], now=now
        )
        if attempt(form, lambda: taken.append(act())):
            if taken[0].uploaded_at != now:
                messages.info(request, _("This file is in already: this is what became of it."))
            return redirect("energy:import_detail", reading_import_id=taken[0].pk)
    limit = filesizeformat(settings.LARGEST_UPLOAD_BYTES)
    return form_page(request, "energy/import_upload.html", form, largest_upload=limit, has_feeds=feeds.exists())


@acting(can_read_energy)
@require_GET
def import_detail(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    """htmx asks for the part that lives; once nothing is running, for the whole page."""
    taken, now = one_import(request, reading_import_id), timezone.now()
    undo = undos.undo_of(taken)
    live = live_context(taken, undo, now)
    if request.headers.get("HX-Request"):
        if not live["is_at_work"]:
            return HttpResponse(headers=RELOAD)
        return render(request, f"{PAGE}#live", {**live, "is_live": True})
    rules = sorted(taken.rejected_by_rule.items(), key=lambda item: -item[1])
    rule = request.GET.get("rule", "")
    rule = rule if rule in taken.rejected_by_rule else ""
    page = Paginator(queries.rejected(taken, rule), ROWS_A_PAGE).get_page(request.GET.get("page"))
    can_change = can_change_row(request.actor, taken) and not request.actor.is_read_only
    context = {
        **live,
        "rules": [
            {"value": name, "label": words.rule_words(name), "rows": count, "active": name == rule}
            for name, count in rules
        ],
        "rule": rule,
        "title": words.rule_words(rule) if rule else _("Rejected rows"),
        "page": page,
        "lines": [
            {"row": row, "problem": words.rule_words(row.rule), "advice": words.advice(row.rule)} for row in page
        ],
        "most_rows": MOST_REJECTED_ROWS,
        "can_change": can_change,
        "can_undo": can_change and may_be_undone(taken),
        "steps": steps_of(taken, undo),
        "is_downloadable": taken.size_bytes <= settings.LARGEST_UPLOAD_BYTES,
    }
    return render(request, PAGE, context)


def live_context(taken: ReadingImport, undo: ImportUndo | None, now: datetime) -> dict[str, Any]:
    state, word = words.state_badge(taken, now)
    is_undo_abandoned = undo is not None and undo.is_abandoned(now)
    is_undoing = undo is not None and undo.finished_at is None
    share = words.share_percent(taken)
    silent = pace.silent_seconds(taken.beat_at, now) if taken.is_running else 0
    left = None if silent or not taken.is_running else pace.seconds_left(taken.started_at, now, round(share), 100)
    return {
        "import": taken,
        "badge": state,
        "badge_word": word,
        "is_abandoned": taken.is_abandoned(now),
        "is_undo_abandoned": is_undo_abandoned,
        "is_at_work": (taken.is_running and not taken.is_abandoned(now)) or (is_undoing and not is_undo_abandoned),
        "undo": undo,
        "undo_words": outcome_words(undo) if undo else "",
        "failure": words.failure_words(taken) if taken.failure else "",
        "terms": [
            {"label": _("Stored"), "value": taken.readings_stored, "tone": "accent"},
            {"label": _("Unchanged"), "value": taken.readings_unchanged, "tone": "ref"},
            {"label": _("Rejected"), "value": taken.readings_rejected, "tone": "bad"},
        ],
        "parts": [
            {"value": taken.readings_stored, "tone": "accent", "label": _("Stored")},
            {"value": taken.readings_unchanged, "tone": "ref", "label": _("Unchanged")},
            {"value": taken.readings_rejected, "tone": "bad", "label": _("Rejected")},
        ],
        # While it runs, the track that is left is what the bytes still to read will hold, by the readings so far.
        "whole": max(
            round(taken.readings_read / (share / 100)) if share and taken.is_running else taken.readings_read, 1
        ),
        "share": round(share),
        "is_done": not taken.is_running and taken.share_done == 1,
        "seconds_left": left,
        "silent_seconds": silent,
    }


@acting(can_read_energy)
@require_GET
def import_file(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    """The file as it came, as long as it is one that a page can hand out."""
    taken = one_import(request, reading_import_id)
    if not taken.file or taken.size_bytes > settings.LARGEST_UPLOAD_BYTES:
        raise Http404
    return attachment_response(stored_bytes(taken), taken.name, "application/octet-stream")


@acting(can_read_energy)
@require_GET
def import_rejected(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    """What was not taken, where it stands in the file, and what to do; ?export=xlsx for a workbook."""
    taken = one_import(request, reading_import_id)
    columns = [
        (_("Line"), lambda row: row.line),
        (_("Column"), lambda row: row.column or ""),
        (_("Readings"), lambda row: row.readings),
        (_("Meter"), lambda row: row.name),
        (_("Time"), lambda row: row.at),
        (_("Value"), lambda row: row.value),
        (_("What is wrong"), lambda row: words.rule_words(row.rule)),
        (_("What to do"), lambda row: words.advice(row.rule)),
    ]
    wanted = request.GET.get("export")
    name = _("%(name)s rejected") % {"name": taken.name.rpartition(".")[0] or taken.name}
    rows: Any = queries.rejected(taken)
    response = export_response(wanted if requested(wanted) else CSV, name, columns, rows, most=MOST_REJECTED_ROWS)
    record_download(taken)
    return response


@acting(can_import_readings)
@require_POST
def import_cancel(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    return _act(request, reading_import_id, services.stop_import, _("It stops after the chunk in hand."))


@acting(can_import_readings)
@require_POST
def import_resume(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    return _act(request, reading_import_id, services.go_on_with_import, _("The worker goes on after the last chunk."))


def _act(
    request: ActingRequest, reading_import_id: UUID, service: Callable[..., ReadingImport], done: str
) -> HttpResponse:
    taken = one_import(request, reading_import_id)
    try:
        service(request.actor, taken, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(request, done)
    return redirect("energy:import_detail", reading_import_id=taken.pk)
