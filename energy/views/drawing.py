"""Readings as pages draw them: units that fit the size, colours, curves, bars and heat maps with their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from energy.choices import Commodity, Flow, Unit
from energy.queries.use import Period
from lib import charts, formatting

MEASURED = 1
TONE_OF_COMMODITY: dict[str, str] = {
    Commodity.ELECTRICITY: "elec",
    Commodity.WATER: "water",
    Commodity.GAS: "gas",
    Commodity.HEAT: "heat",
    Commodity.STEAM: "heat",
    Commodity.COOLING: "chg",
    Commodity.ENVIRONMENT: "ref",
}
TONE_OF_FLOW: dict[str, str] = {
    Flow.GENERATION: "pv",
    Flow.CHARGE: "stor",
    Flow.DISCHARGE: "stor",
    Flow.EV_CHARGING: "chg",
}
LOADS: dict[str, str] = {
    Unit.KWH: "kW",
    Unit.KVARH: "kvar",
    Unit.CUBIC_METRE: "m³/h",
    Unit.GIGAJOULE: "GJ/h",
    Unit.TONNE: "t/h",
}
LARGER = {"kWh": "MWh", "kW": "MW", "kvarh": "Mvarh", "kvar": "Mvar"}
LARGE = 10_000
# Months below this are drawn as not certain.
COMPLETE_PERCENT = 95


@dataclass(frozen=True, slots=True)
class Measure:
    """In which unit figures are shown, and by what they are divided for it."""

    unit: str
    divisor: float = 1.0

    def of(self, value: float | None) -> float | None:
        return None if value is None else value / self.divisor

    def words(self, value: float | None) -> str:
        return formatting.NOTHING if value is None else figure(value / self.divisor)


@dataclass(frozen=True, slots=True)
class Scale:
    """Words below a curve: for equal slots, or at both ends and evenly between."""

    words: Sequence[str]
    by_slots: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """Loads to compare with, in the unit of those that they lie beside, over the same width."""

    values: Sequence[float | None]
    words: str


# What reactive energy is counted as, which a park is charged for beside the electricity.
REACTIVE: dict[str, Any] = {
    Flow.IMPORT: gettext_lazy("Reactive energy drawn"),
    Flow.EXPORT: gettext_lazy("Reactive energy fed in"),
}
# What electricity is counted as, said at once.
ELECTRICITY: dict[str, Any] = {
    Flow.IMPORT: gettext_lazy("Electricity drawn"),
    Flow.EXPORT: gettext_lazy("Electricity fed in"),
    Flow.GENERATION: gettext_lazy("Own generation"),
    Flow.CHARGE: gettext_lazy("Storage charged"),
    Flow.DISCHARGE: gettext_lazy("Storage discharged"),
    Flow.EV_CHARGING: gettext_lazy("Vehicle charging"),
}


def counted_words(commodity: str, flow: str, unit: str) -> str:
    """What is counted: of most commodities one way is enough to name."""
    if unit == Unit.KVARH:
        return str(REACTIVE.get(flow) or _named_with(_("Reactive energy"), flow))
    if commodity == Commodity.ELECTRICITY and flow in ELECTRICITY:
        return str(ELECTRICITY[flow])
    name = str(Commodity(commodity).label)
    if flow in {Flow.IMPORT, Flow.STATE}:
        return name
    return _named_with(name, flow)


def _named_with(name: str, flow: str) -> str:
    return _("%(commodity)s, %(flow)s") % {"commodity": name, "flow": str(Flow(flow).label).lower()}


def amount_words(flow: str) -> str:
    """The head of a column of amounts."""
    if flow == Flow.STATE:
        return _("Mean")
    return _("Use") if flow == Flow.IMPORT else str(Flow(flow).label)


def tone_of(commodity: str, flow: str) -> str:
    if commodity == Commodity.ELECTRICITY and flow in TONE_OF_FLOW:
        return TONE_OF_FLOW[flow]
    return TONE_OF_COMMODITY[commodity]


def measure(unit: str, highest: float | None) -> Measure:
    """The unit, or the next larger one where a figure would have more than four digits before its point.

    >>> measure("kWh", 162_600.0), measure("m³", 20_000.0).unit
    (Measure(unit='MWh', divisor=1000.0), 'm³')
    """
    if unit in LARGER and highest is not None and abs(highest) >= LARGE:
        return Measure(LARGER[unit], 1000.0)
    return Measure(unit)


def unit_words(unit: str) -> str:
    return str(Unit(unit).label)


def figure(value: float) -> str:
    """With as many decimals as leave four digits, of small ones three decimals at most.

    >>> figure(162.6), figure(12.306), figure(4321.0), figure(0.0)
    ('162.6', '12.31', '4,321', '0')
    """
    size = abs(value)
    places = 0 if size >= 1000 or not size else 1 if size >= 100 else 2 if size >= 1 else 3
    return formatting.number(value, places)


def mark_words(marks: Sequence[float]) -> list[str]:
    """The words of a scale from its upper end, all with the same decimals."""
    near = max(abs(marks[-1] - marks[0]) * 1e-6, 1e-15)
    every = range(charts.MARK_DECIMALS)
    fitting = (places for places in every if all(abs(mark - round(mark, places)) < near for mark in marks))
    places = next(fitting, charts.MARK_DECIMALS)
    return [formatting.number(mark, places) for mark in reversed(marks)]


def line_places(marks: Sequence[float]) -> list[str]:
    count = len(marks) - 1
    return [charts.percent(place / count * charts.SIDE) for place in range(count + 1)]


def load_chart(
    values: Sequence[float | None],
    flags: bytes,
    *,
    unit: str,
    tone: str,
    words: str,
    scale: Scale,
    over: int,
    reference: Reference | None = None,
) -> dict[str, Any]:
    """For `components/load_chart.html`. values: loads in `unit`; over: how many of their intervals are over."""
    measured = [value for value in values if value is not None]
    known = measured + [value for value in reference.values if value is not None] if reference else measured
    shown = measure(unit, max(map(abs, known), default=None))
    drawn = [shown.of(value) for value in values]
    lowest, highest = min(known, default=0.0) / shown.divisor, max(known, default=0.0) / shown.divisor
    marks = charts.marks(highest, lowest)
    certain = [flag == MEASURED for flag in flags]
    curve = charts.curve(drawn, certain, marks, over=over)
    highest = max(measured, default=0.0) / shown.divisor
    place = float(curve.highest[1].rstrip("%")) if curve.highest else 50.0
    return {
        "tone": tone,
        "unit": shown.unit,
        "marks": mark_words(marks),
        "lines": line_places(marks),
        "curve": curve,
        "scale": scale.words,
        "by_slots": scale.by_slots,
        "words": words,
        "highest": f"{figure(highest)}\u2009{shown.unit}" if measured else "",
        "reference": _reference_path(reference, shown, marks) if reference else "",
        "reference_words": reference.words if reference else "",
        "anchor": "start" if place < 12 else "end" if place > 88 else "middle",
        "has_measured": any(certain),
        "has_estimated": bool(curve.estimated),
        "has_missing": bool(curve.missing),
    }


def _reference_path(reference: Reference, shown: Measure, marks: Sequence[float]) -> str:
    values = [shown.of(value) for value in reference.values]
    return charts.curve(values, [True] * len(values), marks).solid


def bar_chart(periods: Sequence[Period], *, unit: str, tone: str, words: str, today: date) -> dict[str, Any]:
    """For `components/bar_chart.html`: months, hatched where they are not complete or not over."""
    totals = [period.total for period in periods]
    shown = measure(unit, max((total for total in totals if total is not None), default=None))
    marks = charts.marks(max((shown.of(total) or 0.0 for total in totals), default=0.0))
    pairs = [_pair(period, shown, today) for period in periods]
    return {
        "tone": tone,
        "unit": shown.unit,
        "marks": mark_words(marks),
        "lines": line_places(marks),
        "columns": charts.columns(pairs, marks),
        "scale": [month_words(period.starts_on) for period in periods],
        "words": words,
        "solid_words": _("complete") if any(pair and pair[0] for pair in pairs) else "",
        "hatched_words": _("not complete, or not over") if any(pair and pair[1] for pair in pairs) else "",
    }


def _pair(period: Period, shown: Measure, today: date) -> tuple[float, float] | None:
    total = shown.of(period.total)
    if total is None:
        return None
    return (total, 0.0) if is_certain(period, today) else (0.0, total)


def is_certain(period: Period, today: date) -> bool:
    """Whether a month is over and all but a few of its readings were measured."""
    percent = period.completeness_percent
    is_over = (period.starts_on.year, period.starts_on.month) < (today.year, today.month)
    return is_over and percent is not None and percent >= COMPLETE_PERCENT


def heat_chart(
    days: Sequence[Sequence[float | None]], months: Sequence[Period], *, factor: float, unit: str, tone: str, words: str
) -> dict[str, Any] | None:
    """For `components/heat_map.html`; None of a year without readings. factor: from a kept value to its load."""
    heats, ends = charts.heat_map(days)
    if ends is None:
        return None
    shown = measure(unit, ends[1] * factor)
    starts = [period.starts_on for period in months]
    following = [*starts[1:], date(starts[-1].year + 1, 1, 1)]
    return {
        "tone": tone,
        "heats": heats,
        "days": len(days),
        "months": [
            {"word": month_words(start), "days": (end - start).days}
            for start, end in zip(starts, following, strict=True)
        ],
        "lowest": shown.words(ends[0] * factor),
        "highest": shown.words(ends[1] * factor),
        "unit": shown.unit,
        "words": words,
    }


def estimated_words(period: Period) -> str:
    """The share that stands in for readings, where there is any."""
    share = period.estimated_percent
    return _("%(percent)s estimated") % {"percent": formatting.percent(share)} if share else ""


def month_words(month: date) -> str:
    return date_format(month, "n月" if formatting.speaks_chinese() else "M")


def day_words(day: date) -> str:
    return date_format(day, "D") + f" {day.day}"


def clock_words(moment: datetime) -> str:
    return moment.strftime("%H:%M")
