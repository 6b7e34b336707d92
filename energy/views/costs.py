"""What a channel costs by month: use by tariff period, demand, power factor, and the lines of each statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from energy.calculations import charges
from energy.calculations.charges import Charge
from energy.calculations.tariff_clock import PERIODS
from energy.choices import TariffPeriod
from energy.models import Channel, TariffAssignment
from energy.permissions import can_change_row, can_keep_tariffs, can_read_energy
from energy.queries import tariffs as queries
from energy.queries import use
from energy.queries.register import last_day_of
from energy.queries.tariffs import MonthCost
from energy.tables import owner_words
from energy.views import drawing
from energy.views.channels import FIRST_YEAR, asked_day
from energy.views.meters import one_channel, today_of
from energy.views.tariff_drawing import TONES, clock_words, price_words
from lib import formatting
from lib.exports import export_response, requested
from lib.templatetags import ui
from parks.access import acting
from parks.requests import ActingRequest

MOST_DAYS = 366


class Asked:
    """The time that the page is asked for: some days, or a month of its year."""

    def __init__(self, request: ActingRequest, channel: Channel) -> None:
        self.today = today_of(request)
        self.first, self.behind = (asked_day(request.GET.get(name, "")) for name in ("from", "until"))
        is_asked = self.first is not None and self.behind is not None
        self.are_days = is_asked and 0 < (self.behind - self.first).days <= MOST_DAYS  # type: ignore[operator]
        self.is_refused = bool(request.GET.get("from") or request.GET.get("until")) and not self.are_days
        last = last_day_of(channel) or self.today
        self.month = (asked_day(f"{request.GET.get('month', '')}-01") or last).replace(day=1)

    def statements(self, months: Sequence[MonthCost], channel: Channel, zone_name: str) -> list[MonthCost]:
        if self.are_days and self.first and self.behind:
            return queries.costs_of(channel, self.first, self.behind, zone_name=zone_name, today=self.today)
        return [cost for cost in months if cost.month == self.month]


@acting(can_read_energy)
@require_GET
def channel_cost(request: ActingRequest, channel_id: UUID) -> HttpResponse:
    channel, zone_name = one_channel(request, channel_id), request.park.time_zone
    asked = Asked(request, channel)
    year = asked.month.year
    span = date(year, 1, 1), date(year + 1, 1, 1)
    months = queries.costs_of(channel, *span, zone_name=zone_name, today=asked.today)
    statements = asked.statements(months, channel, zone_name)
    wanted = request.GET.get("export")
    if requested(wanted):
        return lines_file(channel, statements if asked.are_days else months, wanted)
    charged = [cost for cost in months if cost.charged_days]
    held = assignments(channel)
    context = {
        "channel": channel,
        "meter": channel.meter,
        "owner": owner_words(channel.meter),
        "counted": drawing.counted_words(channel.meter.commodity, channel.flow, channel.unit),
        "tone": drawing.tone_of(channel.meter.commodity, channel.flow),
        "asked": asked,
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < asked.today.year else None,
        "assignments": held,
        "clock": _other_clock(held, zone_name),
        "chart": chart_of(months, year, asked.today) if charged else None,
        "months": table_of(charged, channel),
        "statements": [statement_of(cost) for cost in statements if cost.charged_days],
        "total": sum((cost.total for cost in statements), Decimal("0.00")),
        "can_assign": can_keep_tariffs(request.actor)
        and can_change_row(request.actor, channel)
        and not request.actor.is_read_only,
    }
    return render(request, "energy/channel_cost.html", context)


def assignments(channel: Channel) -> list[TariffAssignment]:
    rows = TariffAssignment.objects.filter(park_id=channel.park_id, channel_id=channel.pk)
    return list(rows.select_related("tariff").order_by("-starts_on"))


def _other_clock(held: Sequence[TariffAssignment], zone_name: str) -> str:
    """The clock of the tariff where it is not that of the park, by whose days totals are told elsewhere."""
    zones = {assignment.tariff.time_zone for assignment in held} - {zone_name}
    return clock_words(zones.pop()) if zones else ""


def chart_of(months: Sequence[MonthCost], year: int, today: date) -> dict[str, Any]:
    by_month = {cost.month: cost for cost in months}
    periods = [_as_period(by_month.get(month), month) for month in use.months_before(date(year, 12, 1), 12)]
    return drawing.bar_chart(
        periods, unit="CNY", tone="elec", words=_("Cost by month in %(year)s") % {"year": year}, today=today
    )


def _as_period(cost: MonthCost | None, month: date) -> use.Period:
    if cost is None or not cost.charged_days:
        return use.Period(month)
    return use.Period(month, float(cost.total), None, cost.present, cost.measured, cost.expected)


def table_of(months: Sequence[MonthCost], channel: Channel) -> dict[str, Any]:
    """Use by tariff period, cost and completeness of each month."""
    used = [period for period in PERIODS if any(period in cost.use_kwh for cost in months)]
    shown = drawing.measure("kWh", max((float(cost.total_kwh) for cost in months), default=None))
    columns: list[dict[str, Any]] = [{"label": _("Month")}]
    columns += [{"label": TariffPeriod(period).label, "unit": shown.unit, "number": True} for period in used]
    columns += [
        {"label": _("Use"), "unit": shown.unit, "number": True},
        {"label": _("Cost"), "unit": "CNY", "number": True},
    ]
    rows = [
        {
            "word": month_of(cost.month),
            "is_time": True,
            "url": f"?month={month_of(cost.month)}#statement",
            "cells": _cells([cost], used, shown),
            "percent": cost.completeness_percent,
        }
        for cost in months
    ]
    expected = sum(cost.expected for cost in months)
    total = {
        "cells": _cells(months, used, shown),
        "percent": min(sum(cost.measured for cost in months) / expected * 100, 100.0) if expected else None,
    }
    return {
        "columns": columns,
        "rows": rows,
        "total": total if len(rows) > 1 else None,
        "caption": _("Cost by month"),
    }


def _cells(months: Sequence[MonthCost], used: Sequence[str], shown: drawing.Measure) -> list[str]:
    zero = Decimal("0.000")
    sums = [sum((cost.use_kwh.get(period, zero) for cost in months), zero) for period in used]
    cost = sum((each.total for each in months), Decimal("0.00"))
    return [*(shown.words(float(each)) for each in sums), shown.words(float(sum(sums))), formatting.number(cost, 2)]


def month_of(month: date) -> str:
    return f"{month:%Y-%m}"


def statement_of(cost: MonthCost) -> dict[str, Any]:
    """A month's lines, whose sum is its total, and what they stand on."""
    return {
        "month": month_of(cost.month),
        "columns": [
            {"label": _("Item")},
            {"label": _("Quantity"), "number": True},
            {"label": _("Price"), "number": True},
            {"label": _("Amount"), "unit": "CNY", "number": True},
        ],
        "rows": [[item_words(line), *figure_words(line), formatting.number(line.amount, 2)] for line in cost.lines],
        "total": cost.total,
        "percent": cost.completeness_percent,
        "shares": shares_of(cost),
        "demand": f"{formatting.number(cost.demand_kw, 1)} kW" if cost.demand_kw is not None else "",
        "demand_at": ui.local_time(cost.demand_at) if cost.demand_at else "",
        "power_factor": formatting.number(cost.power_factor, 2) if cost.power_factor is not None else "",
        "remarks": list(remarks_on(cost)),
    }


