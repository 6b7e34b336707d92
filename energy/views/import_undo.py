"""Undoing an import: what it would change, the reason, and how it went."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from energy.forms.imports import UndoImportForm
from energy.models import ENDED_IMPORTS, ImportUndo, ReadingImport
from energy.permissions import can_import_readings
from energy.queries import imports as queries
from energy.queries import undos
from energy.services import undoing
from lib.formatting import number
from lib.refusals import Refusal
from lib.templatetags.ui import local_time
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(can_import_readings)
def import_undo(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    taken = get_object_or_404(queries.imports(request.actor), pk=reading_import_id)
    form = UndoImportForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, partial(undoing.ask_to_undo, request.actor, taken, reason=reason, now=timezone.now())):
            messages.success(request, _("The worker puts back what was there before."))
            return redirect("energy:import_detail", reading_import_id=taken.pk)
    refusal = ""
    try:
        undoing.refuse_to_undo(taken)
    except Refusal as refused:
        refusal = refused.message
    context = {"import": taken, "refusal": refusal, "preview": undos.preview_of(taken)}
    return form_page(request, "energy/import_undo.html", form, **context)


@acting(can_import_readings)
@require_POST
def import_undo_resume(request: ActingRequest, reading_import_id: UUID) -> HttpResponse:
    taken = get_object_or_404(queries.imports(request.actor), pk=reading_import_id)
    undo = get_object_or_404(ImportUndo.objects.select_related("reading_import"), reading_import=taken)
    try:
        undoing.go_on_with_undo(request.actor, undo, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(request, _("The worker goes on after the last chunk."))
    return redirect("energy:import_detail", reading_import_id=taken.pk)


def may_be_undone(taken: ReadingImport) -> bool:
    """Whether the page offers it. What else stands against it is told when it is asked for."""
    return taken.state in ENDED_IMPORTS and taken.is_traced and taken.chunks_done > 0


def steps_of(taken: ReadingImport, undo: ImportUndo | None) -> list[dict[str, Any]]:
    """What happened to an import, for its timeline."""
    steps = [_step("done", _("Brought in"), taken.uploaded_by_name or taken.feed.name, taken.uploaded_at)]
    if taken.finished_at is not None:
        state, label = _ending(taken)
        counts = ngettext("%(figure)s reading stored", "%(figure)s readings stored", taken.readings_stored)
        steps.append(_step(state, label, counts % {"figure": number(taken.readings_stored)}, taken.finished_at))
    elif taken.is_running:
        steps.append(_step("now", str(taken.get_state_display()), "", taken.started_at))
    if undo is not None:
        steps.append(_step("returned", _("Undoing asked for"), undo.by_name, undo.at, undo.reason))
        label = _("Undone") if undo.finished_at else _("Being undone")
        steps.append(_step("done" if undo.finished_at else "now", label, outcome_words(undo), undo.finished_at))
    return steps


def _ending(taken: ReadingImport) -> tuple[str, str]:
    if taken.failure:
        return "refused", _("Failed")
    return ("returned", pgettext("import", "Stopped")) if taken.is_cancel_asked else ("done", _("Read to the end"))


def _step(state: str, label: str, by: str, when: Any, note: str = "") -> dict[str, Any]:
    return {"state": state, "label": label, "by": by, "when": local_time(when, "compact") if when else "", "note": note}


def outcome_words(undo: ImportUndo) -> str:
    restored = ngettext(
        "%(figure)s reading is as before", "%(figure)s readings are as before", undo.readings_restored
    ) % {"figure": number(undo.readings_restored)}
    if not undo.readings_kept:
        return restored
    kept = ngettext(
        "%(figure)s stays as it was settled since", "%(figure)s stay as they were settled since", undo.readings_kept
    ) % {"figure": number(undo.readings_kept)}
    return _("; ").join((restored, kept))
