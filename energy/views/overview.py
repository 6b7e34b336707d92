"""The energy of a park or an enterprise: this month by commodity, the months before, who used how much."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from energy.models import Meter
from energy.permissions import can_keep_meters, can_read_energy
from energy.queries import use
from energy.views import drawing
from energy.views.meters import today_of
from enterprises.models import Enterprise
from enterprises.tables.register import shown_names
from lib import formatting
from parks.access import acting
from parks.requests import ActingRequest

MOST_FIGURES = 5
MOST_USERS = 15
MONTHS = 12
# And the one of a year before, which the last is held against.
MONTHS_ASKED = MONTHS + 1


@acting(can_read_energy)
@require_GET
def energy_overview(request: ActingRequest) -> HttpResponse:
    """Of the month of `?month=`, or the one that runs; `?of=` names the series that is looked at closely."""
    today = today_of(request)
    month = chosen_month(request, today)
    series = [one for one in use.series_of(request.actor) if not one.is_state]
    if not series:
        can_enter = can_keep_meters(request.actor) and not request.actor.is_read_only
        return render(request, "energy/energy_overview.html", {"is_empty": True, "can_enter": can_enter})
    chosen = next((one for one in series if one.key == request.GET.get("of")), series[0])
    zone, months = request.park.time_zone, use.months_before(month, MONTHS_ASKED)
    of_series = {
        one.key: use.months_of_series(request.actor, one, months, zone, today) for one in series[:MOST_FIGURES]
    }
    asked = of_series.get(chosen.key) or use.months_of_series(request.actor, chosen, months, zone, today)
    periods = asked[-MONTHS:]
    context = {
        "month": month,
        "month_words": month_words(month),
        "previous": use.months_before(month, 2)[0],
        "next": use.next_month(month) if use.next_month(month) <= today else None,
        "figures": [figure_of(one, of_series[one.key], today) for one in series[:MOST_FIGURES]],
        "tabs": [
            {"label": series_words(one), "url": f"?month={month:%Y-%m}&of={one.key}", "active": one == chosen}
            for one in series
        ],
        "chosen": chosen,
        "chosen_words": series_words(chosen),
        "chart": drawing.bar_chart(
            periods,
            unit=drawing.unit_words(chosen.unit),
            tone=drawing.tone_of(chosen.commodity, chosen.flow),
            words=_("%(series)s by month") % {"series": series_words(chosen)},
            today=today,
        ),
        "table": month_table(chosen, periods),
        "users": users_table(request, chosen, month, today),
        "is_official": request.actor.is_official,
    }
    return render(request, "energy/energy_overview.html", context)


def chosen_month(request: ActingRequest, today: date) -> date:
    try:
        year, number = map(int, request.GET.get("month", "").split("-"))
        month = date(year, number, 1)
    except ValueError:
        return today.replace(day=1)
    return month if date(2000, 1, 1) <= month <= today else today.replace(day=1)


def month_words(month: date) -> str:
    return (
        f"{month.year}年{month.month}月"
        if formatting.speaks_chinese()
        else f"{drawing.month_words(month)} {month.year}"
    )


def series_words(series: use.Series) -> str:
    return drawing.counted_words(series.commodity, series.flow, series.unit)


def figure_of(series: use.Series, asked: list[use.Period], today: date) -> dict[str, Any]:
    """A figure of the strip: this month, how complete it is, what it is against others, and twelve months as bars.

    asked: thirteen months, the last of which is shown.
    """
    period, periods = asked[-1], asked[-MONTHS:]
    shown = drawing.measure(drawing.unit_words(series.unit), period.total)
    percent = period.completeness_percent
    complete = (
        _("no reading is due yet")
        if percent is None
        else _("%(percent)s complete") % {"percent": formatting.percent(percent)}
    )
    estimated = drawing.estimated_words(period)
    return {
        "label": series_words(series),
        "value": shown.words(period.total),
        "unit": shown.unit,
        "tone": drawing.tone_of(series.commodity, series.flow),
        "note": _(", ").join(filter(None, [complete, estimated, *changes(asked, today)])),
        "bars": [one.total for one in periods],
        "bar_slots": len(periods),
        "bar_hatched": [place for place, one in enumerate(periods) if not drawing.is_certain(one, today)],
    }


def changes(asked: list[use.Period], today: date) -> list[str]:
    """What the last month is against the one before and that of a year before, where both are over and complete."""
    last, said = asked[-1], []
    for other in (asked[-2], asked[0]):
        if last.total is None or not other.total or not all(drawing.is_certain(one, today) for one in (last, other)):
            continue
        change = (last.total - other.total) / abs(other.total) * 100
        words = {"change": formatting.signed_percent(change), "month": f"{other.starts_on:%Y-%m}"}
        said.append(_("%(change)s against %(month)s") % words)
    return said


def month_table(series: use.Series, periods: list[use.Period]) -> dict[str, Any]:
    past = [period for period in periods if period.expected or period.present]
    shown = _measure(series, past)
    return {
        "columns": [
            {"label": _("Month")},
            {"label": drawing.amount_words(series.flow), "unit": shown.unit, "number": True},
        ],
        "rows": [
            {
                "word": f"{period.starts_on:%Y-%m}",
                "cells": [shown.words(period.total)],
                "percent": period.completeness_percent,
                "estimated": drawing.estimated_words(period),
            }
            for period in reversed(past)
        ],
        "caption": _("Months"),
    }


def users_table(request: ActingRequest, series: use.Series, month: date, today: date) -> dict[str, Any]:
    """The largest users of the month: enterprises for officials, the own meters for people of an enterprise."""
    by = "enterprise_id" if request.actor.is_official else "meter_id"
    users = use.users_of_series(request.actor, series, month, request.park.time_zone, today, by=by)
    whole = sum(user.use.total or 0.0 for user in users)
    shown = _measure(series, [user.use for user in users])
    names = _names(request, users[:MOST_USERS])
    rows = [
        {
            "word": names[user.owner_id][0],
            "url": names[user.owner_id][1],
            "cells": [
                shown.words(user.use.total),
                formatting.NOTHING if not whole else formatting.percent((user.use.total or 0.0) / whole * 100),
            ],
            "percent": user.use.completeness_percent,
            "estimated": drawing.estimated_words(user.use),
        }
        for user in users[:MOST_USERS]
    ]
    rest = users[MOST_USERS:]
    if rest:
        total = sum(user.use.total or 0.0 for user in rest)
        others = _together(rest)
        rows.append(
            {
                "word": _("All others (%(count)s)") % {"count": formatting.number(len(rest))},
                "cells": [shown.words(total), formatting.percent(total / whole * 100) if whole else formatting.NOTHING],
                "percent": others.completeness_percent,
                "estimated": drawing.estimated_words(others),
            }
        )
    return {
        "columns": [
            {"label": _("Enterprise") if request.actor.is_official else _("Meter")},
            {"label": drawing.amount_words(series.flow), "unit": shown.unit, "number": True},
            {"label": _("Share"), "number": True},
        ],
        "rows": rows,
        "total": _sum_row(users, shown, whole),
        "caption": _("By enterprise") if request.actor.is_official else _("By meter"),
    }


def _sum_row(users: list[use.User], shown: drawing.Measure, whole: float) -> dict[str, Any] | None:
    if len(users) < 2 or not whole:
        return None
    together = _together(users)
    return {
        "cells": [shown.words(whole), formatting.percent(100)],
        "percent": together.completeness_percent,
        "estimated": drawing.estimated_words(together),
    }


def _together(users: list[use.User]) -> use.Period:
    """How complete the use of several is."""
    return use.Period(
        users[0].use.starts_on,
        present=sum(user.use.present for user in users),
        measured=sum(user.use.measured for user in users),
        expected=sum(user.use.expected for user in users),
    )


def _measure(series: use.Series, periods: list[use.Period]) -> drawing.Measure:
    highest = max((period.total for period in periods if period.total is not None), default=None)
    return drawing.measure(drawing.unit_words(series.unit), highest)


def _names(request: ActingRequest, users: list[use.User]) -> dict[UUID | None, tuple[str, str]]:
    """What owners are called, and the way to their meters."""
    ids = [user.owner_id for user in users if user.owner_id is not None]
    if not request.actor.is_official:
        meters = Meter.objects.visible_to(request.actor).filter(pk__in=ids)
        return {row.pk: (row.name, reverse("energy:meter_detail", kwargs={"meter_id": row.pk})) for row in meters}
    address = reverse("energy:meter_list")
    enterprises = Enterprise.objects.visible_to(request.actor).filter(pk__in=ids)
    named: dict[UUID | None, tuple[str, str]] = {None: (_("The park"), f"{address}?owner=park")}
    for row in enterprises:
        named[row.pk] = (shown_names(row)[0], f"{address}?q={row.credit_code}")
    return named
