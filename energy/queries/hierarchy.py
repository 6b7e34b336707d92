"""Head meters with those below them as a tree, and what is lost between them in a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from energy.calculations.balance import losses_percent, signs_of
from energy.choices import ChannelKind, Unit
from energy.models import Channel, Meter, MonthTotal, SubMeter
from energy.queries.counted_once import days_together
from energy.queries.use import Period, expected_intervals, next_month
from parks.actors import Actor

UNITS = tuple(Unit)


@dataclass(eq=False)
class Node:
    """A meter at its place for some days of a month; `below` are those that hang below it then.

    `use` is what passed it on those days, `below_use` what passed those below together; None where none hangs there.
    """

    meter: Meter
    starts_on: date
    ends_on: date
    depth: int = 0
    placement: SubMeter | None = None
    unit: str = ""
    use: Period = field(default_factory=lambda: Period(date.min))
    below: list[Node] = field(default_factory=list)

    @property
    def below_use(self) -> Period | None:
        if not self.below:
            return None
        together = Period(self.starts_on)
        for node in self.below:
            _add(together, node.use, 1)
        return together

    @property
    def lost(self) -> float | None:
        """What the head meter counted more than those below it."""
        below = self.below_use
        if below is None or below.total is None or self.use.total is None:
            return None
        return self.use.total - below.total

    @property
    def lost_percent(self) -> float | None:
        below = self.below_use
        if below is None or below.total is None or self.use.total is None:
            return None
        return losses_percent(self.use.total, below.total)

    @property
    def completeness_percent(self) -> float | None:
        """Of the meter alone; of a head meter that of the less complete side, as the difference is no surer."""
        own, below = self.use.completeness_percent, self.below_use
        if below is None:
            return own
        return min((each for each in (own, below.completeness_percent) if each is not None), default=None)

    def walk(self) -> Iterator[Node]:
        """The node, and all below it, each head before those below."""
        yield self
        for node in self.below:
            yield from node.walk()


@dataclass(frozen=True, slots=True)
class Part:
    """What one channel adds to what passes a meter, of the days from `starts_on` up to, not including, `ends_on`."""

    channel: Channel
    sign: int
    starts_on: date
    ends_on: date


def _add(to: Period, what: Period, sign: int) -> None:
    if what.total is not None:
        to.total = (to.total or 0.0) + sign * what.total
    to.present += what.present
    to.measured += what.measured
    to.expected += what.expected


def unit_of(channels: Iterable[Channel]) -> str:
    """In what a meter tells what passes it: kWh before others."""
    units = {channel.unit for channel in channels if signs_of([channel.flow]) and channel.unit != Unit.KVARH}
    return min(units, key=UNITS.index, default="")


def passing(channels: Sequence[Channel], unit: str) -> list[tuple[Channel, int]]:
    """The channels of a meter that tell what passes it, each with its sign.

    A register counts nothing besides where the intervals of the same flow are counted, nor does what is worked out.
    """
    own = [row for row in channels if row.unit == unit and row.kind in (ChannelKind.INTERVAL, ChannelKind.REGISTER)]
    by_interval = {row.flow for row in own if row.kind == ChannelKind.INTERVAL}
    signs = signs_of({row.flow for row in own})
    return [
        (row, signs[row.flow])
        for row in own
        if row.flow in signs and (row.kind == ChannelKind.INTERVAL or row.flow not in by_interval)
    ]


def tree_of(actor: Actor, month: date, zone_name: str, today: date) -> list[Node]:
    """The head meters of a month that hang below none, with all below them. Four statements, however many there are."""
    behind = next_month(month)
    placements = list(
        SubMeter.objects.visible_to(actor)
        .between(month, behind)
        .select_related("meter__enterprise", "head__enterprise")
        .order_by("meter__name", "meter__serial", "starts_on")
    )
    roots = _roots(placements, month, behind)
    _fill(roots, zone_name, month, behind, today)
    return roots


def node_of(actor: Actor, meter: Meter, month: date, zone_name: str, today: date) -> Node:
    """One meter with those right below it, whatever it hangs below itself."""
    behind = next_month(month)
    rows = SubMeter.objects.visible_to(actor).filter(head=meter).between(month, behind)
    node = Node(meter, month, behind)
    for row in rows.select_related("meter__enterprise").order_by("meter__name", "starts_on"):
        node.below.append(Node(row.meter, *_common(row, month, behind), 1, row))
    _fill([node], zone_name, month, behind, today)
    return node


def head_of(actor: Actor, meter: Meter, day: date) -> SubMeter | None:
    """Below what it hangs from a day on, as far as the actor may see it; also what only begins later."""
    rows = SubMeter.objects.visible_to(actor).filter(meter=meter).between(day, date.max)
    return rows.select_related("head").order_by("starts_on").first()


def _common(row: SubMeter, first: date, behind: date) -> tuple[date, date]:
    return max(row.starts_on, first), min(row.ends_on or date.max, behind)


def _roots(placements: Sequence[SubMeter], month: date, behind: date) -> list[Node]:
    by_head: dict[UUID, list[SubMeter]] = defaultdict(list)
    by_meter: dict[UUID, list[SubMeter]] = defaultdict(list)
    for row in placements:
        by_head[row.head_id].append(row)
        by_meter[row.meter_id].append(row)
    heads = {row.head_id: row.head for row in placements}

    def hang(node: Node) -> Node:
        for row in by_head[node.meter.pk]:
            first, last = _common(row, node.starts_on, node.ends_on)
            if first < last:
                node.below.append(hang(Node(row.meter, first, last, node.depth + 1, row)))
        return node

    roots = []
    for head_id, head in heads.items():
        for first, last in _free(by_meter[head_id], month, behind):
            node = hang(Node(head, first, last))
            if node.below:
                roots.append(node)
    return sorted(roots, key=lambda node: (node.meter.name, node.meter.serial, node.starts_on))


def _free(placements: Iterable[SubMeter], month: date, behind: date) -> Iterator[tuple[date, date]]:
    """The days of the month on which a meter hangs below none."""
    since = month
    for row in sorted(placements, key=lambda row: row.starts_on):
        if since < row.starts_on:
            yield since, row.starts_on
        since = max(since, row.ends_on or behind)
    if since < behind:
        yield since, behind


def _fill(roots: Sequence[Node], zone_name: str, month: date, behind: date, today: date) -> None:
    """Write into each node what passed it."""
    nodes = [node for root in roots for node in root.walk()]
    meters = {node.meter.pk: node.meter for node in nodes}
    if not meters:
        return
    channels: dict[UUID, list[Channel]] = defaultdict(list)
    for channel in Channel.objects.filter(meter_id__in=list(meters)).order_by("code", "pk"):
        channel.meter = meters[channel.meter_id]
        channels[channel.meter_id].append(channel)
    parts: list[tuple[Node, Part]] = []
    for root in roots:
        unit = unit_of(channels[root.meter.pk]) or unit_of(
            channel for node in root.walk() for channel in channels[node.meter.pk]
        )
        for node in root.walk():
            node.unit, node.use = unit, Period(node.starts_on)
            for channel, sign in passing(channels[node.meter.pk], unit):
                parts.append((node, Part(channel, sign, node.starts_on, node.ends_on)))
    park_id = nodes[0].meter.park_id
    for (node, part), period in zip(parts, uses([part for _node, part in parts], park_id, month, behind), strict=True):
        service = (part.channel.service_starts_on, part.channel.service_ends_on)
        until = min(part.ends_on, today)
        minutes = part.channel.interval_minutes
        period.expected = expected_intervals(part.starts_on, until, service, minutes, zone_name)
        _add(node.use, period, part.sign)


def uses(parts: Sequence[Part], park_id: int, month: date, behind: date) -> list[Period]:
    """What each part comes to: from the month where it is whole, else from its days. Two statements."""
    periods = [Period(part.starts_on) for part in parts]
    whole = [place for place, part in enumerate(parts) if (part.starts_on, part.ends_on) == (month, behind)]
    ids = [parts[place].channel.pk for place in whole]
    kept = MonthTotal.objects.filter(park_id=park_id, month=month, channel_id__in=ids)
    columns = ("channel_id", "total", "present_count", "measured_count")
    of_month = {row[0]: row[1:] for row in kept.values_list(*columns)}
    for place in whole:
        _know(periods[place], *of_month.get(parts[place].channel.pk, (None, 0, 0)))
    cut = sorted(set(range(len(parts))) - set(whole))
    spans = [(parts[place].channel.pk, parts[place].starts_on, parts[place].ends_on) for place in cut]
    for place, told in zip(cut, days_together(park_id, spans), strict=True):
        _know(periods[place], *told)
    return periods


def _know(period: Period, total: float | None, present: int, measured: int) -> None:
    period.total, period.present, period.measured = total, present, measured
