"""The ledger of a programme: its budget years, and every act on their money."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incentives import permissions, queries, services
from incentives.choices import FIGURES
from incentives.filters.awards import LedgerFilter
from incentives.forms.budget import AppropriationForm, MoveForm
from incentives.models import BudgetYear, Programme
from incentives.tables.ledger import LedgerTable
from incentives.views.acting import moment
from incentives.views.lists import list_page
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(permissions.can_see_programmes)
@require_safe
def programme_ledger(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    years = queries.budget_years(programme)
    chosen = request.GET.get("figure", "")
    figure = chosen if chosen in FIGURES else ""
    year = request.GET.get("year", "")
    shown = [row for row in years if str(row.year) == year] or years
    money = queries.money_of(shown)
    rows = queries.ledger_entries(programme, figure).select_related("budget_year", "application")
    return list_page(
        request,
        "incentives/programme_ledger.html",
        filters=LedgerFilter(request.GET, rows, years=[row.year for row in years]),
        table=partial(LedgerTable, may_open=permissions.can_open_queue(request.actor)),
        name=f"ledger-{programme.code}",
        context={
            "programme": programme,
            "figures": FIGURES,
            "years": [_line_of(row) for row in years],
            "of_year": shown[0].year if len(shown) == 1 and year else "",
            "money": money,
            "parts": _parts(money),
            "may_configure": permissions.can_configure_programmes(request.actor) and not request.actor.is_read_only,
        },
    )


def _line_of(row: BudgetYear) -> dict[str, Any]:
    return {"year": row.year, "figures": [(name, getattr(row, name)) for name in FIGURES], "free_cny": row.free_cny}


def _parts(money: queries.Money) -> list[dict[str, Any]]:
    """Paid, then what is committed and not paid, then what is only reserved."""
    return [
        {"value": money.paid_cny, "tone": "accent", "label": _("Paid")},
        {"value": money.unpaid_cny, "tone": "accent-2", "label": _("Committed")},
        {"value": money.reserved_cny, "tone": "accent", "hatched": True, "label": _("Reserved")},
    ]


@acting(permissions.can_configure_programmes)
def budget_appropriate(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    now, today = moment(request)
    known = {"year": today.year, "expected_changes": services.budget_changes(programme)}
    form = AppropriationForm(request.POST if request.method == "POST" else None, initial=known)

    def act() -> object:
        return services.appropriate(request.actor, programme, **form.cleaned_data, now=now)

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The budget was changed."))
        return redirect("incentives:programme_ledger", programme_id=programme.pk)
    return _budget_page(request, "incentives/budget_appropriate.html", form, programme)


@acting(permissions.can_configure_programmes)
def budget_move(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    programme = _programme(request, programme_id)
    now, today = moment(request)
    years = {"from_year": today.year, "to_year": today.year + 1}
    known = {**years, "expected_changes": services.budget_changes(programme)}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=known)

    def act() -> None:
        services.move(request.actor, programme, **form.cleaned_data, now=now)

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The money was moved."))
        return redirect("incentives:programme_ledger", programme_id=programme.pk)
    return _budget_page(request, "incentives/budget_move.html", form, programme)


def _budget_page(request: ActingRequest, template: str, form: Any, programme: Programme) -> HttpResponse:
    years = queries.budget_years(programme)
    return form_page(request, template, form, programme=programme, years=years)


def _programme(request: ActingRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
