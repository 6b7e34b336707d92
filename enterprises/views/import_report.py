"""One file of the register: how far it is, what was found row by row, and the start of its import."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from enterprises.choices import ImportState, RowOutcome
from enterprises.forms.imports import StartForm
from enterprises.imports import words
from enterprises.imports.rejected import rejected_table
from enterprises.models import RegisterImport, RegisterImportRow
from enterprises.models.imports import ROWS_KEPT
from enterprises.permissions import can_register_enterprise
from enterprises.queries import imports as queries
from enterprises.services import imports as services
from enterprises.views.imports import one_import
from lib import pace
from lib.exports import XLSX, export
from lib.formatting import speaks_chinese
from lib.spreadsheets import UnreadableSheet
from parks.access import acting
from parks.requests import ActingRequest
from parks.services.files import record_download
from parks.views.forms import attempt, status_of

ROWS_A_PAGE = 25
PAGE = "enterprises/import_detail.html"
RELOAD = {"HX-Refresh": "true"}
NOTES = {"to_confirm": services.RowProblem.ODD_CODE, "name_alike": services.RowProblem.NAME_ALIKE}


@acting(can_register_enterprise)
@require_GET
def import_detail(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    """htmx asks for the part that lives; once nothing is running, for the whole page."""
    taken, now = one_import(request, register_import_id), timezone.now()
    if request.headers.get("HX-Request"):
        if not taken.is_running or taken.is_abandoned(now):
            return HttpResponse(headers=RELOAD)
        return render(request, f"{PAGE}#live", {**live_context(taken, now), "is_live": True})
    if taken.state == ImportState.UPLOADED:
        return redirect("enterprises:import_match", register_import_id=taken.pk)
    form = StartForm(register_import=taken, initial={"updates": True})
    return render(request, PAGE, detail_context(request, taken, now, form))


@acting(can_register_enterprise)
@require_POST
def import_start(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    taken, now = one_import(request, register_import_id), timezone.now()
    form = StartForm(request.POST, register_import=taken)
    if form.is_valid():
        act = partial(
            services.start_import,
            request.actor,
            taken,
            with_updates=form.cleaned_data["updates"],
            is_code_confirmed=form.cleaned_data.get("is_code_confirmed", False),
            now=now,
        )
        if attempt(form, act):
            return redirect("enterprises:import_detail", register_import_id=taken.pk)
    return render(request, PAGE, detail_context(request, taken, now, form), status=status_of(form))


@acting(can_register_enterprise)
@require_GET
def import_rejected(request: ActingRequest, register_import_id: UUID) -> HttpResponse:
    taken = one_import(request, register_import_id)
    name = _("%(name)s rejected") % {"name": taken.name.rpartition(".")[0]}
    try:
        response = export(XLSX, rejected_table(taken), name)
    except UnreadableSheet as refusal:
        messages.error(request, refusal.message)
        return redirect("enterprises:import_detail", register_import_id=taken.pk)
    record_download(taken)
    return response


def detail_context(request: ActingRequest, taken: RegisterImport, now: datetime, form: StartForm) -> dict[str, Any]:
    context = {
        **live_context(taken, now),
        "form": form,
        "format": words.format_words(taken),
        "are_rows_forgotten": queries.has_report(taken) and taken.are_rows_forgotten(now),
        "days_kept": ROWS_KEPT.days,
        "kept_until": taken.finished_at + ROWS_KEPT if taken.finished_at else None,
    }
    if not queries.has_report(taken) or taken.are_rows_forgotten(now):
        return context
    reasons = queries.reasons_of(taken)
    chosen = chosen_rows(request, taken, {reason for reason, _rows in reasons})
    page = Paginator(queries.rows_with(taken, **chosen), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {
        **context,
        "outcomes": outcome_links(taken, chosen),
        "reasons": reason_links(reasons, chosen),
        "notes": note_links(taken, chosen),
        "shown": chosen["outcome"] or "new",
        "title": shown_title(chosen),
        "page": page,
        "lines": list(report_lines(page, chosen["outcome"])),
    }


def live_context(taken: RegisterImport, now: datetime) -> dict[str, Any]:
    state, word = words.state_badge(taken, now)
    done, whole = words.progress(taken)
    return {
        "import": taken,
        "badge": state,
        "badge_word": word,
        "is_abandoned": taken.is_abandoned(now),
        "failure": words.failure_words(taken) if taken.failure else "",
        "import_words": words.import_words(taken) if taken.rows_new or taken.rows_updated else "",
        "only_new_words": words.only_new_words(taken),
        "terms": equation(taken),
        "parts": bar(taken),
        "whole": max(taken.rows_total, taken.rows_checked, 1),
        "is_checked": taken.state != ImportState.CHECKING and not taken.failure,
        "is_begun": taken.state not in {ImportState.CHECKING, ImportState.CHECKED} and not taken.failure,
        "is_imported": taken.state == ImportState.DONE,
        "done": done,
        "wanted": whole,
        "seconds_left": seconds_left(taken, now, done, whole),
        "silent_seconds": silent_seconds(taken, now),
    }


def silent_seconds(taken: RegisterImport, now: datetime) -> int:
    """Since when the worker that should be at it has given no sign, once that is longer than its steps usually take."""
    return pace.silent_seconds(taken.beat_at, now) if taken.is_running else 0


def seconds_left(taken: RegisterImport, now: datetime, done: int, whole: int) -> int | None:
    """How long the rest takes; None before anything is done, and while the worker is silent."""
    if not taken.is_running or silent_seconds(taken, now):
        return None
    return pace.seconds_left(taken.started_at, now, done, whole)


def equation(taken: RegisterImport) -> list[dict[str, Any]]:
    """The parts whose sum is what was read."""
    return [
        {"label": _("New"), "value": taken.rows_new, "tone": "accent"},
        {"label": _("Changed"), "value": taken.rows_updated, "tone": "accent-2"},
        {"label": _("Unchanged"), "value": taken.rows_unchanged, "tone": "ref"},
        {"label": _("Rejected"), "value": taken.rows_rejected, "tone": "bad"},
    ]


def bar(taken: RegisterImport) -> list[dict[str, Any]]:
    """Solid is in the register, hatched is what importing would bring."""
    waiting = taken.rows_new + taken.rows_updated - taken.rows_done
    return [
        {"value": taken.rows_done, "tone": "accent", "label": _("In the register")},
        {"value": waiting, "tone": "accent", "hatched": True, "label": _("Not imported")},
        {"value": taken.rows_unchanged, "tone": "ref", "label": _("Unchanged")},
        {"value": taken.rows_rejected, "tone": "bad", "label": _("Rejected")},
    ]


def chosen_rows(request: ActingRequest, taken: RegisterImport, reasons: set[str]) -> dict[str, Any]:
    """Which rows the page shows: what is asked for, else what needs a person's eye first."""
    outcome, reason = request.GET.get("show", ""), request.GET.get("reason", "")
    if reason in reasons:
        return {"outcome": RowOutcome.REJECTED.value, "reason": reason}
    if outcome in NOTES:
        return {"outcome": RowOutcome.NEW.value, outcome: True}
    if outcome not in RowOutcome.values:
        outcome = first_with_rows(taken)
    return {"outcome": outcome}


