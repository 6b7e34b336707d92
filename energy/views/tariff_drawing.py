"""Tariffs as pages draw them: the price of each half hour of a day, and the same hours in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.choices import time_zone_choices
from energy.calculations.tariff_clock import DAY_KINDS, LETTERS, PERIODS, SLOTS, stretches_of
from energy.choices import DayKind, TariffPeriod
from energy.forms.tariffs import runs_of, written_stretches
from energy.models import TariffVersion
from energy.queries.tariff_use import PeriodUse
from energy.views import drawing
from lib import charts, formatting
from lib.addresses import address_of

# The dearest hours are the warmest; heights say the same without colours.
TONES = {"sharp": "heat", "peak": "elec", "flat": "ref", "valley": "water", "deep": "stor"}
PRICE_UNIT = "CNY/kWh"
SCALE = [f"{hour:02}:00" for hour in range(0, 25, 2)]


def clock_words(time_zone: str) -> str:
    return str(dict(time_zone_choices()).get(time_zone, time_zone))


def price_words(value: Any) -> str:
    return formatting.NOTHING if value is None else formatting.number(value.normalize(), max(_places(value), 2))


def _places(value: Any) -> int:
    return max(-int(value.normalize().as_tuple().exponent), 0)


def month_words(months: list[int]) -> str:
    if len(months) == 12:
        return _("All year")
    named = {month: drawing.month_words(date(2026, month, 1)) for month in months}
    return _(", ").join("–".join(dict.fromkeys((named[run[0]], named[run[-1]]))) for run in runs_of(months))


def version_line(version: TariffVersion, today: date) -> dict[str, Any]:
    """A version in the list of its tariff, with the badge that says where it stands."""
    if version.state == "in_force":
        if version.starts_on > today:
            mark = ("info", pgettext("of a tariff", "From a later day"))
        elif version.ends_on is not None and version.ends_on <= today:
            mark = ("mute", pgettext("of a tariff", "Ended"))
        else:
            mark = ("ok", version.get_state_display())
    else:
        mark = ("warn" if version.is_draft else "mute", version.get_state_display())
    return {"version": version, "mark": mark}


def price_rows(version: TariffVersion) -> list[dict[str, Any]]:
    """Every price that the version has, with its unit."""
    rows: list[tuple[Any, Any, str, str]] = [
        (TariffPeriod(period).label, getattr(version, f"price_{period}"), PRICE_UNIT, TONES[period])
        for period in PERIODS
    ]
    rows += [
        (_("Funds and levies"), version.levy_per_kwh, PRICE_UNIT, ""),
        (_("Demand charge, a month"), version.demand_price_per_kw, "CNY/kW", ""),
        (_("Capacity charge, a month"), version.capacity_price_per_kva, "CNY/kVA", ""),
    ]
    return [
        {"label": label, "value": price_words(value), "unit": unit, "tone": tone}
        for label, value, unit, tone in rows
        if value is not None
    ]


def use_table(uses: Sequence[PeriodUse]) -> dict[str, Any]:
    """For `energy/_period_table.html`: the use of each channel by period, beside its completeness."""
    used = [period for period in PERIODS if any(period in use.use_kwh for use in uses)]
    shown = drawing.measure("kWh", max((sum(use.use_kwh.values()) for use in uses), default=None))
    columns: list[dict[str, Any]] = [{"label": _("Meter")}]
    columns += [{"label": TariffPeriod(period).label, "unit": shown.unit, "number": True} for period in used]
    columns.append({"label": _("Use"), "unit": shown.unit, "number": True})
    return {
        "columns": columns,
        "rows": [
            {
                "word": use.assignment.channel.meter.name,
                "url": address_of("energy:channel_cost", "channel_id")(use.assignment.channel_id),
                **_row([use], used, shown),
            }
            for use in uses
        ],
        "total": _row(uses, used, shown) if len(uses) > 1 else None,
        "caption": _("Use by tariff period"),
    }


def _row(uses: Sequence[PeriodUse], used: Sequence[str], shown: drawing.Measure) -> dict[str, Any]:
    sums = [sum(use.use_kwh.get(period, 0.0) for use in uses) for period in used]
    expected = sum(use.expected for use in uses)
    percent = min(sum(use.measured for use in uses) / expected * 100, 100.0) if expected else None
    return {"cells": [*map(shown.words, sums), shown.words(sum(sums))], "percent": percent}


def hours_of(letters: str, letter: str) -> SafeString:
    """The stretches of a period, none of which is broken between its two ends."""
    stretches = written_stretches(letters, letter).split(", ")
    return format_html_join(", ", '<span class="hours">{}</span>', ((stretch,) for stretch in stretches))


def days_of(version: TariffVersion) -> list[dict[str, Any]]:
    """A drawing and a table for each season and the kinds of days that are alike in it."""
    return [
        _day(version, season, letters, kinds) for season in version.seasons for letters, kinds in _alike(season).items()
    ]


def _alike(season: dict[str, Any]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for kind in DAY_KINDS:
        kinds.setdefault(season[kind], []).append(kind)
    return kinds


def _day(version: TariffVersion, season: dict[str, Any], letters: str, kinds: list[str]) -> dict[str, Any]:
    named = _(", ").join(str(DayKind(kind).label) for kind in kinds)
    words = f"{month_words(season['months'])} · {named}"
    prices = {letter: getattr(version, f"price_{period}") for letter, period in zip(LETTERS, PERIODS, strict=True)}
    marks = charts.marks(max(float(price) for price in prices.values() if price is not None))
    bands = [
        {
            "tone": TONES[PERIODS[LETTERS.index(letter)]],
            "x": charts.percent(first / SLOTS * charts.SIDE),
            "width": charts.percent((behind - first) / SLOTS * charts.SIDE),
            "y": charts.percent((1 - float(prices[letter]) / marks[-1]) * charts.SIDE),
            "height": charts.percent(float(prices[letter]) / marks[-1] * charts.SIDE),
        }
        for letter in LETTERS
        for first, behind in stretches_of(letters, letter)
    ]
    used = [(letter, period) for letter, period in zip(LETTERS, PERIODS, strict=True) if letter in letters]
    return {
        "words": words,
        "bands": bands,
        "marks": drawing.mark_words(marks),
        "lines": drawing.line_places(marks),
        "unit": PRICE_UNIT,
        "scale": SCALE,
        "legend": [{"tone": TONES[period], "label": TariffPeriod(period).label} for _letter, period in used],
        "table": {
            "columns": [
                {"label": _("Period")},
                {"label": _("Hours")},
                {"label": _("Price"), "unit": PRICE_UNIT, "number": True},
            ],
            "rows": [
                [TariffPeriod(period).label, hours_of(letters, letter), price_words(prices[letter])]
                for letter, period in used
            ],
            "caption": words,
        },
    }
