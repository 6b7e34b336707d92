"""The decision meeting: what awaits a decision, ranked, and decisions made together after a preview."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incentives import permissions, queries, services
from incentives.forms.meeting import BatchForm, WhatIfForm, amount_field, chosen_rounds, shown_amount
from incentives.models import Application, Programme
from incentives.tables.applications import BAR_WORDS
from incentives.views.acting import UNPROCESSABLE, moment
from lib.refusals import Refusal
from parks.access import acting
from parks.actors import Actor
from parks.requests import ActingRequest
from parks.views.forms import status_of


@acting(permissions.can_open_queue)
@require_safe
def decision_meeting(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    usual = queries.usual_order(programme)
    shown = {"order": usual.value, "budget": shown_amount(programme.left_cny)}
    form = WhatIfForm({**shown, **request.GET.dict()})
    order, budget = (usual, programme.left_cny) if not form.is_valid() else form.chosen(programme.left_cny)
    rows = queries.ranked(request.actor, programme, order)
    reach = queries.reach_of(rows, budget)
    page = Paginator(rows, services.MOST_TOGETHER).get_page(request.GET.get("page"))
    may_decide = permissions.can_decide_somewhere(request.actor) and not request.actor.is_read_only
    context = {
        "programme": programme,
        "form": form,
        "page": page,
        "lines": _lines(request.actor, list(page), budget, may_decide=may_decide),
        "budget": budget,
        "is_what_if": budget != programme.left_cny,
        "reach": reach,
        "rest": budget - reach.spent_cny,
        "may_decide": may_decide,
        "most": services.MOST_TOGETHER,
        "acts": [
            {"value": "approve", "label": _("Approve…"), "primary": True},
            {"value": "decline", "label": _("Decline…")},
        ],
    }
    return render(request, "incentives/decision_meeting.html", context, status=status_of(form))


def _lines(actor: Actor, rows: list[Any], budget: Decimal, *, may_decide: bool) -> list[dict[str, Any]]:
    bars = queries.bars_among(actor, rows) if may_decide else {}
    return [
        {
            "row": row,
            "bar": BAR_WORDS[bars[row.pk]] if row.pk in bars else "",
            "fits": row.sum_cny <= budget,
            "is_first_beyond": row.sum_cny > budget >= row.sum_cny - row.amount_cny,
        }
        for row in rows
    ]


@acting(permissions.can_decide_somewhere)
@require_POST
def decision_batch(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """First a preview of what would become of each; confirmed, all of them are decided, or none."""
    programme = _programme(request, programme_id)
    chosen = chosen_rounds(request.POST.getlist("chosen"))
    applications = _chosen(request, programme, chosen)
    if not applications:
        messages.warning(request, _("Choose at least one application."))
        return redirect("incentives:decision_meeting", programme_id=programme.pk)
    if len(applications) > services.MOST_TOGETHER:
        text = _("At most %(most)s applications can be decided together.")
        messages.warning(request, text % {"most": services.MOST_TOGETHER})
        return redirect("incentives:decision_meeting", programme_id=programme.pk)
    form = BatchForm(request.POST, applications=applications, chosen=chosen)
    if not form.is_valid():
        return _preview(request, programme, form, [])
    now = moment(request)[0]
    if "sure" not in request.POST:
        return _preview(request, programme, form, services.foresee(request.actor, form.verdicts, now=now))
    try:
        decided = services.decide_together(request.actor, form.verdicts, now=now)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _preview(request, programme, form, services.foresee(request.actor, form.verdicts, now=now))
    said = ngettext("%(count)s application was decided.", "%(count)s applications were decided.", len(decided))
    messages.success(request, said % {"count": len(decided)})
    return redirect("incentives:decision_meeting", programme_id=programme.pk)


def _preview(
    request: ActingRequest, programme: Programme, form: BatchForm, outlooks: list[services.Outlook]
) -> HttpResponse:
    total = sum((one.verdict.amount_cny or Decimal(0) for one in outlooks if not one.refusal), Decimal(0))
    refused = [one for one in outlooks if one.refusal]
    foreseen = {one.verdict.application.pk: one for one in outlooks}
    context: dict[str, Any] = {
        "programme": programme,
        "form": form,
        "cases": [
            {
                "application": row,
                "outlook": foreseen.get(row.pk),
                "amount": form[amount_field(row)] if form.is_approval else None,
            }
            for row in form.applications
        ],
        "again": form.again(),
        "is_approval": form.is_approval,
        "total": total if outlooks else None,
        "rest": programme.left_cny - total,
        "refused": len(refused),
        "may_confirm": bool(outlooks) and not refused,
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "incentives/decision_batch.html", context, status=status)


def _chosen(request: ActingRequest, programme: Programme, keys: Iterable[UUID]) -> list[Application]:
    """The chosen applications of the programme, in the order in which they were sent, each as it is proposed."""
    rows = queries.applications(request.actor).filter(programme_version__programme=programme, pk__in=keys)
    found = queries.proposed(rows).in_bulk()
    return [found[key] for key in keys if key in found]


def _programme(request: ActingRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
