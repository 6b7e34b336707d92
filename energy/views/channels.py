"""The page of a channel: the curve of a day or a week, the months of the year, the year hour by hour."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from energy.models import Channel
from energy.permissions import can_change_row, can_correct, can_read_energy
from energy.queries import use
from energy.queries.assets.register import links_of_channel
from energy.queries.issues import issues_of
from energy.queries.register import last_day_of
from energy.tables import owner_words
from energy.views import comparison, drawing
from energy.views.drawing import Reference, Scale
from energy.views.meters import one_channel, today_of
from energy.views.virtual import formula_card
from lib import formatting
from lib.exports import export_response, requested
from parks.access import acting
from parks.requests import ActingRequest

VIEWS = ("day", "week", "month")
A_DAY = timedelta(days=1)
# Of a month every fifth day has its number below the curve.
DAYS_APART = 5
FIRST_YEAR, LAST_YEAR = 2000, 2100
SCALE_OF_A_DAY = 12


class Shown:
    """The time that the page shows of a channel, and the readings of it."""

    def __init__(self, channel: Channel, view: str, on: date, zone_name: str) -> None:
        self.channel, self.view, self.zone_name = channel, view, zone_name
        self.starts_on, self.ends_on = _span(view, on)
        self.days = [self.starts_on + A_DAY * place for place in range((self.ends_on - self.starts_on).days)]
        self.kept = use.days_between(channel, self.starts_on, self.ends_on)
        self.unit = drawing.unit_words(channel.unit)
        # A quantity of an interval is a load over an hour; what is observed is shown as it is.
        self.factor = 1.0 if channel.is_state else 60 / channel.interval_minutes
        self.load_unit = self.unit if channel.is_state else drawing.LOADS[channel.unit]
        self.tone = drawing.tone_of(channel.meter.commodity, channel.flow)
        self.values: list[float | None] = []
        self.flags = b""
        for day in self.days:
            values, flags = self._of_day(day)
            self.values += values
            self.flags += flags

    def _of_day(self, day: date) -> tuple[list[float | None], bytes]:
        if day in self.kept:
            return list(self.kept[day].values), self.kept[day].flags
        seconds = use.seconds_between(day, day + timedelta(days=1), self.zone_name)
        count = seconds // (60 * self.channel.interval_minutes)
        return [None] * count, bytes(count)

    @property
    def starts(self) -> list[Any]:
        """When each of the intervals begins."""
        return [moment for day in self.days for moment in self.starts_of(day)]

    def starts_of(self, day: date) -> list[Any]:
        count = len(self._of_day(day)[0])
        return use.interval_starts(day, count, self.channel.interval_minutes, self.zone_name)

    @property
    def loads(self) -> list[float | None]:
        return [None if value is None else value * self.factor for value in self.values]

    def period(self, day: date | None = None) -> use.Period:
        """What was used in all of it, or on one of its days, of the intervals that are over."""
        days = [day] if day else self.days
        kept = [self.kept[each] for each in days if each in self.kept]
        known = [value for one in kept for value in one.values if value is not None]
        total = sum(known) if known else None
        if total is not None and self.channel.is_state:
            total /= len(known)
        today = timezone.now().astimezone(ZoneInfo(self.zone_name)).date()
        service = (self.channel.service_starts_on, self.channel.service_ends_on)
        until = min(days[-1] + timedelta(days=1), today)
        expected = use.expected_intervals(days[0], until, service, self.channel.interval_minutes, self.zone_name)
        return use.Period(
            days[0],
            total=total,
            peak=max(known, default=None),
            present=len(known),
            measured=sum(one.measured for one in kept),
            expected=expected,
        )


def _span(view: str, on: date) -> tuple[date, date]:
    """The first day that a view shows around a day, and the one behind its last."""
    if view == "month":
        return on.replace(day=1), use.next_month(on)
    first = on - timedelta(days=on.weekday()) if view == "week" else on
    return first, first + timedelta(days=7 if view == "week" else 1)


@acting(can_read_energy)
@require_GET
def channel_detail(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    channel, today = one_channel(request, channel_id), today_of(request)
    view = request.GET.get("view", "day")
    view = view if view in VIEWS else "day"
    last_day = last_day_of(channel)
    on = chosen_day(request) or last_day or today - timedelta(days=1)
    shown = Shown(channel, view, on, request.park.time_zone)
    wanted = request.GET.get("export")
    if requested(wanted):
        return readings_file(shown, wanted)
    beside = comparison.asked(request, shown, Shown)
    months = use.months_of_channel(channel, date(on.year, 12, 1), request.park.time_zone, today)
    context = {
        "channel": channel,
        "meter": channel.meter,
        "counted": drawing.counted_words(channel.meter.commodity, channel.flow, channel.unit),
        "owner": owner_words(channel.meter),
        "tone": shown.tone,
        "on": on,
        "view": view,
        "title": period_words(shown),
        "previous": _span(view, shown.starts_on - A_DAY)[0],
        "next": shown.ends_on if shown.ends_on <= today else None,
        "figures": figures(shown),
        "chart": curve_of(shown, today, beside.drawn(shown) if beside else None),
        "table": table_of_day(shown) if view == "day" else table_of_days(shown),
        "comparison": comparison.offered(request, shown, beside),
        "year": on.year,
        "months": drawing.bar_chart(
            months,
            unit=shown.unit,
            tone=shown.tone,
            words=_("Use by month in %(year)s") % {"year": on.year},
            today=today,
        ),
        "month_table": table_of_months(shown, months),
        "heat": drawing.heat_chart(
            use.hours_of_year(channel, on.year, request.park.time_zone),
            months,
            factor=shown.factor,
            unit=shown.load_unit,
            tone=shown.tone,
            words=_("Each hour of %(year)s") % {"year": on.year},
        ),
        "can_change": can_change_row(request.actor, channel) and not request.actor.is_read_only,
        "can_check": can_correct(request.actor) and not request.actor.is_read_only,
        "has_readings": last_day is not None,
        "asset_links": links_of_channel(request.actor, channel),
        "formula": formula_card(channel),
        "issues": issues_of(channel, shown.starts_on, shown.ends_on),
    }
    return render(request, "energy/channel_detail.html", context)


def chosen_day(request: ActingRequest) -> date | None:
    """The day of the address, as far as it is one that anything was measured on."""
    return asked_day(request.GET.get("on", ""))


def asked_day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def period_words(shown: Shown) -> str:
    if shown.view == "day":
        return formatting.day(shown.starts_on)
    last = shown.ends_on - timedelta(days=1)
    return _("%(first)s to %(last)s") % {"first": formatting.day(shown.starts_on), "last": formatting.day(last)}


def figures(shown: Shown) -> list[dict[str, Any]]:
    """The strip above the curve."""
    period = shown.period()
    use_shown = drawing.measure(shown.unit, period.total)
    load = drawing.measure(shown.load_unit, None if period.peak is None else period.peak * shown.factor)
    percent = period.completeness_percent
    estimated = period.present - period.measured
    mean = None if period.total is None else period.total / max(period.present, 1) * shown.factor
    used = {
        "label": drawing.amount_words(shown.channel.flow),
        "value": use_shown.words(period.total),
        "unit": use_shown.unit,
        "tone": shown.tone,
        "note": estimated_words(estimated) if estimated else "",
    }
    highest = {
        "label": _("Highest value") if shown.channel.is_state else _("Highest load"),
        "value": load.words(None if period.peak is None else period.peak * shown.factor),
        "unit": load.unit,
        "note": peak_words(shown),
    }
    middle = {"label": _("Mean load"), "value": load.words(mean), "unit": load.unit, "note": ""}
    complete = {
        "label": pgettext("of readings", "Completeness"),
        "value": formatting.NOTHING if percent is None else formatting.percent(percent),
        "note": _("%(measured)s of %(expected)s intervals measured")
        % {"measured": formatting.number(period.measured), "expected": formatting.number(period.expected)},
    }
    return [used, highest, complete] if shown.channel.is_state else [used, highest, middle, complete]


def estimated_words(count: int) -> str:
    words = ngettext("%(count)s interval estimated", "%(count)s intervals estimated", count)
    return words % {"count": formatting.number(count)}


def peak_words(shown: Shown) -> str:
    known = [(value, -place) for place, value in enumerate(shown.values) if value is not None]
    if not known:
        return ""
    moment = shown.starts[-max(known)[1]]
    clock = drawing.clock_words(moment)
    return clock if shown.view == "day" else f"{formatting.day(moment.date(), compact=True)} {clock}"


def curve_of(shown: Shown, today: date, reference: Reference | None = None) -> dict[str, Any]:
    return drawing.load_chart(
        shown.loads,
        shown.flags,
        unit=shown.load_unit,
        tone=shown.tone,
        words=_("Load, %(period)s") % {"period": period_words(shown)},
        scale=Scale(_scale(shown), by_slots=shown.view != "day"),
        reference=reference,
        # As of what is due: what a gateway sends of today is not missing before tomorrow.
        over=sum(moment.date() < today for moment in shown.starts),
    )


def _scale(shown: Shown) -> list[str]:
    if shown.view == "day":
        return clock_scale(shown)
    if shown.view == "week":
        return [drawing.day_words(day) for day in shown.days]
    return [str(day.day) if day.day % DAYS_APART == 1 else "" for day in shown.days]


def clock_scale(shown: Shown) -> list[str]:
    """Thirteen times of the clock, evenly over the day."""
    starts, count = shown.starts, len(shown.values)
    return [drawing.clock_words(starts[count * place // SCALE_OF_A_DAY]) for place in range(SCALE_OF_A_DAY)] + ["24:00"]


def quality_words(flag: int) -> str:
    return {
        0: _("no reading"),
        1: _("measured"),
        2: _("estimated"),
        3: _("edited"),
        4: _("suspect"),
    }.get(flag, "")


def table_of_day(shown: Shown) -> dict[str, Any]:
    """Every interval with its value, its load and what it is worth."""
    use_shown, load = drawing.Measure(shown.unit), drawing.Measure(shown.load_unit)
    columns = [
        {"label": _("From"), "number": False},
        {"label": _("Value"), "unit": shown.unit, "number": True},
        {"label": _("Quality")},
    ]
    if not shown.channel.is_state:
        columns.insert(2, {"label": _("Load"), "unit": shown.load_unit, "number": True})
    rows = []
    for moment, value, flag in zip(shown.starts, shown.values, shown.flags, strict=True):
        row = [drawing.clock_words(moment), use_shown.words(value), quality_words(flag)]
        if not shown.channel.is_state:
            row.insert(2, load.words(None if value is None else value * shown.factor))
        rows.append(row)
    return {"columns": columns, "rows": rows, "caption": _("Readings of the day")}


def table_of_days(shown: Shown) -> dict[str, Any]:
    periods = [shown.period(day) for day in shown.days]
    words = [formatting.day(day) for day in shown.days]
    return period_table(shown, periods, words, _("Day"), _("Days"))


def table_of_months(shown: Shown, months: list[use.Period]) -> dict[str, Any]:
    past = [month for month in months if month.expected or month.present]
    words = [f"{month.starts_on.year}-{month.starts_on.month:02}" for month in past]
    table = period_table(shown, past, words, _("Month"), _("Months of the year"))
    return {**table, "total": total_row(shown, past)}


def period_table(shown: Shown, periods: list[use.Period], words: list[str], head: str, caption: str) -> dict[str, Any]:
    """Totals and peaks of days or months, each beside its completeness."""
    use_shown = drawing.measure(shown.unit, max((p.total for p in periods if p.total is not None), default=None))
    highest = max((p.peak for p in periods if p.peak is not None), default=None)
    load = drawing.measure(shown.load_unit, None if highest is None else highest * shown.factor)
    return {
        "columns": [
            {"label": head},
            {"label": drawing.amount_words(shown.channel.flow), "unit": use_shown.unit, "number": True},
            {"label": _("Highest"), "unit": load.unit, "number": True},
        ],
        "rows": [
            {
                "word": word,
                "cells": [
                    use_shown.words(period.total),
                    load.words(None if period.peak is None else period.peak * shown.factor),
                ],
                "percent": period.completeness_percent,
                "estimated": drawing.estimated_words(period),
            }
            for word, period in zip(words, periods, strict=True)
        ],
        "caption": caption,
    }


def total_row(shown: Shown, months: list[use.Period]) -> dict[str, Any] | None:
    """The year's sum in the unit of its months; of what is observed there is none."""
    totals = [month.total for month in months if month.total is not None]
    if shown.channel.is_state or not totals:
        return None
    use_shown = drawing.measure(shown.unit, max(totals))
    year = use.Period(
        months[0].starts_on,
        present=sum(month.present for month in months),
        measured=sum(month.measured for month in months),
        expected=sum(month.expected for month in months),
    )
    highest = max(month.peak for month in months if month.peak is not None) * shown.factor
    load = drawing.measure(shown.load_unit, highest)
    return {
        "cells": [use_shown.words(sum(totals)), load.words(highest)],
        "percent": year.completeness_percent,
        "estimated": drawing.estimated_words(year),
    }


def readings_file(shown: Shown, file_format: str) -> HttpResponse:
    """The readings that the page shows, a row an interval; times by the clock of the park, as on the page."""
    columns = [
        (_("From"), lambda row: row[0]),
        (f"{_('Value')} ({shown.unit})", lambda row: row[1]),
        (_("Quality"), lambda row: row[2]),
    ]
    rows = [
        (moment.isoformat(sep=" "), value, quality_words(flag))
        for moment, value, flag in zip(shown.starts, shown.values, shown.flags, strict=True)
    ]
    name = f"{shown.channel.meter.serial} {shown.starts_on.isoformat()}"
    return export_response(file_format, name, columns, rows)
