"""An expert's cases, without a word about whose they are."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incentives import permissions, queries, services
from incentives.filters.seats import SeatFilter
from incentives.forms.panel import ConflictForm, ScoresForm
from incentives.models import PanelSeat
from incentives.services.form_fields import document_label
from incentives.tables.seats import SeatTable
from incentives.views.acting import moment
from incentives.views.lists import list_page
from incentives.views.review_page import filed
from lib.deadlines import clock
from lib.downloads import attachment_response
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page, status_of


@acting(permissions.can_score)
@require_safe
def seat_list(request: ActingRequest) -> HttpResponse:
    """The cases in which this person scores or has scored."""
    now, _today = moment(request)
    rows = queries.own_seats(request.actor)
    table = partial(SeatTable, now=now)
    filters = SeatFilter(request.GET, rows)
    return list_page(request, "incentives/seat_list.html", filters=filters, table=table, name="cases")


def _line(seat: PanelSeat, now: Any) -> dict[str, Any]:
    application = seat.application
    waits = seat.standing == queries.Standing.WAITING  # type: ignore[attr-defined]
    return {
        "seat": seat,
        "project": queries.masked(application.project_title, seat),
        "waits": waits,
        "clock": clock(application.due_at, seat.assigned_at, now) if waits else None,
    }


@acting(permissions.can_score)
def seat_detail(request: ActingRequest, seat_id: UUID) -> HttpResponse:
    """The project, its figures and papers, and the scores: kept as a draft, or sent for good."""
    seat = _own_seat(request, seat_id)
    is_draft = "send" not in request.POST
    form = ScoresForm(request.POST, seat=seat, is_draft=is_draft) if request.method == "POST" else ScoresForm.of(seat)
    if form.is_bound and form.is_valid():
        given = {"scores": form.scores, "comment": form.cleaned_data["comment"]}
        save = partial(services.save_scores, request.actor, seat, **given)
        send = partial(services.send_scores, request.actor, seat, **given, now=timezone.now())
        if attempt(form, save if is_draft else send):
            said = _("The draft was saved.") if is_draft else _("Your scores were sent. Thank you.")
            messages.success(request, said)
            return redirect("incentives:seat_detail", seat_id=seat.pk) if is_draft else redirect("incentives:seat_list")
    return _seat_page(request, seat, form)


def _seat_page(
    request: ActingRequest, seat: PanelSeat, form: ScoresForm, conflict: ConflictForm | None = None
) -> HttpResponse:
    now, _today = moment(request)
    application = seat.application
    version = application.programme_version
    line = _line(seat, now)
    context = {
        **line,
        "form": form,
        "conflict": conflict or ConflictForm(),
        "application": application,
        "version": version,
        "project_summary": queries.masked(application.project_summary, seat),
        "documents": [
            {"pk": row.pk, "label": document_label(version, row.kind), "size": row.size_bytes, "number": number}
            for number, row in enumerate(queries.seat_documents(seat), 1)
        ],
        "given": _given(seat) if seat.scored_at else [],
        "may_score": line["waits"] and not request.actor.is_read_only,
    }
    return render(request, "incentives/seat_detail.html", context, status=status_of(conflict or form))


def _given(seat: PanelSeat) -> list[dict[str, Any]]:
    criteria = seat.application.programme_version.criteria
    return [
        {"name": services.criterion_name(criterion), "score": score, "most": criterion["most"]}
        for criterion, score in zip(criteria, seat.scores, strict=True)
    ]


@acting(permissions.can_score)
@require_POST
def seat_conflict(request: ActingRequest, seat_id: UUID) -> HttpResponse:
    seat = _own_seat(request, seat_id)
    form = ConflictForm(request.POST)
    if form.is_valid():
        declare = partial(
            services.declare_conflict, request.actor, seat, reason=form.cleaned_data["reason"], now=timezone.now()
        )
        if attempt(form, declare):
            messages.success(request, _("Your conflict was recorded. The case is not yours any more."))
            return redirect("incentives:seat_list")
    return _seat_page(request, seat, ScoresForm.of(seat), form)


@acting(permissions.can_score)
def seat_document(request: ActingRequest, seat_id: UUID, document_id: UUID) -> HttpResponse:
    """A file that the programme shows to experts, under a name that says nothing of the enterprise."""
    seat = _own_seat(request, seat_id)
    shown = {row.pk: row for row in queries.seat_documents(seat)} if seat.left_at is None else {}
    document = get_object_or_404(queries.kept_documents().filter(pk__in=shown), pk=document_id)
    content = services.read_seat_document(request.actor, seat, document)
    suffix = document.name.rpartition(".")[2]
    return attachment_response(content, f"{seat.reference}-{document.kind}.{suffix}", document.content_type)


@acting(permissions.can_decide_somewhere)
@require_POST
def panel_seat(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """Look for experts again where seats are empty."""
    application = filed(request, application_id)
    seats = services.seat_experts(application.pk, now=timezone.now()) if not request.actor.is_read_only else []
    if seats:
        messages.success(request, _("Experts were seated."))
    else:
        messages.warning(request, _("No further expert without a tie was found. Invite experts under Staff."))
    return redirect("incentives:review_detail", application_id=application.pk)


@acting(permissions.can_decide_somewhere)
def seat_replace(request: ActingRequest, seat_id: UUID) -> HttpResponse:
    """The page asks; posting it gives the seat to somebody else."""
    seats = PanelSeat.objects.of_park(request.actor.park_id).select_related("application")
    seat = get_object_or_404(seats, pk=seat_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    replace = partial(services.replace_expert, request.actor, seat, now=timezone.now())
    if form.is_bound and form.is_valid() and attempt(form, replace):
        messages.success(request, _("The seat was given up."))
        return redirect("incentives:review_detail", application_id=seat.application_id)
    return form_page(request, "incentives/seat_replace.html", form, seat=seat)


def _own_seat(request: ActingRequest, seat_id: UUID) -> PanelSeat:
    return get_object_or_404(queries.own_seats(request.actor).filter(left_at=None), pk=seat_id)
