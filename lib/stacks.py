"""Layers of values on one another, as paths in a square of 1000: what a sum is made of, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lib.charts import SIDE, Value


def stacked(layers: Sequence[Sequence[Value]], top: float) -> list[str]:
    """A path for each layer, the first at the foot. top: the value at the upper edge.

    Each value is as wide as its interval. A layer without a value adds nothing; where no layer has one is a gap.

    >>> stacked([[1.0, 1.0], [2.0, None]], 4.0)
    ['M0 1000L0 750L500 750L500 750L1000 750L1000 1000L500 1000L500 1000L0 1000Z', \
'M0 750L0 250L500 250L500 750L1000 750L1000 750L500 750L500 750L0 750Z']
    """
    count = max(map(len, layers), default=0)
    known = [any(layer[place] is not None for layer in layers) for place in range(count)]
    width = SIDE / max(count, 1)
    floors = [0.0] * count
    paths = []
    for layer in layers:
        heads = [floor + max(value or 0.0, 0.0) for floor, value in zip(floors, layer, strict=True)]
        parts = []
        for is_known, run in groupby(range(count), key=known.__getitem__):
            if is_known:
                parts.append(_area(list(run), floors, heads, width, top))
        paths.append("".join(parts))
        floors = heads
    return paths


def _area(places: Sequence[int], floors: Sequence[float], heads: Sequence[float], width: float, top: float) -> str:
    upper = [point for place in places for point in _step(place, heads[place], width, top)]
    lower = [point for place in reversed(places) for point in reversed(_step(place, floors[place], width, top))]
    first = (places[0] * width, _down(floors[places[0]], top))
    return "M" + "L".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in [first, *upper, *lower]) + "Z"


def _step(place: int, value: float, width: float, top: float) -> list[tuple[float, float]]:
    y = _down(value, top)
    return [(place * width, y), ((place + 1) * width, y)]


def _down(value: float, top: float) -> float:
    return (1 - value / top) * SIDE
