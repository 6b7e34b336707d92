"""Energy assets: the list, and the page of an asset with its indicators by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe
from django_tables2 import RequestConfig

from energy import asset_words as words
from energy.asset_tables import AssetTable
from energy.calculations.asset_kpis import KPIS, UNITS, Kpi
from energy.choices import AssetKind, AssetKpi, AssetRole
from energy.filters import AssetFilter
from energy.forms.assets import AssetForm
from energy.models import NAMEPLATE, Asset, AssetMember
from energy.permissions import can_change_row, can_keep_meters, can_read_energy
from energy.queries.assets import register
from energy.queries.assets.days import measuring
from energy.queries.assets.kpis import MonthOfAsset, YearOfAsset, year_of
from energy.tables import owner_words
from energy.views import drawing
from energy.views.meters import today_of
from lib import charts, formatting
from lib.exports import requested
from lib.long_lists import LongList
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.saved_views import saved_views

ASSETS_A_PAGE = 25
FIRST_YEAR = 1990
PLATE_UNITS = {
    "peak_power_kwp": "kWp",
    "power_kw": "kW",
    "capacity_kwh": "kWh",
    "guaranteed_efficiency_percent": "%",
    "tilt_degrees": "°",
    "azimuth_degrees": "°",
    "export_limit_kw": "kW",
    "design_yield_kwh_per_kwp": "kWh/kWp",
    "connectors": "",
    "floor_area_m2": "m²",
}


def one_asset(request: ActingRequest, asset_id: UUID) -> Asset:
    return get_object_or_404(register.assets(request.actor), pk=asset_id)


@acting(can_read_energy)
@require_safe
def asset_list(request: ActingRequest) -> HttpResponse:
    today = today_of(request)
    narrowed = AssetFilter(request.GET, queryset=Asset.objects.none(), actor=request.actor, today=today)
    counted = narrowed.count_choices()
    rows = LongList(narrowed.qs, register.assets(request.actor), count=counted.total)
    table = AssetTable(rows, today=today, zone_name=request.park.time_zone)
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": ASSETS_A_PAGE}).configure(table)
    download = exported(request, table, _("energy assets"))
    if download is not None:
        return download
    context = {
        "filter": narrowed,
        "table": table,
        "total": counted.total,
        "can_enter": can_keep_meters(request.actor) and not request.actor.is_read_only,
        **(saved_views(request) if request.actor.is_official else {}),
    }
    return render(request, "energy/asset_list.html", context)


@acting(can_read_energy)
@require_GET
def asset_detail(request: ActingRequest, asset_id: UUID) -> HttpResponse:
    asset, today = one_asset(request, asset_id), today_of(request)
    year = chosen_year(request, today)
    told = year_of(asset, year, today, request.park.time_zone)
    first = KPIS[asset.kind][0]
    context = {
        "asset": asset,
        "owner": owner_words(asset),
        "tone": words.TONES[asset.kind],
        "marks": [words.mark_of(asset, today)],
        "capacity": words.capacity_words(asset),
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < today.year else None,
        "figures": [figure_of(kpi, words.TONES[asset.kind]) for kpi in told.kpis],
        "doubts": [words.doubt_words(doubt) for doubt in told.doubts],
        "judgement": judgement_words(asset, told),
        "chart": chart_of(told.months, first, words.TONES[asset.kind], today, year),
        "chart_title": str(first.label),
        "kpi_table": kpi_table(asset, told),
        "energy_table": energy_table(told),
        "definitions": [(kpi.label, words.DEFINITIONS[kpi]) for kpi in KPIS[asset.kind]],
        "at_limit": limit_words(asset, told),
        "plate": plate_of(asset),
        "links": links_of(asset, told),
        "members": asset.kept_members,  # type: ignore[attr-defined]
        "microgrids": microgrids_of(request, asset),
        "is_microgrid": asset.kind == AssetKind.MICROGRID,
        "is_measured": bool(measuring(asset)),
        "can_change": can_change_row(request.actor, asset) and not request.actor.is_read_only,
        "is_last_day_ahead": asset.ends_on is not None and asset.ends_on > today,
    }
    return render(request, "energy/asset_detail.html", context)


def chosen_year(request: ActingRequest, today: date) -> int:
    written = request.GET.get("year", "")
    year = int(written) if written.isascii() and written.isdigit() and len(written) == 4 else today.year
    return min(max(year, FIRST_YEAR), today.year)


def figure_of(kpi: Kpi, tone: str) -> dict[str, Any]:
    kind = kpi.kind
    return {
        "label": kind.label,
        "value": words.value_words(kind, kpi.value),
        "unit": words.unit_of(kind) if kpi.value is not None else "",
        "note": words.reason_words(kpi),
        "tone": tone,
    }


def judgement_words(asset: Asset, told: YearOfAsset) -> str:
    """Over which year the indicators were compared with what is to be expected, or why they were not."""
    first, behind = told.judged
    span = {"first": formatting.day(first), "last": formatting.day(behind - timedelta(days=1))}
    if not told.is_judged:
        return _("Not judged: it was not in service all the time from %(first)s to %(last)s.") % span
    if not told.is_known:
        return _("Not judged: too little is measured of %(first)s to %(last)s.") % span
    return _("Judged by %(first)s to %(last)s.") % span


def chart_of(months: Sequence[MonthOfAsset], kind: AssetKpi, tone: str, today: date, year: int) -> dict[str, Any]:
    """The first indicator by month; hatched where it is not complete or the month is not over."""
    kpis = {each.month: each.kpis[0] for each in months}
    every = [date(year, month, 1) for month in range(1, 13)]
    known = [kpi.value for kpi in kpis.values() if kpi.value is not None]
    marks = charts.marks(max(known, default=0.0))
    pairs = [_pair(kpis.get(month), month, today) for month in every]
    return {
        "tone": tone,
        "unit": UNITS[kind],
        "marks": drawing.mark_words(marks),
        "lines": drawing.line_places(marks),
        "columns": charts.columns(pairs, marks),
        "scale": [drawing.month_words(month) for month in every],
        "words": _("%(kpi)s by month in %(year)s") % {"kpi": kind.label, "year": year},
        "solid_words": _("complete") if any(pair and pair[0] for pair in pairs) else "",
        "hatched_words": _("not complete, or not over") if any(pair and pair[1] for pair in pairs) else "",
        "is_empty": not known,
    }


def _pair(kpi: Kpi | None, month: date, today: date) -> tuple[float, float] | None:
    if kpi is None or kpi.value is None:
        return None
    is_over = (month.year, month.month) < (today.year, today.month)
    is_certain = is_over and (kpi.completeness_percent or 0.0) >= drawing.COMPLETE_PERCENT
    return (kpi.value, 0.0) if is_certain else (0.0, kpi.value)


def kpi_table(asset: Asset, told: YearOfAsset) -> dict[str, Any]:
    """Each indicator beside its completeness, a row a month and the year as the last; without those nobody measures."""
    shown = [kpi.kind for kpi in told.kpis if not (kpi.lacking or kpi.lacks_nameplate)] or [KPIS[asset.kind][0]]

    def cells(kpis: Sequence[Kpi]) -> list[dict[str, str]]:
        return [_cell(kpi) for kpi in kpis if kpi.kind in shown]

    return {
        "columns": [{"label": kind.label, "unit": words.unit_of(kind)} for kind in shown],
        "rows": [{"word": f"{each.month:%Y-%m}", "cells": cells(each.kpis)} for each in told.months],
        "total": cells(told.kpis),
        "caption": _("Indicators by month"),
    }


def _cell(kpi: Kpi) -> dict[str, str]:
    is_known = kpi.value is not None and kpi.completeness_percent is not None
    note = formatting.percent(kpi.completeness_percent or 0.0) if is_known else ""
    return {"value": words.value_words(kpi.kind, kpi.value), "note": note}


def energy_table(told: YearOfAsset) -> dict[str, Any] | None:
    """What the channels counted, a row a month; None where there is none."""
    roles = [role for role in AssetRole if role in told.use.days and role != AssetRole.STATE_OF_CHARGE]
    if not roles:
        return None
    highest = {role: max((each.use.total(role) or 0.0 for each in told.months), default=0.0) for role in roles}
    shown = {
        role: drawing.Measure("kWh/m²") if role == AssetRole.IRRADIANCE else drawing.measure("kWh", highest[role])
        for role in roles
    }

    def row(use: Any) -> dict[str, Any]:
        return {
            "cells": [shown[role].words(use.total(role)) for role in roles],
            "percent": use.completeness_percent(roles),
        }

    return {
        "columns": [
            {"label": _("Month")},
            *({"label": role.label, "unit": shown[role].unit, "number": True} for role in roles),
        ],
        "rows": [{"word": f"{each.month:%Y-%m}", **row(each.use)} for each in told.months],
        "total": row(told.use),
        "caption": _("What the channels counted, by month"),
    }


def limit_words(asset: Asset, told: YearOfAsset) -> str:
    if asset.export_limit_kw is None:
        return ""
    limit = f"{formatting.number(asset.export_limit_kw.normalize())}{formatting.THIN_SPACE}kW"
    if told.hours_at_limit is None:
        return _(
            "The export limit is %(limit)s. How long it was reached is not known: one channel is to measure the export."
        ) % {"limit": limit}
    return _("The export stood at its limit of %(limit)s for %(hours)s h. What was lost meanwhile is not measured.") % {
        "limit": limit,
        "hours": formatting.number(told.hours_at_limit, 1),
    }


def plate_of(asset: Asset) -> list[dict[str, str]]:
    """The nameplate as facts: what is not known is left out."""
    told = []
    for name in NAMEPLATE[asset.kind]:
        value = getattr(asset, name)
        if value is None:
            continue
        unit = PLATE_UNITS[name]
        figure = formatting.number(value if isinstance(value, int) else value.normalize())
        told.append({"label": str(AssetForm.base_fields[name].label), "value": figure, "unit": unit})
    return told


def links_of(asset: Asset, told: YearOfAsset) -> list[dict[str, Any]]:
    """What measures it, each with how much of the year was measured of its role."""
    return [
        {
            "link": link,
            "role": link.get_role_display(),
            "tone": words.ROLE_TONES.get(link.role, "elec"),
            "percent": told.use.completeness_percent([link.role]),
        }
        for link in asset.kept_links  # type: ignore[attr-defined]
    ]


def microgrids_of(request: ActingRequest, asset: Asset) -> list[AssetMember]:
    rows = AssetMember.objects.visible_to(request.actor).lasting().filter(member=asset)
    return list(rows.select_related("microgrid").order_by("starts_on"))
