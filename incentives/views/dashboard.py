"""The officials' dashboard: one page of figures, each with its table and its download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enterprises.industries import industry_of
from incentives import permissions
from incentives.choices import Stage
from incentives.filters.applications import REACHED_WORDS
from incentives.forms.dashboard import DashboardForm
from incentives.models import Programme
from incentives.queries.dashboard import (
    Asked,
    FunnelStep,
    Month,
    Reached,
    Sector,
    Spent,
    StageTime,
    burn,
    outcomes,
    programmes_told,
    recent_years,
    stage_times,
)
from incentives.views.acting import moment
from lib import charts, exports
from lib.formatting import localized, money_short
from parks.access import acting
from parks.requests import ActingRequest

STEPS: dict[str, Any] = {"": gettext_lazy("Started"), Reached.FILED: gettext_lazy("Filed")}
STEPS.update({step.value: words for step, words in REACHED_WORDS.items()})


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page shows, of one question."""

    asked: Asked
    funnel: list[FunnelStep]
    stages: list[StageTime]
    months: list[Month]
    spent: list[Spent]
    sectors: list[Sector]

    @property
    def is_empty(self) -> bool:
        return not self.funnel[0].count and not self.spent and not any(row.waiting for row in self.stages)


@acting(permissions.can_open_queue)
@require_safe
def dashboard(request: ActingRequest) -> HttpResponse:
    now, today = moment(request)
    zone = request.park.time_zone
    programmes = programmes_told(request.actor)
    years = recent_years(today)
    form = DashboardForm(request.GET or None, years=years, programmes=programmes)
    asked = form.asked(zone) if form.is_bound else Asked(years[0], zone)
    funnel, sectors = outcomes(request.actor, asked)
    months, spent = burn(request.actor, asked)
    figures = Figures(asked, funnel, stage_times(request.actor, asked, now), months, spent, sectors)
    if exports.requested(request.GET.get("export")):
        return _file(request, figures, programmes)
    reached_month = today.replace(day=1)
    past = [month for month in months if month.first <= reached_month]
    waiting = sum(row.waiting for row in figures.stages)
    context = {
        "filters": {"form": form},
        "figures": figures,
        "year": asked.year,
        "funnel": [_funnel_row(step, funnel, asked) for step in funnel],
        "waiting": waiting,
        "overdue": sum(row.overdue for row in figures.stages),
        "chart": _chart(months, past, figures.spent) if spent else None,
        "months": past,
        "spent": [_spent_row(row, programmes, asked.year) for row in spent],
        "sectors": [{"row": row, "name": _sector_name(row), "rate": rounded(row.rate_percent)} for row in sectors],
        "downloads": {name: _downloads(request, name) for name in SHEETS},
    }
    return render(request, "incentives/dashboard.html", context)


def _funnel_row(step: FunnelStep, funnel: Sequence[FunnelStep], asked: Asked) -> dict[str, Any]:
    reached = None if step.reached is Reached.FILED else step.reached
    where = {"reached": reached, "filed_in": asked.year, "programme": asked.programme_id}
    query = urlencode({name: str(value) for name, value in where.items() if value is not None})
    return {
        "step": step,
        "label": STEPS[step.reached or ""],
        "whole": funnel[0].count,
        "url": f"{reverse('incentives:filed_list')}?{query}" if step.reached else "",
    }


def _chart(months: Sequence[Month], past: Sequence[Month], spent: Sequence[Spent]) -> dict[str, Any]:
    """For `components/bar_chart.html`: what was paid by the end of each month; hatched, what was only granted."""
    budget = sum((row.appropriated_cny for row in spent), Decimal(0))
    scale = charts.marks(float(max([budget, *(month.granted_sum_cny for month in months)])))
    bars = [(float(month.paid_sum_cny), float(month.granted_sum_cny - month.paid_sum_cny)) for month in past]
    return {
        "tone": "accent",
        "unit": "¥",
        "marks": [money_short(mark) for mark in reversed(scale)],
        "lines": [_down(mark, scale) for mark in scale],
        "limit": _down(float(budget), scale),
        "limit_words": _("Budget %(amount)s") % {"amount": money_short(budget)},
        "columns": charts.columns([*bars, *([None] * (len(months) - len(past)))], scale),
        "scale": [f"{month.first:%m}" for month in months],
        "words": _("Granted and paid at the end of each month, against the budget"),
        "solid_words": _("Paid"),
        "hatched_words": _("Granted, not paid yet"),
    }


