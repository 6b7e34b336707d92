"""The calendar of data quality: a year of days, how complete each is and what waits; a day leads to its work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from energy.choices import Commodity
from energy.permissions import can_read_energy
from energy.queries import quality_days as queries
from energy.queries import register, totals
from energy.queries.quality_days import QualityDay
from energy.queries.use import Period
from energy.views import drawing
from energy.views.meters import today_of
from energy.views.tariff_drawing import clock_words
from lib import formatting
from lib.exports import export_response, requested
from lib.templatetags.measures import LOW_COMPLETENESS
from parks.access import acting
from parks.requests import ActingRequest

FIRST_YEAR = 2000
LONGEST_SEARCH = 100
# From here on a day counts as complete: a reading in a thousand is a matter of rounding.
WHOLE = 99.95
NOTHING_DUE, COMPLETE, NEARLY, FILLED, MISSING = "none", "complete", "nearly", "filled", "missing"


@acting(can_read_energy)
@require_GET
def quality_calendar(request: ActingRequest) -> HttpResponse:
    """Of `?year=`; `?q=`, `?commodity=`, `?owner=` and `?channel=` say of which channels."""
    today = today_of(request)
    year, asked = _year(request, today), _asked(request)
    channels = queries.channels_asked(request.actor, **asked)
    days = queries.days_of_year(channels, year, zone_name=request.park.time_zone, today=today)
    wanted = request.GET.get("export")
    if requested(wanted):
        return _file(days, year, wanted)
    whole = totals.together((each.period for each in days), date(year, 1, 1))
    rest = {name: value for name, value in asked.items() if value and name != "words"}
    rest |= {"q": asked["words"]} if asked["words"] else {}
    context = {
        "year": year,
        "previous": _address(year - 1, rest) if year > FIRST_YEAR else "",
        "next": _address(year + 1, rest) if year < today.year else "",
        "zone": clock_words(request.park.time_zone),
        "asked": asked,
        "commodities": Commodity.choices,
        "owners": [(register.OF_THE_PARK, _("The park")), (register.OF_ENTERPRISES, _("Enterprises"))]
        if request.actor.is_official
        else [],
        "is_narrowed": bool(rest),
        "is_empty": not whole.expected and not whole.present,
        "figures": _figures(whole, sum(each.waiting for each in days)),
        "months": [_month(list(month), rest) for _number, month in groupby(days, key=lambda each: each.day.month)],
        "table": _table(days, year),
    }
    return render(request, "energy/quality_calendar.html", context)


def _year(request: ActingRequest, today: date) -> int:
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else today.year
    return year if FIRST_YEAR <= year <= today.year else today.year


def _asked(request: ActingRequest) -> dict[str, str]:
    """A value that does not exist narrows nothing."""
    commodity, owner = request.GET.get("commodity", ""), request.GET.get("owner", "")
    channel = request.GET.get("channel", "")
    return {
        "words": request.GET.get("q", "").strip()[:LONGEST_SEARCH],
        "commodity": commodity if commodity in Commodity.values else "",
        "owner": owner if owner in (register.OF_THE_PARK, register.OF_ENTERPRISES) else "",
        "channel": channel if _is_identifier(channel) else "",
    }


def _is_identifier(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _address(year: int, rest: dict[str, str]) -> str:
    return "?" + urlencode({"year": year, **rest})


def _figures(whole: Period, waiting: int) -> list[dict[str, Any]]:
    def share(count: int) -> str:
        return formatting.percent(count / whole.expected * 100, 2) if whole.expected else formatting.NOTHING

    def intervals(count: int) -> str:
        words = ngettext("%(count)s interval", "%(count)s intervals", count)
        return words % {"count": formatting.number(count)}

    filled = max(whole.present - whole.measured, 0)
    missing = max(whole.expected - whole.present, 0)
    return [
        {
            "label": _("Measured"),
            "value": share(min(whole.measured, whole.expected)),
            "note": _("%(measured)s of %(expected)s intervals")
            % {"measured": formatting.number(whole.measured), "expected": formatting.number(whole.expected)},
        },
        {"label": _("Estimated or edited"), "value": share(filled), "note": intervals(filled)},
        {"label": _("Missing"), "value": share(missing), "note": intervals(missing)},
        {"label": _("Waiting for a decision"), "value": formatting.number(waiting), "note": _("issues of days")},
    ]


def state_of(each: QualityDay) -> str:
    """How a day is drawn."""
    percent = each.period.completeness_percent
    if percent is None:
        return NOTHING_DUE
    if percent >= WHOLE:
        return COMPLETE
    if percent >= LOW_COMPLETENESS:
        return NEARLY
    return FILLED if each.period.present / each.period.expected * 100 >= LOW_COMPLETENESS else MISSING


def _month(days: Sequence[QualityDay], rest: dict[str, str]) -> dict[str, Any]:
    together = totals.together((each.period for each in days), days[0].day)
    percent = together.completeness_percent
    return {
        "word": drawing.month_words(days[0].day),
        "percent": formatting.NOTHING if percent is None else formatting.percent(percent),
        "first_column": days[0].day.isoweekday(),
        "days": [_day(each, rest) for each in days],
    }


def _day(each: QualityDay, rest: dict[str, str]) -> dict[str, Any]:
    """`rest`: of which channels; the work that a day leads to is of the same."""
    state, percent = state_of(each), each.period.completeness_percent
    told = [formatting.day(each.day)]
    measured = "" if percent is None else formatting.percent(percent)
    told.append(_("%(percent)s measured") % {"percent": measured} if measured else _("nothing is due"))
    if each.waiting:
        words = ngettext("%(count)s issue waits", "%(count)s issues wait", each.waiting)
        told.append(words % {"count": formatting.number(each.waiting)})
    linked = state != NOTHING_DUE or each.waiting
    asked = {"state": "all", "day": each.day.isoformat(), **rest}
    return {
        "number": each.day.day,
        "state": state,
        "waiting": each.waiting,
        "words": _(", ").join(told),
        "url": f"{reverse('energy:issue_list')}?{urlencode(asked)}" if linked else "",
    }


def _table(days: Sequence[QualityDay], year: int) -> dict[str, Any]:
    """Month by month what the squares say."""
    rows = []
    for number, month in groupby(days, key=lambda each: each.day.month):
        every = list(month)
        together = totals.together((each.period for each in every), every[0].day)
        if together.expected or together.present:
            counts = [sum(state_of(each) == state for each in every) for state in (COMPLETE, NEARLY, FILLED, MISSING)]
            rows.append(
                {
                    "word": f"{year}-{number:02}",
                    "cells": [*map(formatting.number, counts), formatting.number(sum(each.waiting for each in every))],
                    "percent": together.completeness_percent,
                    "estimated": drawing.estimated_words(together),
                }
            )
    heads = [
        _("Complete days"),
        _("at least 98 percent"),
        _("Filled by estimates"),
        _("Readings missing"),
        _("Issues waiting"),
    ]
    return {
        "columns": [{"label": _("Month")}, *({"label": head, "number": True} for head in heads)],
        "rows": rows,
        "caption": _("Months of the year"),
    }


def _file(days: Sequence[QualityDay], year: int, file_format: str) -> HttpResponse:
    columns = [
        (_("Day"), lambda each: each.day.isoformat()),
        (_("Intervals expected"), lambda each: each.period.expected),
        (_("Measured"), lambda each: each.period.measured),
        (_("Estimated or edited"), lambda each: max(each.period.present - each.period.measured, 0)),
        (_("Issues waiting"), lambda each: each.waiting),
    ]
    return export_response(file_format, f"{_('data quality')} {year}", columns, days)
