"""A Sankey drawing: columns of nodes, and bands between them whose width is what flows.

Places are thousandths of the drawing's width and height, paths lie in a square of 1000. A node has room for its words
even where it is thin, so all bands share the scale that lets the fullest column fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lib.charts import SIDE, percent


class Flow(NamedTuple):
    """From a node of one column to one of the next."""

    source: str
    target: str
    value: float
    tone: str


@dataclass(frozen=True, slots=True)
class Box:
    """A node: where it stands from the top, in percent of the height, and its middle."""

    key: str
    column: int
    y: str
    height: str
    middle: str


class Band(NamedTuple):
    tone: str
    path: str


def drawn(
    columns: Sequence[Sequence[tuple[str, float]]], flows: Sequence[Flow], *, least: float = 64.0
) -> tuple[list[Box], list[Band]]:
    """Boxes and bands of nodes given by key and value, from the top. least: the room of a node's words, in thousandths.

    A flow is only drawn from one column to the next.

    >>> flows = [Flow("a", "c", 3.0, "elec"), Flow("b", "c", 1.0, "pv")]
    >>> boxes, bands = drawn([[("a", 3.0), ("b", 1.0)], [("c", 4.0)]], flows)
    >>> [(box.key, box.y, box.height) for box in boxes]
    [('a', '0%', '75%'), ('b', '75%', '25%'), ('c', '0%', '100%')]
    >>> bands[1]
    Band(tone='pv', path='M0 750C500 750 500 750 1000 750L1000 1000C500 1000 500 1000 0 1000Z')
    """
    scale = min((_scale([value for _key, value in column], least) for column in columns if column), default=0.0)
    tops: dict[str, float] = {}
    boxes = []
    for number, column in enumerate(columns):
        slots = [max(value * scale, least) for _key, value in column]
        top = (SIDE - sum(slots)) / 2
        for (key, value), slot in zip(column, slots, strict=True):
            height = value * scale
            tops[key] = top + (slot - height) / 2
            middle = percent(top + slot / 2)
            boxes.append(Box(key, number, percent(tops[key]), percent(height), middle))
            top += slot
    return boxes, _bands(columns, flows, tops, scale)


def _scale(values: Sequence[float], least: float) -> float:
    """How many thousandths a unit may take so that all nodes of a column fit."""
    if not any(values) or len(values) * least >= SIDE:
        return 0.0
    thin: set[int] = set()
    while True:
        thick = [value for place, value in enumerate(values) if place not in thin]
        if not thick or not sum(thick):
            return 0.0
        scale = (SIDE - len(thin) * least) / sum(thick)
        more = {place for place, value in enumerate(values) if value * scale < least} - thin
        if not more:
            return scale
        thin |= more


def _bands(
    columns: Sequence[Sequence[tuple[str, float]]], flows: Sequence[Flow], tops: dict[str, float], scale: float
) -> list[Band]:
    column_of = {key: number for number, column in enumerate(columns) for key, _value in column}
    order = {key: place for column in columns for place, (key, _value) in enumerate(column)}
    width = SIDE / max(len(columns) - 1, 1)
    out = dict(tops)
    into = dict(tops)
    starts: dict[Flow, float] = {}
    ends: dict[Flow, float] = {}
    for flow in sorted(flows, key=lambda flow: order[flow.target]):
        starts[flow] = out[flow.source]
        out[flow.source] += flow.value * scale
    for flow in sorted(flows, key=lambda flow: order[flow.source]):
        ends[flow] = into[flow.target]
        into[flow.target] += flow.value * scale
    return [
        Band(flow.tone, _band(column_of[flow.source] * width, width, starts[flow], ends[flow], flow.value * scale))
        for flow in flows
    ]


def _band(left: float, width: float, start: float, end: float, thick: float) -> str:
    right, half = left + width, left + width / 2
    upper = f"M{_n(left)} {_n(start)}C{_n(half)} {_n(start)} {_n(half)} {_n(end)} {_n(right)} {_n(end)}"
    low, foot = end + thick, start + thick
    return f"{upper}L{_n(right)} {_n(low)}C{_n(half)} {_n(low)} {_n(half)} {_n(foot)} {_n(left)} {_n(foot)}Z"


def _n(number: float) -> str:
    return f"{round(number, 1):g}"
