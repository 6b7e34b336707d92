"""What the load curve of a channel is compared with: another day, week or month of it, or another channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from energy.models import Channel
from energy.queries import use
from energy.views import drawing
from energy.views.drawing import Reference
from lib import formatting
from parks.requests import ActingRequest

if TYPE_CHECKING:
    from energy.views.channels import Shown

MOST_CHANNELS = 100
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Beside:
    """What is drawn beside the curve, and the period of it."""

    other: Shown
    words: str

    def drawn(self, shown: Shown) -> Reference:
        """Interval by interval from the beginning on, where both are of the same length; else over the same width."""
        values: list[float | None] = list(self.other.loads)
        if self.other.channel.interval_minutes == shown.channel.interval_minutes:
            count = len(shown.values)
            values = (values + [None] * count)[:count]
        return Reference(values, self.words)


def asked(request: ActingRequest, shown: Shown, show: Callable[..., Shown]) -> Beside | None:
    """What `?with=` (a day) and `?beside=` (a channel of the same unit that the actor sees) ask for."""
    day, channel = _day(request.GET.get("with", "")), _channel(request, shown)
    if day is None and channel is None:
        return None
    other = show(channel or shown.channel, shown.view, day or shown.starts_on, shown.zone_name)
    period = _period_words(other)
    return Beside(other, f"{_channel_words(channel)}, {period}" if channel else period)


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _channel(request: ActingRequest, shown: Shown) -> Channel | None:
    try:
        wanted = UUID(request.GET.get("beside", ""))
    except ValueError:
        return None
    rows = Channel.objects.visible_to(request.actor).select_related("meter")
    return rows.filter(unit=shown.channel.unit, pk=wanted).first()


def _channel_words(channel: Channel) -> str:
    counted = drawing.counted_words(channel.meter.commodity, channel.flow, channel.unit)
    return f"{channel.meter.name} · {counted}"


def _period_words(shown: Shown) -> str:
    if shown.view == "day":
        return formatting.day(shown.starts_on)
    last = shown.ends_on - timedelta(days=1)
    return _("%(first)s to %(last)s") % {"first": formatting.day(shown.starts_on), "last": formatting.day(last)}


def offered(request: ActingRequest, shown: Shown, beside: Beside | None) -> dict[str, Any]:
    """For `energy/_comparison.html`: what one may choose, and what is chosen with its total."""
    rows = Channel.objects.visible_to(request.actor).filter(unit=shown.channel.unit).exclude(pk=shown.channel.pk)
    own = rows.filter(enterprise=shown.channel.meter.enterprise).select_related("meter").order_by("meter__name", "pk")
    is_other = beside is not None and beside.other.channel.pk != shown.channel.pk
    return {
        "channels": [{"pk": row.pk, "words": _channel_words(row)} for row in own[:MOST_CHANNELS]],
        "channel_id": beside.other.channel.pk if beside and is_other else None,
        "day": beside.other.starts_on if beside and beside.other.starts_on != shown.starts_on else None,
        "presets": [
            {"label": label, "url": f"?view={shown.view}&on={shown.starts_on.isoformat()}&with={day.isoformat()}"}
            for label, day in _presets(shown)
        ],
        "words": _sum_words(beside) if beside else "",
        "rest": f"&beside={beside.other.channel.pk}" if beside and is_other else "",
    }


def _presets(shown: Shown) -> list[tuple[str, date]]:
    first = shown.starts_on
    if shown.view == "month":
        return [
            (_("the month before"), use.months_before(first, 2)[0]),
            (_("a year before"), use.months_before(first, 13)[0]),
        ]
    week, year = timedelta(days=7), timedelta(days=364)
    named = [(_("a week before"), first - week), (_("the same weekday a year before"), first - year)]
    return [(_("the day before"), first - timedelta(days=1)), *named] if shown.view == "day" else named


def _sum_words(beside: Beside) -> str:
    """The total of what is compared with, and how complete it is."""
    period = beside.other.period()
    measure = drawing.measure(beside.other.unit, period.total)
    complete = period.completeness_percent
    told = f"{beside.words}: {measure.words(period.total)}\u2009{measure.unit}"
    if complete is None:
        return told
    return _(", ").join([told, _("%(percent)s complete") % {"percent": formatting.percent(complete)}])