def first_with_rows(taken: RegisterImport) -> str:
    counted = {
        RowOutcome.REJECTED: taken.rows_rejected,
        RowOutcome.UPDATE: taken.rows_updated,
        RowOutcome.NEW: taken.rows_new,
    }
    return next((outcome.value for outcome, rows in counted.items() if rows), RowOutcome.UNCHANGED.value)


def outcome_links(taken: RegisterImport, chosen: dict[str, Any]) -> list[dict[str, Any]]:
    counted = {
        RowOutcome.NEW: (_("New"), taken.rows_new),
        RowOutcome.UPDATE: (_("Changed"), taken.rows_updated),
        RowOutcome.UNCHANGED: (_("Unchanged"), taken.rows_unchanged),
        RowOutcome.REJECTED: (_("Rejected"), taken.rows_rejected),
    }
    plain = chosen.keys() == {"outcome"}
    return [
        {"value": outcome.value, "label": label, "rows": rows, "active": plain and chosen["outcome"] == outcome}
        for outcome, (label, rows) in counted.items()
    ]


def reason_links(reasons: list[tuple[str, int]], chosen: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"value": reason, "label": words.rule_words(reason), "rows": rows, "active": chosen.get("reason") == reason}
        for reason, rows in reasons
    ]


def note_links(taken: RegisterImport, chosen: dict[str, Any]) -> list[dict[str, Any]]:
    """New rows that are imported all the same, but looked at before."""
    counted = {"to_confirm": taken.rows_to_confirm, "name_alike": queries.rows_with(taken, name_alike=True).count()}
    return [
        {"value": note, "label": words.rule_words(NOTES[note]), "rows": rows, "active": note in chosen}
        for note, rows in counted.items()
        if rows
    ]


def shown_title(chosen: dict[str, Any]) -> str:
    if chosen.get("reason"):
        return words.rule_words(chosen["reason"])
    for note in NOTES.keys() & chosen.keys():
        return words.rule_words(NOTES[note])
    return {
        RowOutcome.NEW: _("New enterprises"),
        RowOutcome.UPDATE: _("What changes"),
        RowOutcome.UNCHANGED: _("Unchanged"),
        RowOutcome.REJECTED: _("Rejected rows"),
    }[RowOutcome(chosen["outcome"])]


def report_lines(page: Page[RegisterImportRow], outcome: str) -> Iterable[dict[str, Any]]:
    """A line for each problem or change; `first` ones name the row and the enterprise."""
    for row in page:
        named = {"number": row.number, "code": row.credit_code, "name": row_name(row), "row": row}
        for place, told in enumerate(_lines_of(row, outcome)):
            yield {**named, **told, "first": place == 0}


def _lines_of(row: RegisterImportRow, outcome: str) -> list[dict[str, Any]]:
    if outcome == RowOutcome.REJECTED:
        return [
            {
                "column": words.column_words(one["column"]),
                "value": one["value"],
                "problem": words.rule_words(one["rule"]),
                "advice": words.advice(one),
            }
            for one in row.problems
        ]
    if outcome == RowOutcome.UPDATE:
        return [
            {
                "column": words.column_words(name),
                "before": words.fact_words(name, before),
                "after": words.fact_words(name, after),
            }
            for name, (before, after) in row.changes.items()
        ]
    kind = words.fact_words("kind", row.facts["kind"]) if row.facts.get("kind") else ""
    return [{"kind": kind, "alike": words.name_alike(row.problems)}]


def row_name(row: RegisterImportRow) -> str:
    """The name that the file gives, in the active language where it has one."""
    names = [row.facts.get("name_zh", ""), row.facts.get("name_en", "")]
    return next((name for name in (names if speaks_chinese() else names[::-1]) if name), "")
