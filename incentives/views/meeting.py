"""The decision meeting: what awaits a decision, ranked, and decisions made together after a preview."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incentives import permissions, queries, services
from incentives.forms.meeting import APPROVE, BatchForm, WhatIfForm, chosen_keys, shown_amount
from incentives.models import Application, Programme
from incentives.permissions import bar_of
from incentives.queries import Order
from incentives.tables import BAR_WORDS
from incentives.views.acting import UNPROCESSABLE, moment
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest


@acting(permissions.can_open_queue)
@require_safe
def decision_meeting(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    order, budget = _asked(request, programme)
    lines = queries.ranked(request.actor, programme, order, budget)
    may_decide = permissions.can_decide_somewhere(request.actor) and not request.actor.is_read_only
    rows = [
        {
            "line": line,
            "amount": shown_amount(line.amount_cny),
            "bar": BAR_WORDS[bar] if (bar := bar_of(line.application)) and may_decide else "",
            "is_first_beyond": not line.fits and (place == 0 or lines[place - 1].fits),
        }
        for place, line in enumerate(lines)
    ]
    reached = [line for line in lines if line.fits]
    context = {
        "programme": programme,
        "form": WhatIfForm(initial={"order": order.value, "budget": shown_amount(budget)}),
        "rows": rows,
        "budget": budget,
        "is_what_if": budget != programme.left_cny,
        "reached": len(reached),
        "spent": reached[-1].sum_cny if reached else Decimal(0),
        "rest": budget - (reached[-1].sum_cny if reached else Decimal(0)),
        "asked": lines[-1].sum_cny if lines else Decimal(0),
        "may_decide": may_decide,
        "acts": [
            {"value": "approve", "label": _("Approve…"), "primary": True},
            {"value": "decline", "label": _("Decline…")},
        ],
    }
    return render(request, "incentives/decision_meeting.html", context)


def _asked(request: ActingRequest, programme: Programme) -> tuple[Order, Decimal]:
    """What the address asks for; without it the scores, where there are criteria, and what is left of the budget."""
    usual = Order.SCORE if programme.criteria else Order.SUBMITTED
    form = WhatIfForm(request.GET)
    form.is_valid()
    order = form.cleaned_data.get("order")
    budget = form.cleaned_data.get("budget")
    return Order(order) if order else usual, programme.left_cny if budget is None else budget


@acting(permissions.can_decide_somewhere)
@require_POST
def decision_batch(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """First a preview of what would become of each; confirmed, all of them are decided, or none."""
    programme = _programme(request, programme_id)
    chosen = _chosen(request, programme)
    if not chosen:
        messages.warning(request, _("Choose at least one application."))
        return redirect("incentives:decision_meeting", programme_id=programme.pk)
    if len(chosen) > services.MOST_TOGETHER:
        text = _("At most %(most)s applications can be decided together.")
        messages.warning(request, text % {"most": services.MOST_TOGETHER})
        return redirect("incentives:decision_meeting", programme_id=programme.pk)
    form = BatchForm(request.POST, applications=chosen)
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
    is_approval = form["act"].value() == APPROVE
    total = sum((one.verdict.amount_cny or Decimal(0) for one in outlooks if not one.refusal), Decimal(0))
    refused = [one for one in outlooks if one.refusal]
    context: dict[str, Any] = {
        "programme": programme,
        "form": form,
        "outlooks": outlooks,
        "amounts": [form[f"amount_{row.pk}"] for row in form.applications] if form.errors and not outlooks else [],
        "again": form.again(),
        "is_approval": is_approval,
        "total": total,
        "rest": programme.left_cny - total,
        "refused": len(refused),
        "may_confirm": bool(outlooks) and not refused,
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "incentives/decision_batch.html", context, status=status)


def _chosen(request: ActingRequest, programme: Programme) -> list[Application]:
    """The chosen applications of the programme, in the order in which they were sent."""
    keys = chosen_keys(request.POST.getlist("chosen"))
    rows = queries.applications(request.actor).filter(programme_version__programme=programme)
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _programme(request: ActingRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
