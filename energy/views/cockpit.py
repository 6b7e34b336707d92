"""The cockpit of the park: one page for the wall of its exhibition hall, read from four metres, kept up to date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from energy.choices import Commodity, Flow, Unit
from energy.permissions import can_open_cockpit
from energy.queries import cockpit as queries
from energy.queries import day_curves, totals, use
from energy.queries.day_curves import DayCurve
from energy.queries.use import Period, Series
from energy.views import drawing
from energy.views.overview import month_words
from lib import charts, formatting
from lib.periods import local_day
from lib.stacks import stacked
from parks.access import acting
from parks.requests import ActingRequest

REFRESHED_SECONDS = 60
FRESH = timedelta(minutes=60)
A_WEEK = timedelta(days=7)
MONTHS = 12
KWH_IN_MWH = 1000.0
# From the foot of the drawing up.
LAYERS = (Flow.GENERATION, Flow.DISCHARGE, Flow.IMPORT)
SCALE = [f"{hour:02}:00" for hour in range(0, 25, 4)]
ELECTRICITY = {
    flow: Series(Commodity.ELECTRICITY, flow, Unit.KWH)
    for flow in (Flow.IMPORT, Flow.GENERATION, Flow.EV_CHARGING, Flow.DISCHARGE, Flow.CHARGE, Flow.EXPORT)
}


@acting(can_open_cockpit)
@require_GET
def energy_cockpit(request: ActingRequest) -> HttpResponse:
    """Asked again every minute by the page itself, which then takes over its middle."""
    now, zone_name = timezone.now(), request.park.time_zone
    today = local_day(now, zone_name)
    local = now.astimezone(ZoneInfo(zone_name))
    months = use.months_before(today, MONTHS)
    every = totals.months_of_every_series(request.actor, months, zone_name=zone_name, today=today)
    shown = queries.only_shared(every, queries.parties_of_months(request.actor, months))
    enterprises, meters = queries.measured_parties(request.actor)
    context = {
        "theme": "dark",
        "now": local,
        "today_words": f"{formatting.day(today)} {date_format(today, 'l')}",
        "clock": drawing.clock_words(local),
        "zone": formatting.zone(local),
        "month_words": month_words(today),
        "day": _day(request, now, today, zone_name),
        "month": _month_figures(shown),
        "share": _share(shown),
        "others": _others(shown),
        "parties": {"enterprises": formatting.number(enterprises), "meters": formatting.number(meters)},
        "completeness_percent": totals.together((row[-1] for row in shown.values()), today).completeness_percent,
        "seconds": REFRESHED_SECONDS,
    }
    return render(request, "energy/energy_cockpit.html", context)


def _day(request: ActingRequest, now: datetime, today: date, zone_name: str) -> dict[str, Any] | None:
    """The latest day of which something is known, or None."""
    day = queries.latest_day(request.actor, Commodity.ELECTRICITY, Unit.KWH, LAYERS, today)
    if day is None:
        return None
    curves = _curves(request, day, zone_name, today)
    sources = [flow for flow in LAYERS if flow in curves]
    if not sources:
        return None
    minutes = min(curves[flow].curve.minutes for flow in sources)
    loads = {flow: _in_steps(each, minutes) for flow, each in curves.items()}
    whole = _sum([loads[flow] for flow in sources])
    lead = curves[Flow.IMPORT if Flow.IMPORT in curves else sources[0]]
    place = _last_place(lead, minutes, len(whole))
    if place is None:
        return None
    starts = use.interval_starts(day, len(whole), minutes, zone_name)
    until = starts[place] + timedelta(minutes=minutes)
    change = _change(curves, _curves(request, day - A_WEEK, zone_name, today)) if day < today else formatting.NOTHING
    highest = int(np.nanargmax(whole))
    power = drawing.measure("kW", float(whole[highest]))
    return {
        "is_live": now - until <= FRESH,
        "is_today": day == today,
        "day_words": formatting.day(day),
        "until": drawing.clock_words(until) if until.date() == day else "24:00",
        "load": {"value": power.words(float(whole[place])), "unit": power.unit},
        "figures": [
            {
                "label": _("Highest of the day"),
                "value": power.words(float(whole[highest])),
                "unit": power.unit,
                "note": drawing.clock_words(starts[highest]),
            },
            {"label": _("Electricity of the day"), **_quantity(_total(curves), "kWh"), "note": ""},
            {
                "label": _("Against the same day a week before"),
                "value": change,
                "unit": "" if change == formatting.NOTHING else "%",
                "note": "" if day < today else _("once the day is over"),
            },
        ],
        "flows": [
            {
                "label": drawing.counted_words(Commodity.ELECTRICITY, flow, Unit.KWH),
                "tone": drawing.tone_of(Commodity.ELECTRICITY, flow),
                "value": power.words(_known(loads[flow][place])),
                "unit": power.unit,
            }
            for flow in ELECTRICITY
            if flow in loads
        ],
        "chart": _chart(sources, loads, whole, minutes, place),
        "completeness_percent": _completeness(curves),
        "is_over": day < today,
    }


def _curves(request: ActingRequest, day: date, zone_name: str, today: date) -> dict[str, DayCurve]:
    """By flow those that tell of no single enterprise."""
    of = (Commodity.ELECTRICITY, Unit.KWH, day)
    found = day_curves.curves_of_day(request.actor, *of, zone_name=zone_name, today=today)
    parties = queries.parties_of_day(request.actor, *of)
    return {
        flow: each
        for flow, each in found.items()
        if Flow(flow) in ELECTRICITY and flow in parties and parties[flow].can_be_shown
    }


def _in_steps(each: DayCurve, minutes: int) -> Any:
    return np.repeat(each.curve.loads, each.curve.minutes // minutes)


def _sum(layers: list[Any]) -> Any:
    """Layers added up; NaN where none of them is known."""
    every = np.array(layers)
    return np.where(np.isnan(every).all(axis=0), np.nan, np.nansum(every, axis=0))


def _last_place(lead: DayCurve, minutes: int, count: int) -> int | None:
    step = queries.latest_step(lead.curve)
    return None if step is None else min((step + 1) * (lead.curve.minutes // minutes), count) - 1


def _total(curves: dict[str, DayCurve]) -> float:
    return sum(curves[flow].curve.total or 0.0 for flow in LAYERS if flow in curves)


def _completeness(curves: dict[str, DayCurve]) -> float | None:
    expected = sum(each.expected for each in curves.values())
    return min(sum(each.measured for each in curves.values()) / expected * 100, 100.0) if expected else None


def _chart(sources: list[Flow], loads: dict[str, Any], whole: Any, minutes: int, place: int) -> dict[str, Any]:
    highest = float(np.nanmax(whole))
    shown = drawing.measure("kW", highest)
    marks = charts.marks(highest / shown.divisor)
    layers = [[None if np.isnan(value) else float(value) / shown.divisor for value in loads[flow]] for flow in sources]
    hours = [each[:: 60 // minutes] if minutes < 60 else each for each in layers]
    names = [drawing.counted_words(Commodity.ELECTRICITY, flow, Unit.KWH) for flow in sources]
    return {
        "unit": shown.unit,
        "marks": drawing.mark_words(marks),
        "lines": drawing.line_places(marks),
        "layers": [
            {"tone": drawing.tone_of(Commodity.ELECTRICITY, flow), "path": path, "label": name}
            for flow, path, name in zip(sources, stacked(layers, marks[-1]), names, strict=True)
        ],
        "now": charts.percent((place + 1) / len(whole) * charts.SIDE),
        "scale": SCALE,
        "words": _("Electricity of the day by where it came from"),
        "table": {
            "columns": [
                {"label": _("From")},
                *({"label": name, "unit": shown.unit, "number": True} for name in names),
            ],
            "rows": [
                [
                    f"{hour:02}:00",
                    *(drawing.Measure(shown.unit).words(each[hour]) for each in hours),
                ]
                for hour in range(min(map(len, hours), default=0))
            ],
            "caption": _("Load at the beginning of each hour"),
        },
    }


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _quantity(value: float | None, unit: str) -> dict[str, str]:
    shown = drawing.measure(unit, value)
    return {"value": shown.words(value), "unit": shown.unit}


def _change(curves: dict[str, DayCurve], before: dict[str, DayCurve]) -> str:
    """In percent; of days that are not complete it would be a difference of what happened to arrive."""
    sources = [flow for flow in LAYERS if flow in curves]
    if sources != [flow for flow in LAYERS if flow in before]:
        return formatting.NOTHING
    known = [each[flow].completeness_percent for each in (curves, before) for flow in sources]
    whole = _total(before)
    if not whole or any(percent is None or percent < drawing.COMPLETE_PERCENT for percent in known):
        return formatting.NOTHING
    change = (_total(curves) / whole - 1) * 100
    return ("+" if round(change, 1) > 0 else "") + formatting.number(change, 1)


def _month_figures(shown: dict[Series, list[Period]]) -> list[dict[str, Any]]:
    """This month, flow by flow of electricity, each with its completeness."""
    rows = []
    for flow in (Flow.IMPORT, Flow.GENERATION, Flow.EV_CHARGING, Flow.DISCHARGE):
        periods = shown.get(ELECTRICITY[flow])
        if periods and periods[-1].total is not None:
            rows.append(
                {
                    "label": drawing.counted_words(Commodity.ELECTRICITY, flow, Unit.KWH),
                    "tone": drawing.tone_of(Commodity.ELECTRICITY, flow),
                    **_quantity(periods[-1].total, "kWh"),
                    "percent": periods[-1].completeness_percent,
                }
            )
    return rows


def _share(shown: dict[Series, list[Period]]) -> dict[str, Any] | None:
    """Own generation as a share of what was drawn and generated, this month and over those of twelve that tell both."""
    drawn, own = (shown.get(ELECTRICITY[flow]) for flow in (Flow.IMPORT, Flow.GENERATION))
    if not drawn or not own:
        return None
    pairs = [(mine.total, theirs.total) for mine, theirs in zip(own, drawn, strict=True)]
    monthly = [_percent(*pair) for pair in pairs]
    known = [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]
    year = _percent(sum(mine for mine, _theirs in known), sum(theirs for _mine, theirs in known))
    if monthly[-1] is None:
        return None
    return {"month": formatting.percent(monthly[-1]), "year": year, "bars": monthly, "label": _("Share by month")}


def _percent(own: float | None, drawn: float | None) -> float | None:
    if own is None or drawn is None or not own + drawn:
        return None
    return own / (own + drawn) * 100


def _others(shown: dict[Series, list[Period]]) -> list[dict[str, Any]]:
    """What is drawn of the other commodities this month."""
    return [
        {
            "label": drawing.counted_words(series.commodity, series.flow, series.unit),
            "tone": drawing.tone_of(series.commodity, series.flow),
            **_quantity(periods[-1].total, drawing.unit_words(series.unit)),
            "percent": periods[-1].completeness_percent,
        }
        for series, periods in shown.items()
        if series.commodity != Commodity.ELECTRICITY and series.flow == Flow.IMPORT and periods[-1].total is not None
    ]