def shares_of(cost: MonthCost) -> list[dict[str, Any]]:
    """How much of the use lies in each period."""
    whole = cost.total_kwh
    return [
        {
            "label": TariffPeriod(period).label,
            "tone": TONES[period],
            "percent": formatting.percent(float(used / whole * 100)) if whole else formatting.NOTHING,
            "value": f"{formatting.number(used, 3)} kWh",
        }
        for period, used in cost.use_kwh.items()
    ]


def remarks_on(cost: MonthCost) -> list[str]:
    told = []
    estimated, missing = cost.present - cost.measured, cost.expected - cost.present
    if missing > 0:
        words = ngettext(
            "%(count)s interval is missing and costs nothing here: the bill will be higher.",
            "%(count)s intervals are missing and cost nothing here: the bill will be higher.",
            missing,
        )
        told.append(words % {"count": formatting.number(missing)})
    if estimated > 0:
        words = ngettext(
            "%(count)s interval counts that was not measured.",
            "%(count)s intervals count that were not measured.",
            estimated,
        )
        told.append(words % {"count": formatting.number(estimated)})
    if cost.charged_days < cost.days:
        told.append(
            _("%(charged)s of %(days)s days have a tariff.") % {"charged": cost.charged_days, "days": cost.days}
        )
    if cost.is_factor_unknown:
        told.append(_("The power factor is not known: no reactive energy was measured, so nothing is adjusted."))
    return told


def item_words(line: Charge) -> str:
    words = {
        charges.LEVY: _("Funds and levies"),
        charges.DEMAND: _("Demand charge"),
        charges.CAPACITY: _("Capacity charge"),
        charges.ADJUSTMENT: _("Power factor adjustment"),
    }
    name = words.get(line.kind) or _("Energy, %(period)s") % {"period": TariffPeriod(line.period).label}
    if not line.version_number:
        return name
    return _("%(item)s (version %(number)s)") % {"item": name, "number": line.version_number}


def figure_words(line: Charge) -> tuple[str, str]:
    """Quantity and price of a line."""
    if line.kind == charges.ADJUSTMENT:
        return formatting.money(line.quantity), f"{formatting.number(line.price, 2)}\u2009%"
    quantity = f"{formatting.number(line.quantity, 3)}\u2009{line.unit}"
    if line.month_days and line.days < line.month_days:
        share = _("%(days)s of %(month_days)s days") % {"days": line.days, "month_days": line.month_days}
        quantity = f"{quantity} · {share}"
    return quantity, price_words(line.price)


def lines_file(channel: Channel, months: Sequence[MonthCost], file_format: str) -> HttpResponse:
    """Every line of every month, a row each."""
    columns = [
        (_("Month"), lambda row: month_of(row[0])),
        (_("Item"), lambda row: item_words(row[1])),
        (_("Quantity"), lambda row: row[1].quantity),
        (_("Unit"), lambda row: row[1].unit),
        (_("Price"), lambda row: row[1].price),
        (_("Days charged"), lambda row: row[1].days or None),
        (_("Amount (CNY)"), lambda row: row[1].amount),
        (_("Completeness (%)"), lambda row: row[2]),
    ]
    rows = [
        (cost.month, line, None if cost.completeness_percent is None else round(cost.completeness_percent, 2))
        for cost in months
        for line in cost.lines
    ]
    return export_response(file_format, f"{channel.meter.serial} {_('cost')}", columns, rows)