def _down(value: float, scale: Sequence[float]) -> str:
    return charts.percent(1000 * (1 - value / scale[-1]))


def _spent_row(row: Spent, programmes: Sequence[Programme], year: int) -> dict[str, Any]:
    programme = next(one for one in programmes if one.pk == row.programme_id)
    address = reverse("incentives:programme_ledger", kwargs={"programme_id": row.programme_id})
    return {
        "row": row,
        "name": localized(programme, "title"),
        "url": f"{address}?year={year}",
        "free_cny": row.appropriated_cny - row.granted_cny,
    }


def _sector_name(sector: Sector) -> str:
    found = industry_of(sector.code) if sector.code else None
    return f"{sector.code} {found.name}" if found else _("Not stated")


# The downloads.


def _downloads(request: ActingRequest, name: str) -> dict[str, str]:
    """Addresses of one table as files, with the filters of the page."""
    query = {key: value for key, value in request.GET.items() if key in {"year", "programme"}}
    return {kind: f"?{urlencode({**query, 'export': kind, 'table': name})}" for kind in (exports.CSV, exports.XLSX)}


def _file(request: ActingRequest, figures: Figures, programmes: Sequence[Programme]) -> HttpResponse:
    name = request.GET.get("table", "funnel")
    if name not in SHEETS:
        raise Http404
    head, *rows = SHEETS[name](figures, programmes)
    return exports.export(str(request.GET["export"]), [head, *rows], f"dashboard-{name}-{figures.asked.year}")


def _funnel_sheet(figures: Figures, _programmes: Sequence[Programme]) -> list[list[Any]]:
    rows = [[STEPS[step.reached or ""], step.count, step.amount_cny] for step in figures.funnel]
    return [[_("Step"), _("Applications"), _("Amount (yuan)")], *rows]


def _stages_sheet(figures: Figures, _programmes: Sequence[Programme]) -> list[list[Any]]:
    head = [
        _("Stage"),
        _("Working days allowed"),
        _("Left the stage"),
        _("Median (working days)"),
        _("Nine of ten within (working days)"),
        _("Waiting now"),
        _("Overdue now"),
    ]
    rows = [
        [
            Stage(row.stage).label,
            days_words(row.asked_days),
            row.left,
            row.median_days,
            row.long_days,
            row.waiting,
            row.overdue,
        ]
        for row in figures.stages
    ]
    return [head, *rows]


def days_words(days: tuple[int, int] | None) -> str:
    """
    >>> days_words((5, 5)), days_words((5, 10)), days_words(None)
    ('5', '5–10', '')
    """
    if days is None:
        return ""
    return str(days[0]) if days[0] == days[1] else f"{days[0]}–{days[1]}"


def _months_sheet(figures: Figures, _programmes: Sequence[Programme]) -> list[list[Any]]:
    head = [
        _("Month"),
        _("Granted (yuan)"),
        _("Paid (yuan)"),
        _("Granted so far (yuan)"),
        _("Paid so far (yuan)"),
    ]
    rows = [
        [f"{one.first:%Y-%m}", one.granted_cny, one.paid_cny, one.granted_sum_cny, one.paid_sum_cny]
        for one in figures.months
    ]
    return [head, *rows]


def _spent_sheet(figures: Figures, programmes: Sequence[Programme]) -> list[list[Any]]:
    head = [_("Programme"), _("Appropriated (yuan)"), _("Granted (yuan)"), _("Paid (yuan)"), _("Free (yuan)")]
    lines = [_spent_row(row, programmes, figures.asked.year) for row in figures.spent]
    return [
        head,
        *[
            [
                line["name"],
                line["row"].appropriated_cny,
                line["row"].granted_cny,
                line["row"].paid_cny,
                line["free_cny"],
            ]
            for line in lines
        ],
    ]


def _sectors_sheet(figures: Figures, _programmes: Sequence[Programme]) -> list[list[Any]]:
    head = [
        _("Section of industry"),
        _("Filed"),
        _("Approved"),
        _("Declined"),
        _("Approved of decided (%)"),
        _("Approved (yuan)"),
    ]
    rows = [
        [_sector_name(row), row.filed, row.approved, row.declined, rounded(row.rate_percent), row.approved_cny]
        for row in figures.sectors
    ]
    return [head, *rows]


def rounded(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent.quantize(Decimal("0.1"))


SHEETS = {
    "funnel": _funnel_sheet,
    "stages": _stages_sheet,
    "months": _months_sheet,
    "programmes": _spent_sheet,
    "sectors": _sectors_sheet,
}
