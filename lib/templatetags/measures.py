"""Tags that draw figures: measure lines, bars by day, the SLA clock, completeness. Taken over by ui."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lib import formatting, measures
from lib.icons import icon_svg

register = template.Library()

LINE_HEIGHTS = {"thin": 4, "line": 6, "subject": 14}
TICK_OVERHANG = 4
LOW_COMPLETENESS = 98


@register.inclusion_tag("components/hatch_patterns.html")
def hatch_patterns() -> dict[str, Any]:
    """The hatches of the page, once in its frame."""
    return {"hatch_tones": sorted(measures.TONES)}


@register.inclusion_tag("components/measure_line.html")
def measure_line(
    parts: Iterable[Mapping[str, Any]] | formatting.Figure,
    maximum: formatting.Figure,
    label: str,
    *,
    hatched: formatting.Figure = 0,
    limit: formatting.Figure | None = None,
    size: str = "line",
    tone: str = "accent",
) -> dict[str, Any]:
    """A line whose whole length is `maximum`; `label` says it in words.

    `parts` is the solid value itself, followed by `hatched`, or a list of
    {value, tone, hatched, label}. `limit` draws the tick. size: thin, line or subject.
    """
    stretches = parts if isinstance(parts, list | tuple) else _solid_and_hatched(parts, hatched, tone)
    return _line(measures.lay_out(stretches, maximum), label, LINE_HEIGHTS[size]) | {
        "limit": None if limit is None else measures.percent_of(limit, maximum)
    }


def _solid_and_hatched(solid: Any, hatched: Any, tone: str) -> list[dict[str, Any]]:
    parts = [{"value": solid or 0, "tone": tone}]
    return [*parts, {"value": hatched, "tone": tone, "hatched": True}] if hatched else parts


def _line(parts: list[measures.Part], label: str, height: int) -> dict[str, Any]:
    top = (14 - height) // 2
    # The tick stands out above and below; a line that is the subject has no room, the drawing overflows.
    return {
        "parts": parts,
        "label": label,
        "height": height,
        "top": top,
        "tick_top": top - TICK_OVERHANG,
        "tick_height": height + 2 * TICK_OVERHANG,
    }


@register.inclusion_tag("components/day_bars.html")
def day_bars(
    values: Sequence[formatting.Figure | None],
    slots: int | None = None,
    tone: str = "accent",
    hatched: Iterable[int] | None = None,
    label: str = "",
) -> dict[str, Any]:
    """Small bars, one a value; `slots` leaves room for the days to come, `hatched` are the places of estimates."""
    return {
        "bars": measures.bars_of(values, slots or len(values), hatched or ()),
        "tone": tone or "ref",
        "label": label,
    }


@register.simple_tag
def sla_clock(words: str, used: formatting.Figure, state: str = "mute") -> SafeString:
    """The time left in words and the share used in percent; state "warn" within a working day, "bad" when over.

    Words first, the line fills as time runs. Not a template: every row of a queue has one.
    """
    share = round(float(measures.share(used, 100)) * 100, 1)
    return format_html(
        '<span class="sla sla-{}"><span class="sla-words">{}{}</span>'
        '<progress class="thin-progress" max="100" value="{}" aria-label="{}">{} %</progress></span>',
        state,
        icon_svg("alert-triangle") if state == "bad" else "",
        words,
        share,
        _("Time used"),
        share,
    )


@register.inclusion_tag("components/completeness.html")
def completeness(percent: formatting.Figure | None, minimum: int = LOW_COMPLETENESS) -> dict[str, Any]:
    """How much of the readings is there; under the minimum the missing part is hatched in amber."""
    if percent is None:
        return {"words": formatting.NOTHING, "low": False} | _line([], _("no readings"), 4)
    low = percent < minimum
    tone = "elec" if low else "accent"
    parts = _solid_and_hatched(percent, 100 - percent if low else 0, tone)
    words = formatting.percent(percent)
    return {"words": words, "low": low} | _line(measures.lay_out(parts, 100), words, 4)


@register.filter
def numeric_column(columns: Sequence[Mapping[str, Any]], place: int) -> bool:
    """Whether the column at this place holds numbers and is set to the right."""
    return place < len(columns) and bool(columns[place].get("number"))
